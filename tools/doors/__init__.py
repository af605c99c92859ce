"""Entry points of tools: REST, plain HTTP, pages, files."""
