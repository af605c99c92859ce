"""Galaxy as an OAuth 2.1 authorization server: apps that people connect, and their tokens (docs/oauth.md).

django-oauth-toolkit stores the rows and implements the protocol. This package adds the rest: tokens for one resource each, the
consent page, the names that apps may show, the reaction to a code or token used twice, and the audit.
"""
