"""The ASGI application: pages and REST by Django, sockets by Channels behind the Origin check."""

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from chat.sockets import urlpatterns  # noqa: E402  the apps must be loaded first

application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(URLRouter(urlpatterns))})
