"""The answers of every door to everyone. A door without an entry here fails the test: say what it must do before it opens.

An answer is an HTTP status; for a socket, the close code, the status of the first frame or the code of its error.
"""

from typing import Any, NamedTuple

Answer = int | str
Answers = dict[str, Answer]

# An app's token is as good as the person's own, where it was issued for; elsewhere it is no one's.
SAME_AS = {"app": "whole token", "app elsewhere": "expired token"}
NOBODY = ("anonymous", "suspended", "expired token")
TOKENS = ("whole token", "narrow token", "expired token")
PEOPLE = ("stranger", "viewer", "owner", "operator", "other tenant")
STRANGERS = ("stranger", "operator", "other tenant")  # what people talk about is not for operators


class Door(NamedTuple):
    """One way in. `body` is what is sent: JSON to REST, a form to a page, a payload to the socket."""

    answers: Answers
    body: dict[str, Any] | None = None
    query: str = ""
    answers_itself: bool = True  # an action that says nothing when it is done is followed by a ping


def _same(names: tuple[str, ...], answer: Answer) -> Answers:
    return dict.fromkeys(names, answer)


def rest_thing(owner: int, viewer: int) -> Answers:
    """A thing by REST: strangers are not told that it exists."""
    known = {"owner": owner, "whole token": owner, "viewer": viewer, "narrow token": 403}
    return _same(NOBODY, 401) | _same(STRANGERS, 404) | known


def rest_own(status: int) -> Answers:
    """One's own things by REST, whoever one is."""
    return (
        _same(NOBODY, 401)
        | _same(("stranger", "viewer", "owner", "operator", "other tenant", "whole token"), status)
        | {"narrow token": 403}
    )


def rest_listed(status: int) -> Answers:
    """Lists for which the scope `tools:list` is enough."""
    return rest_own(status) | {"narrow token": status}


def rest_session(status: int) -> Answers:
    """REST for a person who is signed in: no token decides about sign-in and secrets."""
    return rest_own(status) | {"whole token": 403}


def page_thing(owner: int, viewer: int) -> Answers:
    """A page about a thing. No one and tokens are sent to the sign-in page."""
    return _same((*NOBODY, *TOKENS), 302) | _same(STRANGERS, 404) | {"owner": owner, "viewer": viewer}


def form_thing(owner: int, viewer: int) -> Answers:
    """A form about a thing: a program has no token of the page's (CSRF), and is refused for that."""
    return page_thing(owner, viewer) | _same(TOKENS, 403)


def page_own(status: int) -> Answers:
    """A page of one's own."""
    return _same((*NOBODY, *TOKENS), 302) | _same(PEOPLE, status)


def form_own(status: int) -> Answers:
    """A form of one's own."""
    return page_own(status) | _same(TOKENS, 403)


def public(status: int, *, signed_in: int | None = None) -> Answers:
    """Open to everyone."""
    people = _same(PEOPLE, status if signed_in is None else signed_in)
    return _same((*NOBODY, *TOKENS), status) | people


def socket_thing(owner: Answer, viewer: Answer) -> Answers:
    """An action on a thing over the socket."""
    known = {"owner": owner, "whole token": owner, "viewer": viewer, "narrow token": "forbidden"}
    return _same(NOBODY, 4401) | _same(STRANGERS, "not_found") | known


def socket_own(answer: Answer, *, narrow: Answer = "forbidden") -> Answers:
    """An action that anyone signed in may take."""
    return _same(NOBODY, 4401) | _same((*STRANGERS, "viewer", "owner", "whole token"), answer) | {"narrow token": narrow}


CHAT = "c/<uuid:conversation_id>"
TALK = "/api/conversations/{conversation_id}"
RUN = "/api/runs/{run_id}"

# Who is signed in shows once more who it is before any of these: a session that was not begun just now is sent to do so (302).
SECURITY: dict[str, Door] = {
    "GET settings/security": Door(page_own(200)),
    "GET settings/security/password": Door(page_own(302)),
    "POST settings/security/password": Door(form_own(302), {"new_password1": "another one", "new_password2": "another one"}),
    "GET settings/security/app": Door(page_own(302)),
    "POST settings/security/app": Door(form_own(302), {"code": "123456"}),
    "GET settings/security/app/remove": Door(public(302)),
    "POST settings/security/app/remove": Door(form_own(302)),
    "GET settings/security/codes": Door(page_own(302)),
    "POST settings/security/codes": Door(form_own(302)),
    "GET settings/security/passkeys/add": Door(page_own(302)),
    "POST settings/security/passkeys/add": Door(form_own(302), {"name": "Key", "credential": "{}"}),
    "GET settings/security/passkeys/<int:passkey_id>/remove": Door(public(302)),
    "POST settings/security/passkeys/<int:passkey_id>/remove": Door(form_own(302)),
    "GET settings/security/sessions/end": Door(page_own(302)),
    "POST settings/security/sessions/end": Door(form_own(302)),
    "GET settings/security/sessions/<uuid:visit_id>/end": Door(page_own(302)),
    "POST settings/security/sessions/<uuid:visit_id>/end": Door(form_own(404) | {"owner": 302}),
    "GET settings/security/providers/<slug:provider>/link": Door(public(302)),
    "POST settings/security/providers/<slug:provider>/link": Door(form_own(302)),
    "GET settings/security/providers/<int:account_id>/part": Door(public(302)),
    "POST settings/security/providers/<int:account_id>/part": Door(form_own(302)),
    "GET settings/usage": Door(page_own(200)),
    "GET settings/data": Door(page_own(200)),
    "GET settings/data/export": Door(public(302)),
    "POST settings/data/export": Door(form_own(302)),
    "GET settings/data/remove": Door(public(302)),
    "POST settings/data/remove": Door(form_own(302), {"email": "nobody@example.test"}),
}
ENTRANCE: dict[str, Door] = {
    "POST sign-in": Door(
        public(200, signed_in=302) | _same(TOKENS, 403), {"username": "nobody@example.test", "password": "a guess"}
    ),
    "GET sign-in/": Door(public(302)),
    "GET sign-in/link/<str:token>/": Door(public(302)),
    "GET sign-in/code": Door(public(302)),
    "POST sign-in/code": Door(public(302) | _same(TOKENS, 403), {"code": "123456"}),
    "GET sign-in/again": Door(page_own(200)),
    "POST sign-in/again": Door(form_own(200), {"password": "a guess"}),
    "GET sign-in/passkey": Door(public(409)),  # an address of numbers, at which passkeys do not work
    "POST sign-in/passkey": Door(public(403), {"credential": "{}"}),
    "GET sign-in/closed": Door(public(200)),
    "GET sign-in/new": Door(public(302)),
    "POST sign-in/with/<slug:provider>": Door(public(404) | _same(TOKENS, 403)),
    "GET sign-in/with/<slug:provider>/back": Door(public(404)),
    "GET invitation/<str:token>": Door(public(404)),
    "POST invitation/<str:token>": Door(public(404) | _same(TOKENS, 403), {"name": "Somebody", "password": "a guess"}),
}
TOOLS: dict[str, Door] = {
    "GET tools": Door(page_own(200)),
    "POST tools/list": Door(rest_listed(200)),
    "POST tools/call": Door(rest_own(400)),  # a form is not JSON
    "GET tools/<slug:tool_name>": Door(page_own(200)),
    "POST tools/<slug:tool_name>": Door(form_own(200), {"a": "1", "b": "2"}),
    "POST tools/<slug:tool_name>/calls/<slug:call_id>": Door(form_own(200), {"decision": "once"}),
    "POST tools/<slug:tool_name>/calls/<slug:call_id>/cancel": Door(form_own(200)),
    "POST tools/<slug:tool_name>/approvals/<int:approval_id>": Door(form_own(302)),
    "GET artifacts/<uuid:artifact_id>/<int:number>": Door(page_own(404)),
}
PAGES: dict[str, Door] = {
    "GET ": Door(page_own(200)),
    "GET conversations": Door(page_own(200)),
    "GET models": Door(page_own(200)),
    f"GET {CHAT}": Door(page_thing(200, 200)),
    f"POST {CHAT}": Door(form_thing(302, 403), {"text": "[[tokens=2]]"}),
    f"GET {CHAT}/messages": Door(page_thing(200, 200)),
    f"GET {CHAT}/messages/<uuid:message_id>": Door(page_thing(200, 200)),
    f"GET {CHAT}/messages/<uuid:message_id>/components/<path:component>": Door(page_thing(404, 404)),  # it shows none
    f"GET {CHAT}/approvals": Door(page_thing(200, 200)),
    f"GET {CHAT}/artifacts": Door(page_thing(200, 200)),
    f"GET {CHAT}/follow-ups": Door(page_thing(200, 200)),
    f"POST {CHAT}/rename": Door(form_thing(302, 403), {"title": "Mine"}),
    f"GET {CHAT}/rename": Door(page_thing(200, 403)),
    f"GET {CHAT}/delete": Door(page_thing(200, 403)),
    f"POST {CHAT}/delete": Door(form_thing(302, 403)),
    f"DELETE {CHAT}/delete": Door(form_thing(302, 403)),
    f"POST {CHAT}/restore": Door(form_thing(404, 404)),  # none is deleted
    f"POST {CHAT}/stop": Door(form_thing(302, 403), {"run": "{run_id}"}),
    f"POST {CHAT}/continue": Door(form_thing(302, 403), {"run": "{run_id}"}),
    "GET settings": Door(page_own(200)),
    "GET settings/profile": Door(page_own(302)),
    "POST settings/profile": Door(form_own(302), {"name": "Somebody"}),
    "GET settings/instructions": Door(page_own(302)),
    "POST settings/instructions": Door(form_own(302), {"instructions": "Be brief."}),
    "GET settings/tokens": Door(page_own(302)),
    "POST settings/tokens": Door(form_own(200), {"name": "script", "scopes": "chat:read", "days": "7"}),
    "GET settings/tokens/<uuid:token_id>/revoke": Door(page_own(302)),
    "POST settings/tokens/<uuid:token_id>/revoke": Door(form_own(404) | {"owner": 302}),
    "GET settings/apps/disconnect": Door(page_own(302)),
    "POST settings/apps/disconnect": Door(form_own(404) | {"owner": 302}, {"client_id": "{client_id}"}),
    **SECURITY,
    **ENTRANCE,
    **TOOLS,
    "GET sign-in": Door(public(200, signed_in=302)),
    "GET sign-in/": Door(public(302)),
    "GET sign-in/link/<str:token>": Door(public(403)),
    "GET sign-in/link/<str:token>/": Door(public(302)),
    "GET oauth/authorize": Door(page_own(400)),
    "POST oauth/token": Door(public(400) | _same(TOKENS, 401)),
    "POST oauth/revoke": Door(public(400) | _same(TOKENS, 401)),
    "GET mcp": Door(public(401) | _same(("whole token", "narrow token", "app elsewhere"), 404) | {"app": 401}),
    "GET .well-known/oauth-authorization-server": Door(public(200)),
    "GET .well-known/oauth-authorization-server/<path:path>": Door(public(200)),
    "GET .well-known/oauth-protected-resource": Door(public(200)),
    "GET .well-known/oauth-protected-resource/<path:path>": Door(public(200)),
    "POST sign-out": Door(public(302) | _same(TOKENS, 403)),
    "POST theme": Door(public(302) | _same(TOKENS, 403), {"theme": "dark"}),
    "GET api/openapi.json": Door(_same(NOBODY, 401) | _same((*PEOPLE, "whole token", "narrow token"), 200)),
    "GET api/docs": Door(page_own(200)),
    "GET api/": Door(public(404)),
    "GET v1/models": Door(rest_own(200)),
    "GET v1/models/<path:name>": Door(rest_own(404)),
    "POST v1/embeddings": Door(rest_own(400)),
    "POST v1/chat/completions": Door(rest_own(400)),  # a form is not JSON
    "GET healthz": Door(public(200)),
    "GET readyz": Door(public(200)),
    "GET static/<path:path>": Door(public(404)),
    "GET favicon.ico": Door(public(302)),
    "GET admin/": Door(public(302) | {"operator": 200}),
    "GET admin/accounts/user/": Door(public(302) | {"operator": 200}),
    "GET admin/accounts/auditentry/export/": Door(public(302) | {"operator": 200}),
    "GET admin/effective-access/": Door(public(302) | {"operator": 200}),
    "GET admin/model-use/": Door(public(302) | {"operator": 200}),
    "GET admin/login/": Door(public(302, signed_in=403) | {"operator": 302}),
}
REST: dict[str, Door] = {
    "GET /api/me": Door(rest_own(200)),
    "GET /api/apps": Door(rest_session(200)),
    "DELETE /api/apps": Door(rest_session(404), query="client_id=none"),
    "GET /api/limits": Door(rest_own(200)),
    "GET /api/usage": Door(rest_own(200)),
    "GET /api/notices": Door(rest_own(200)),
    "POST /api/without-socket": Door(rest_own(204)),
    "GET /api/audit": Door(rest_session(200)),
    "GET /api/secrets": Door(rest_session(200)),
    "PUT /api/secrets/{name}": Door(rest_session(200), {"value": "a secret value"}),
    "DELETE /api/secrets/{name}": Door(rest_session(404)),
    "GET /api/config": Door(rest_own(200)),
    "GET /api/models": Door(rest_own(200)),
    "GET /api/models/{model}/context": Door(rest_own(200)),
    "GET /api/conversations": Door(rest_own(200)),
    "POST /api/conversations": Door(rest_own(201), {}),
    f"GET {TALK}": Door(rest_thing(200, 200)),
    f"PATCH {TALK}": Door(rest_thing(200, 403), {"title": "Mine"}),
    f"DELETE {TALK}": Door(rest_thing(204, 403)),
    f"GET {TALK}/messages": Door(rest_thing(200, 200)),
    f"GET {TALK}/runs": Door(rest_thing(200, 200)),
    "POST /api/runs": Door(rest_thing(201, 403), {"text": "[[tokens=2]]", "conversation_id": "{conversation_id}"}),
    f"GET {RUN}": Door(rest_thing(200, 200)),
    f"POST {RUN}/stop": Door(rest_thing(200, 403)),
    "POST /api/components/{component_id}": Door(rest_own(404), {"event": "y"}),
    "GET /api/tools": Door(rest_listed(200)),
    "GET /api/tool-calls": Door(rest_own(200)),
    "POST /api/tool-calls": Door(rest_own(201), {"tool": "add", "arguments": {"a": 1, "b": 2}}),
    "GET /api/tool-calls/{call_id}": Door(rest_own(404)),
    "POST /api/tool-calls/{call_id}/cancel": Door(rest_own(404)),
    "GET /api/tool-approvals": Door(rest_listed(200)),
    "DELETE /api/tool-approvals/{approval_id}": Door(rest_own(404)),
    "POST /api/tool-calls/{call_id}/decision": Door(rest_own(404), {"decision": "once"}),
    f"POST {RUN}/continue": Door(rest_thing(201, 403)),
    f"GET {RUN}/events": Door(rest_thing(200, 200)),
    "GET /api/chat/sse": Door(rest_thing(200, 200), query="messageId={message_id}"),
}
SOCKET: dict[str, Door] = {
    "chat": Door(socket_thing("accepted", "forbidden"), {"text": "[[tokens=2]]", "conversation_id": "{conversation_id}"}),
    "resume": Door(socket_thing("complete", "complete"), {"run_id": "{run_id}"}),
    "stop": Door(socket_thing("pong", "forbidden"), {"run_id": "{run_id}"}, answers_itself=False),
    "ack": Door(socket_own("pong", narrow="pong"), {"run_id": "{run_id}", "seq": 1}, answers_itself=False),
    "ping": Door(socket_own("pong", narrow="pong")),
    "approve": Door(socket_own("not_found"), {"call_id": "x", "decision": "once"}),
    "ui": Door(socket_own("not_found"), {"component_id": "x", "event": "y"}),
}
