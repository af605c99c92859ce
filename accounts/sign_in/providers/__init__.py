"""Sign-in through providers: any OpenID Connect issuer, GitHub, Google (docs/sign-in.md). Configured by environment."""
