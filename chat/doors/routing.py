"""The socket addresses of chat."""

from django.urls import path, re_path

from chat.doors.consumers import ChatConsumer, nowhere

urlpatterns = [path("ws/chat", ChatConsumer.as_asgi()), re_path("", nowhere)]  # type: ignore[arg-type]  # a socket, not a page
