"""The page that says whether a person may do something, and why; it asks `accounts.access.may`, as all code does."""

from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from accounts.access import Decision, explanation, may
from accounts.models import Grant
from accounts.models.grants import ALL
from accounts.operators import grant_targets
from accounts.operators.access_question import ACTIONS, Question
from accounts.operators.tenant_scope import operator_of


class Answer(NamedTuple):
    """The decision in a sentence, the grant that decided, and all grants that concern the question."""

    decision: Decision
    sentence: str
    grant: Grant | None
    parts: list[explanation.Part]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the question and, once it is asked, its answer."""
    operator = operator_of(request)
    form = Question(request.GET or None, operator=operator)
    context = admin.site.each_context(request) | {
        "title": "Effective access",
        "form": form,
        "answer": _answer(form) if form.is_valid() else None,
    }
    return TemplateResponse(request, "admin/effective_access.html", context)


def _answer(form: Question) -> Answer:
    assert form.thing is not None  # noqa: S101  a valid form has one; for the type checker
    person, action, arguments = (form.cleaned_data[name] for name in ("person", "action", "arguments"))
    decision = may(person, action, form.thing, arguments)
    parts = explanation.parts(person, action, form.thing, arguments)
    grant_targets.call(form.thing.tenant_id, [part.grant for part in parts])
    grant = next((part.grant for part in parts if part.grant.pk == decision.grant), None)
    return Answer(decision, _sentence(form, decision), grant, parts)


def _sentence(form: Question, decision: Decision) -> str:
    given: dict[str, Any] = form.cleaned_data
    target = given["target"].strip()
    verb = dict(ACTIONS)[given["action"]].partition(" (")[0]
    names = grant_targets.called(given["person"].tenant_id, given["kind"], {target})
    thing = f"any {given['kind']}" if target in ("", ALL) else f"{given['kind']} {names.get(target, target)}"
    with_these = " with these arguments" if given["arguments"] is not None else ""
    return f"{given['person']} {'may' if decision else 'may not'} {verb} {thing}{with_these}"
