"""Every door, tried by everybody."""
