"""Galaxy as an OAuth 2.1 authorization server: apps that people connect, and the tokens these apps get (docs/oauth.md).

django-oauth-toolkit keeps the rows and speaks the protocol; here is what it leaves open: tokens for one resource each, the
consent page, who an app may say it is, what happens when a code or token is shown twice, and what is told to the audit.
"""
