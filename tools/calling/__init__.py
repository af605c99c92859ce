"""The steps of a call, in the order in which `tools.calls` takes them."""
