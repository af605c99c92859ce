"""The built-in tools, a file for each."""
