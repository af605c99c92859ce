"""Every door, tried by everyone."""
