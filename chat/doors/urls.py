"""The addresses of chat's pages and of their fragments."""

from django.urls import path

from chat.doors import component_pages, form_actions, fragments, usage, views

app_name = "chat"
urlpatterns = [
    path("", views.new, name="new"),
    path("conversations", fragments.conversations, name="conversations"),
    path("settings/usage", usage.usage, name="usage"),
    path("models", fragments.models, name="models"),
    path("c/<uuid:conversation_id>", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/messages", views.messages, name="messages"),
    path("c/<uuid:conversation_id>/messages/<uuid:message_id>", views.message, name="message"),
    path(
        "c/<uuid:conversation_id>/messages/<uuid:message_id>/components/<path:component>",
        component_pages.component_page,
        name="component",
    ),
    path("c/<uuid:conversation_id>/artifacts", fragments.artifacts, name="artifacts"),
    path("c/<uuid:conversation_id>/follow-ups", fragments.follow_ups, name="follow-ups"),
    path("c/<uuid:conversation_id>/approvals", fragments.approvals, name="approvals"),
    path("c/<uuid:conversation_id>/rename", form_actions.rename, name="rename"),
    path("c/<uuid:conversation_id>/delete", form_actions.delete, name="delete"),
    path("c/<uuid:conversation_id>/restore", form_actions.restore, name="restore"),
    path("c/<uuid:conversation_id>/stop", form_actions.stop, name="stop"),
    path("c/<uuid:conversation_id>/continue", form_actions.proceed, name="continue"),
]
