"""The URLs below `/v1/`, for clients of OpenAI's API."""

from django.urls import path

from chat.doors.openai import views

app_name = "openai"
urlpatterns = [
    path("models", views.models, name="models"),
    path("models/<path:name>", views.model, name="model"),
    path("chat/completions", views.completions, name="completions"),
    path("embeddings", views.embeddings, name="embeddings"),
]
