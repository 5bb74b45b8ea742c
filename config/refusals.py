"""Pages for requests that cannot be answered. They need neither database nor session, which may be what failed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """What happened, why, and what the reader can do now."""

    status: int
    title: Promise
    text: Promise
    icon: str


BAD_REQUEST = Refusal(
    400,
    _("This request cannot be read"),
    _("Something in the address or the form was cut off or changed. Go back and try again."),
    "unlink",
)
FORBIDDEN = Refusal(
    403,
    _("This is not open to you"),
    _("Your role does not allow it. An owner or administrator of the workspace can change that."),
    "lock",
)
CSRF = Refusal(
    403,
    _("This form is too old"),
    _("A form works for a limited time, and only with cookies. Go back, reload the page and send it again."),
    "clock-off",
)
NOT_FOUND = Refusal(
    404,
    _("There is nothing here"),
    _("The address may be mistyped, the thing may be gone, or it belongs to somebody else."),
    "map-off",
)
WRONG_METHOD = Refusal(
    405,
    _("This address only takes a form"),
    _("It cannot be opened by itself, for instance after signing in again. Go back and press the button once more."),
    "forms",
)
TOO_MANY = Refusal(
    429,
    _("Too many tries"),
    _("To protect the account we wait a little. Try again in a few minutes; nothing is lost."),
    "hourglass",
)
FAULT = Refusal(
    500,
    _("This went wrong on our side"),
    _("Nothing was half saved. Try again; if it goes on, give the number below to the people who run this site."),
    "tool",
)
UNAVAILABLE = Refusal(
    503,
    _("Back in a moment"),
    _("The site is starting, being updated, or its database is away. Reload the page in a minute."),
    "refresh",
)
_LAST_RESORT = (
    "<!doctype html><title>500</title><h1>500</h1>"
    "<p>This went wrong on our side. / Une erreur est survenue de notre côté.</p>"
)


def page(request: HttpRequest, refusal: Refusal, *, retry_after: int | None = None) -> HttpResponse:
    """The refusal as a page in the reader's language."""
    context: dict[str, Any] = {
        "refusal": refusal,
        "request_id": getattr(request, "request_id", ""),
        "LANGUAGE_CODE": get_language() or "en",
        "signed_out": refusal is TOO_MANY,
    }
    response = HttpResponse(render_to_string("errors/error.html", context), status=refusal.status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("CSRF refused %s: %s", request.path, reason)
    return page(request, CSRF)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, NOT_FOUND)


def too_many(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """For allauth's rate limits and for axes' lock-out alike."""
    return page(request, TOO_MANY, retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()))


class WrongMethodMiddleware:
    """A bare 405 is a blank page to the person who reloads or signs in again: say what to do instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.path.startswith("/api/"):
            return response
        told = page(request, WRONG_METHOD)
        told["Allow"] = response.get("Allow", "")
        return told


def unavailable(request: HttpRequest) -> HttpResponse:
    return page(request, UNAVAILABLE, retry_after=60)


def server_error(request: HttpRequest) -> HttpResponse:
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)  # the database, for a moment
    if request.path.startswith("/api/"):
        from config.api import fault  # its imports need the apps to be ready

        return fault(request, away=away)
    try:
        return unavailable(request) if away else page(request, FAULT)
    except Exception:  # whatever broke may break this page too; say something all the same
        logger.exception("the error page failed")
        return HttpResponse(_LAST_RESORT, status=500)
