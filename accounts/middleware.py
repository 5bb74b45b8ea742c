"""Says who acts, once per request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actors import ANONYMOUS, Actor, creator_actor, member_actor, staff_actor
from accounts.client import client_address
from accounts.errors import DomainError
from accounts.events import record_event
from accounts.models import Creator, Membership, User

WORKSPACE_KEY = "workspace_id"


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person's actor: member of the chosen (else first) workspace, else creator, else staff."""
    user = request.user
    if not user.is_authenticated:
        return ANONYMOUS
    memberships = list(
        Membership.objects.filter(user=user, suspended_at__isnull=True)
        .select_related("user", "workspace")
        .order_by("created_at")
    )
    if memberships:
        chosen = request.session.get(WORKSPACE_KEY)
        membership = next((m for m in memberships if str(m.workspace_id) == chosen), memberships[0])
        request.workspace = membership.workspace  # type: ignore[attr-defined]
        request.memberships = memberships  # type: ignore[attr-defined]
        return replace(member_actor(membership), ip=_address(request))
    creator = Creator.objects.filter(user=user, erased_at__isnull=True).first()
    if creator:
        return creator_actor(creator, user)
    return (
        replace(staff_actor(user), ip=_address(request))
        if user.is_staff
        else Actor(kind="anonymous", id=str(user.pk), name=user.display_name, user_id=user.pk)
    )


def _address(request: HttpRequest) -> str:
    """The client's address where it is one; a socket or a test may give none."""
    address = client_address(request)
    try:
        ip_address(address)
    except ValueError:
        return ""
    return address


class ActorMiddleware:
    """Sets `request.actor` (lazily); pages read it and never look at `request.user` for rights."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)


# A picture that a page shows is looked at, not taken out.
_SHOWN = ("image", "video", "audio")


class ExportMiddleware:
    """Every file a member takes out of the workspace is in its audit log, whichever page gave it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("Sec-Fetch-Dest") in _SHOWN:
            return response
        given = response.headers.get("Content-Disposition", "")
        if response.status_code != 200 or not given.startswith("attachment") or not isinstance(request.user, User):
            return response  # nobody, or an API key, whose requests have a log of their own
        actor, workspace = request.actor, getattr(request, "workspace", None)  # type: ignore[attr-defined]
        if actor.kind == "member" and workspace is not None:
            name = given.partition("filename=")[2].strip('"')[:120]
            data = {"file": name, "path": request.get_full_path()[:400]}
            record_event("export.downloaded", workspace, actor=actor, workspace_id=workspace.pk, data=data)
        return response


class RefusalMiddleware:
    """Renders a use-case's refusal (403, 409, 422) as a page or, for htmx, as a toast-able fragment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError) or request.path.startswith("/api/"):
            return None
        if getattr(request, "htmx", False):  # app.js shows this sentence as a message
            return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
        context = {"error": error, "back": _own_referer(request)}
        return render(request, "errors/refused.html", context, status=error.status)


def _own_referer(request: HttpRequest) -> str:
    """The page the person came from, if it is ours; else the home page."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if referer and ours else "/"
