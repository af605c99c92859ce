"""Diagnosis: the checks of `manage.py doctor`, and those that Django runs at every start."""
