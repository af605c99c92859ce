"""This process's hub: the one reader that all its sockets and event streams share."""

from chat.delivery.hub import Hub

hub = Hub()
