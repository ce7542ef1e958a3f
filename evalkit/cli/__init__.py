"""The command line of evalkit: thin commands that parse, call and print."""

from evalkit.cli.app import main

__all__ = ["main"]
