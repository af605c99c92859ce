"""Logging: redaction of lines, and output that never blocks a request."""
