"""The log of a run: numbered in the runner, a Redis stream while the run lives, rows for good."""
