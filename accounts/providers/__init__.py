"""Signing in through somebody else: any OpenID Connect issuer, GitHub, Google (docs/sign-in.md). Set up by environment."""
