"""Delivery of the log of a run to those who follow it."""
