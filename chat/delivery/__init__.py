"""How the log of a run reaches those who follow it."""
