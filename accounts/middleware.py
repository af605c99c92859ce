"""Sign-in that happens on the way in, before any view."""
