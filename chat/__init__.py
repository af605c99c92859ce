"""Conversations, the runs that make answers, and the models that are asked."""
