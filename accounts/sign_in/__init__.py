"""Signing in by password, link, passkey or provider, with a second factor, through django-allauth (docs/sign-in.md)."""
