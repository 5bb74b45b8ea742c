"""In which time zone a page writes its times: the workspace's, for its members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Respond = Callable[[HttpRequest], HttpResponse]


def zone(name: str) -> tzinfo:
    """The zone of that name, UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_default_timezone()


class ZoneMiddleware:
    """Stands after ActorMiddleware. Strangers, creators and staff keep UTC unless a page says otherwise."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.actor.workspace_id is None:  # type: ignore[attr-defined]
            return self.get_response(request)
        with timezone.override(zone(request.workspace.timezone)):  # type: ignore[attr-defined]
            return self.get_response(request)
