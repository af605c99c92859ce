"""The embedder: texts as vectors, in a process of its own that other processes ask (docs/embeddings.md)."""
