"""The addresses of tools: plain HTTP, and what calls made."""

from django.urls import path

from tools.doors import files, pages, plain

app_name = "tools"
urlpatterns = [
    path("tools", pages.page, name="page"),
    path("tools/list", plain.list_tools, name="list"),
    path("tools/call", plain.call_tool, name="call"),
    path("tools/<slug:tool_name>", pages.tool, name="tool"),
    path("tools/<slug:tool_name>/calls/<slug:call_id>", pages.decide, name="decide"),
    path("tools/<slug:tool_name>/calls/<slug:call_id>/cancel", pages.cancel, name="cancel"),
    path("tools/<slug:tool_name>/approvals/<int:approval_id>", pages.revoke, name="revoke"),
    path("artifacts/<uuid:artifact_id>/<int:number>", files.artifact, name="artifact"),
]
