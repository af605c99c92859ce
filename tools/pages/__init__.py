"""Contents of the pages of tools."""
