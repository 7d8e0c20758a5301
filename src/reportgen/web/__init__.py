"""The page of ``reportgen serve``: what the command line does, for people who open a browser."""
