"""The command line: argument parsing; every command is one library call."""

from invdeconv.cli._main import main

__all__ = ["main"]
