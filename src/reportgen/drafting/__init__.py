"""Word documents that the program itself lays out: a first template, the list of names."""
