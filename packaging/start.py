"""Where the folder made by PyInstaller starts."""

from multiprocessing import freeze_support

from reportgen.cli import main

if __name__ == "__main__":
    freeze_support()  # the processes of a batch are this program too
    main()
