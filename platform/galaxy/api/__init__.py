"""The REST API: its routers, its OpenAPI document, and the page that shows it."""
