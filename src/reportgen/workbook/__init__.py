"""The workbook that a unit fills in: laid out, written, read."""
