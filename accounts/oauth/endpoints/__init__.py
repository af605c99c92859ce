"""Endpoints of the authorization server: consent, tokens, metadata, and the challenge that leads to them."""
