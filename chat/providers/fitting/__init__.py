"""Fitting a request to its model: one that takes no system message, or no tools, is asked in another way (`ways`)."""
