"""Supervision of processes: starting, watching, restarting and stopping the parts of an installation."""
