"""The address a request really comes from, for limits and lock-outs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address our outermost proxy saw. X-Forwarded-For counts only as far as our own proxies wrote it."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES <= 0:
        return direct
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return named[-settings.TRUSTED_PROXIES] if len(named) >= settings.TRUSTED_PROXIES else direct
