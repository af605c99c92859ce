"""Untrusted Markdown of a model as safe HTML: the same for history pages and for streams."""
