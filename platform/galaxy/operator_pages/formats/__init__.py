"""Formats of dates where no template sets one: in the operators' pages, as in the portal."""
