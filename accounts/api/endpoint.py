"""The base of every endpoint: verbs, limits, idempotency, sparse fields and ETags in one place."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from accounts.api import limits
from accounts.api.paging import BadParameter
from accounts.client import client_address
from accounts.errors import DomainError
from accounts.idempotency import once
from accounts.models import ApiClient
from accounts.services.usage import note_request

ANONYMOUS_PER_MINUTE = 60


class PreconditionFailed(DomainError):
    status = 412
    code = "precondition_failed"


Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """A write: one transaction, rolled back when refused, under the Idempotency-Key if there is one."""

    @wraps(handler)
    def run(self: APIView, request: Any, *args: Any, **kwargs: Any) -> Response:
        def perform() -> Response:
            try:
                return handler(self, request, *args, **kwargs)
            except Exception as error:
                return self.handle_exception(error)

        return once(request, perform)

    return run


class Endpoint(APIView):
    """verbs: HTTP method → verb of `accounts.permissions.VERBS`. params: query parameters it knows."""

    verbs: ClassVar[Mapping[str, str]] = {}
    params: ClassVar[frozenset[str]] = frozenset()
    includes: ClassVar[frozenset[str]] = frozenset()
    streams_body: ClassVar[bool] = False
    http_method_names = ["get", "post", "patch", "put", "delete", "head", "options"]
    _common = frozenset({"limit", "cursor", "fields", "include", "format", "lang"})

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self._begun = time.monotonic()
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if not self.streams_body:
            request._request.body  # noqa: B018  (read once before parsing, so that idempotency can hash it)
        try:
            self.perform_authentication(request)
        except exceptions.AuthenticationFailed:
            self._spend(f"ip:{client_address(request._request)}", ANONYMOUS_PER_MINUTE)
            raise
        if request.auth is not None:
            limit = getattr(request.auth, "requests_per_minute", None) or settings.API_REQUESTS_PER_MINUTE
            self._spend(f"key:{request.auth.pk}", limit)
        elif request.user is not None and request.user.is_authenticated:
            self._spend(f"user:{request.user.pk}", settings.API_REQUESTS_PER_MINUTE)
        else:
            self._spend(f"ip:{client_address(request._request)}", ANONYMOUS_PER_MINUTE)
        if request.method not in self.verbs:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        unknown = sorted(set(request.query_params) - self.params - self._common)
        if unknown:
            known = ", ".join(sorted(self.params | {"limit", "cursor", "fields"}))
            raise BadParameter(
                fields={name: [_("Unknown parameter. Known: %(known)s.") % {"known": known}] for name in unknown}
            )
        self.included(request)
        if any("\x00" in value for value in request.query_params.values()):
            raise BadParameter(_("Parameters may not contain a NUL character."))

    def included(self, request: Any) -> frozenset[str]:
        """The parts asked for by `include=`, each known here."""
        asked = frozenset(name.strip() for name in request.query_params.get("include", "").split(",") if name.strip())
        if asked - self.includes:
            known = ", ".join(sorted(self.includes)) or "–"
            raise BadParameter(fields={"include": [_("Known: %(known)s.") % {"known": known}]})
        return asked

    def _spend(self, name: str, limit: int) -> None:
        self.quota = limits.spend(name, limit)
        if self.quota.remaining < 0:
            raise Throttled(wait=self.quota.reset)

    def finalize_response(self, request: Any, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(response, Response) and response.status_code == 200 and request.method in ("GET", "HEAD"):
            response = self._conditional(request, response)
        response = super().finalize_response(request, response, *args, **kwargs)
        quota = getattr(self, "quota", None)
        if quota is not None:
            for name, value in quota.headers.items():
                response[name] = value
        response["Cache-Control"] = "private, no-cache"
        self._note(request, response)
        return response

    def _note(self, request: Any, response: HttpResponse) -> None:
        """Method, address, status and time of a key's request, for the developer page; never a body or a value."""
        client = getattr(request, "_auth", None)  # as far as it was read: asking here would authenticate
        if not isinstance(client, ApiClient):
            return
        data = getattr(response, "data", None)
        code = str(data.get("code", "")) if response.status_code >= 400 and isinstance(data, dict) else ""
        note_request(
            client=client,
            method=request.method,
            path=request.path,
            status=response.status_code,
            took_ms=int((time.monotonic() - self._begun) * 1000),
            request_id=getattr(request._request, "request_id", ""),
            code=code,
        )

    def _conditional(self, request: Any, response: Response) -> Response:
        wanted = request.query_params.get("fields")
        if wanted and isinstance(response.data, dict):
            try:
                response.data = _sparse(response.data, [name.strip() for name in wanted.split(",") if name.strip()])
            except BadParameter as error:
                return self.handle_exception(error)
        tag = etag(response.data)
        known = request.headers.get("If-None-Match", "")
        if tag in [part.strip().removeprefix("W/") for part in known.split(",")]:
            response = Response(status=304)
        response["ETag"] = tag
        return response


def etag(data: Any) -> str:
    body = json.dumps(data, cls=JSONEncoder, sort_keys=True).encode()
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def check_if_match(request: Any, data: Any) -> None:
    """Refuses a write based on an older reading (412). Without If-Match nothing is checked."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted and wanted != "*" and etag(data) not in [part.strip() for part in wanted.split(",")]:
        raise PreconditionFailed(_("This changed since you read it. Read it again and repeat your change."))


def _sparse(data: dict[str, Any], names: list[str]) -> dict[str, Any]:
    rows = data.get("data") if isinstance(data.get("data"), list) else None
    known = set(rows[0]) if rows else set(data)
    unknown = [name for name in names if name not in known] if (rows or rows is None) else []
    if unknown:
        raise BadParameter(fields={"fields": [_("Unknown: %(names)s.") % {"names": ", ".join(unknown)}]})
    if rows is None:
        return {name: data[name] for name in names}
    return data | {"data": [{name: row[name] for name in names} for row in rows]}
