"""The addresses of chat's pages and of their fragments."""

from django.urls import path

from chat import changes, views

app_name = "chat"
urlpatterns = [
    path("", views.new, name="new"),
    path("conversations", views.conversations, name="conversations"),
    path("c/<uuid:conversation_id>", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages", views.messages, name="messages"),
    path("c/<uuid:conversation_id>/messages/<uuid:message_id>", views.message, name="message"),
    path("c/<uuid:conversation_id>/rename", changes.rename, name="rename"),
    path("c/<uuid:conversation_id>/delete", changes.delete, name="delete"),
    path("c/<uuid:conversation_id>/stop", changes.stop, name="stop"),
    path("c/<uuid:conversation_id>/continue", changes.proceed, name="continue"),
]
