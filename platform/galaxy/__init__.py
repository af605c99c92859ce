"""The roof: wiring only. It imports every app, and no app imports it."""

__version__ = "0.1.0"
