"""A workspace may ask a second step of everybody: who has none is led to it before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed

# What stays open without it: the way to a second step, the way out, and the way to another workspace.
OPEN = ("account_logout", "account_reauthenticate", "mfa_", "workspace_switch", "set_language", "health_")


def has_one(user: Any) -> bool:
    """An authenticator app; recovery codes alone are what is left of one."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_missing(request: HttpRequest) -> bool:
    """Whether the acting member's workspace asks for a second step they do not have."""
    actor = request.actor  # type: ignore[attr-defined]
    workspace = getattr(request, "workspace", None)
    return actor.kind == "member" and workspace is not None and workspace.require_mfa and not has_one(request.user)


def check(request: HttpRequest) -> None:
    """For the API used with a session. Keys are not people and are not asked."""
    if is_missing(request):
        raise NotAllowed(
            _("This workspace asks for two-step sign-in. Turn it on in your account."), code="mfa_required"
        )


class SecondStepMiddleware:
    """Stands after ActorMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or request.path.startswith("/api/"):
            return None
        name = (request.resolver_match or resolve(request.path_info)).url_name or ""
        if name.startswith(OPEN) or not getattr(view, "asks_second_step", True) or not is_missing(request):
            return None
        address = reverse("mfa_activate_totp")
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
