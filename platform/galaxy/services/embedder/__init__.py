"""The embedder: a process that turns texts into vectors for all others (docs/embeddings.md)."""
