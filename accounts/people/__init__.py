"""People: creating, inviting and removing them, and their own data."""
