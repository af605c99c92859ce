"""The loop from model to tools to model (`answer`), its tools and calls, and the bounds that end it. Pure of rows."""
