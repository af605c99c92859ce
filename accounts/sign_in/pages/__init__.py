"""Pages for signing in, and for a person's sign-in methods and sessions."""
