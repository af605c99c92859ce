"""A stand-in for model providers: their true wire formats over real HTTP, with answers scripted by the question."""
