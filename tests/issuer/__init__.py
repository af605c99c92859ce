"""A small OpenID provider and a small GitHub, as real servers: discovery, codes with PKCE, signed ID tokens, user info."""

from tests.issuer.server import Issuer

__all__ = ["Issuer"]
