"""The vault: `store` stores and reveals secrets, the rest is how (docs/secrets.md). Its keys are read before Django loads."""
