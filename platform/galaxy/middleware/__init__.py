"""Layers between the server and the views: body limits, error responses, writes that outlive their client."""
