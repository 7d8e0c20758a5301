"""What is said of all units together: the form of the batch, 汇总.xlsx, the batch's Word reports."""
