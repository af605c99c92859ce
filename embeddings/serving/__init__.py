"""The embedder's process: a socket, the models behind it, and what waits for them."""
