"""Configuration: environment, paths, generated secrets, and the settings of the authorization server."""
