"""Pages for a person's own data: overview, export, deleting the account."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import IO

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import removal
from accounts.sign_in import recent_login
from accounts.sign_in.frame import form_of, framed, person_of

PIECE = 65_536


@never_cache
@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    """Show the page of the person's data."""
    return _page(request)


@form_of("accounts:data")
@recent_login.required
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the archive of the person's data."""
    headers = {"Content-Disposition": f'attachment; filename="galaxy-{localdate():%Y-%m-%d}.zip"'}
    file = removal.archive(person_of(request))
    return StreamingHttpResponse(_pieces(file), content_type="application/zip", headers=headers)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponseBase:
    """Delete the account. A GET, as from a browser's history, leads to the form."""
    return _remove(request) if request.method == "POST" else redirect(f"{reverse('accounts:data')}#remove")


@recent_login.required
def _remove(request: HttpRequest) -> HttpResponseBase:
    """Delete the account and show the receipt, which is stored nowhere."""
    person = person_of(request)
    if request.POST.get("email", "").strip().lower() != person.email:
        return _page(request, "This is not your email address.")
    try:
        receipt = removal.remove(person, once=True)
    except removal.LastOperator as error:
        return _page(request, str(error))
    except removal.LeftAlready:
        return redirect("accounts:sign-in")
    logout(request)
    signed = receipt.signed()
    context = {"receipt": signed, "encoded": base64.b64encode(signed.encode()).decode()}
    return render(request, "accounts/removed.html", context | {"conversations": receipt.removed.get("chat.Conversation")})


def _page(request: HttpRequest, wrong: str = "") -> HttpResponseBase:
    is_last = removal.is_last_operator(person_of(request))
    context = {"wrong": wrong, "is_fresh": recent_login.is_fresh(request), "is_last_operator": is_last}
    return framed(request, "accounts/data.html", context, status=422 if wrong else 200)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
