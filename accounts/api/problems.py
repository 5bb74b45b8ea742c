"""Every error as application/problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.errors import DomainError, InvalidInput

CONTENT_TYPE = "application/problem+json"


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    request: Any,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """errors: {pointer (JSON pointer into the body, or the parameter's name), code, detail}."""
    body = {
        "type": f"https://resonance.dev/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": getattr(getattr(request, "_request", request), "request_id", ""),
        "errors": list(errors),
    }
    return Response(body, status=status, headers=dict(headers or {}), content_type=CONTENT_TYPE)


_TITLES = {
    400: ("malformed", "Malformed request"),
    401: ("unauthenticated", "Authentication needed"),
    403: ("not_allowed", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    406: ("not_acceptable", "Not acceptable"),
    409: ("wrong_state", "Conflict with the current state"),
    412: ("precondition_failed", "Precondition failed"),
    413: ("too_large", "Body too large"),
    415: ("unsupported_media_type", "Unsupported media type"),
    422: ("invalid", "Invalid input"),
    429: ("rate_limited", "Too many requests"),
}


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's hook. None lets Django answer (and log) a real fault with 500."""
    request = context.get("request")
    answer = _answer(error, request)
    if answer is not None:
        set_rollback()
    return answer


def _answer(error: Exception, request: Any) -> Response | None:
    if isinstance(error, DomainError):
        fields = error.fields if isinstance(error, InvalidInput) else {}
        return _of(error.status, request, detail=error.message, code=error.code, errors=list(_pointers(fields)))
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointers(error.detail))
        return _of(422, request, detail=_("Some fields are not valid."), errors=errors)
    if isinstance(error, Http404 | exceptions.NotFound):
        return _of(404, request, detail=_("There is no such thing here, or it is not yours."))
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return _of(403, request, detail=_("This is not allowed."))
    if isinstance(error, RequestDataTooBig):
        return _of(413, request, detail=_("The body is larger than this server accepts."))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return _of(401, request, detail=str(error.detail), headers={"WWW-Authenticate": 'Bearer realm="api"'})
    if isinstance(error, exceptions.Throttled):
        wait = str(int(error.wait or 60))
        return _of(
            429,
            request,
            detail=_("Try again in %(seconds)s seconds.") % {"seconds": wait},
            headers={"Retry-After": wait},
        )
    if isinstance(error, exceptions.APIException):
        return _of(error.status_code, request, detail=str(error.detail))
    return None


def _of(
    status_code: int,
    request: Any,
    *,
    detail: str,
    code: str = "",
    errors: list[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    default_code, title = _TITLES.get(status_code, ("refused", "Refused"))
    return problem(
        status=status_code,
        code=code or default_code,
        title=title,
        detail=detail,
        request=request,
        errors=errors or [],
        headers=headers,
    )


def _pointers(detail: Any, pointer: str = "") -> Iterable[Mapping[str, str]]:
    """Flattens DRF's nested error detail into JSON pointers."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _pointers(value, pointer if key == "non_field_errors" else f"{pointer}/{key}")
    elif isinstance(detail, list | tuple):
        for position, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            yield from _pointers(value, f"{pointer}/{position}" if nested else pointer)
    else:
        yield {"pointer": pointer or "/", "code": getattr(detail, "code", None) or "invalid", "detail": str(detail)}
