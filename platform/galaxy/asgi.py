"""The ASGI application: Django for pages and REST behind a body limit, Channels for sockets behind an Origin check."""

from typing import cast

from asgiref.typing import ASGI3Application
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from accounts.identity.origins import OwnOriginOnly  # noqa: E402  the apps must be loaded first
from accounts.identity.proxy import TrustedProxy  # noqa: E402
from chat.doors.routing import urlpatterns  # noqa: E402
from galaxy.middleware.body_limits import LimitedBodies  # noqa: E402

application = TrustedProxy(
    ProtocolTypeRouter(
        {"http": LimitedBodies(cast(ASGI3Application, pages)), "websocket": OwnOriginOnly(URLRouter(urlpatterns))}
    )
)
