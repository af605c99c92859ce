"""Identity: the person behind a request or a socket, found from its credentials (start with `callers`)."""
