"""Ways to ask a model. Each is a `Provider` (see `base`); the rest of chat does not know which it talks to."""
