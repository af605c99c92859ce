"""An app with tools for tests: they do what is asked of them, and write down that they did."""
