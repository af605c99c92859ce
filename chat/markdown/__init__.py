"""Markdown of a model, which nobody trusts, as safe HTML: the same for history pages and for streams."""
