"""Second factors: authenticator app, recovery codes and passkeys."""
