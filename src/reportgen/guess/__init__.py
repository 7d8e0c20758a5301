"""A form guessed from a workbook that nobody made for it; what is doubtful becomes a question."""
