"""What every endpoint's documentation shares: parameters and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from accounts.api.presenters import ProblemSerializer

_PAGING = [
    OpenApiParameter("limit", int, description="1 to 100, 25 by default"),
    OpenApiParameter("cursor", str, description="`next_cursor` of the answer before"),
]
_IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key within 24 h gives the same answer and acts once",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag you have: 304 when nothing changed"
)
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag you read: 412 when it changed meanwhile"
)
_FIELDS = OpenApiParameter("fields", str, description="Only these top-level fields, separated by commas")
_MEANINGS = {
    400: "Malformed request",
    401: "No key, or an unknown, expired or revoked one",
    403: "The key lacks the scope",
    404: "Not there, or not yours",
    409: "Not possible in the present state, or a request with this Idempotency-Key is in flight",
    412: "It changed since you read it",
    413: "Body too large",
    415: "Send application/json",
    422: "A field is not valid",
    429: "Too many requests; see Retry-After",
}


def documented(
    answer: Any,
    *,
    request: Any = None,
    status: int = 200,
    paged: bool = False,
    params: dict[str, str] | None = None,
    also: tuple[int, ...] = (),
    **extra: Any,
) -> Callable[[Any], Any]:
    """extend_schema with this API's habits. answer: serializer of success, or {(status, media type): type}. params: name → description.
    also: further problems it answers with."""
    writes = request is not None or extra.pop("writes", False)
    parameters = [OpenApiParameter(name, str, description=text) for name, text in (params or {}).items()]
    parameters += _PAGING if paged else []
    parameters += [_IDEMPOTENCY] if writes else []
    parameters += [_IF_MATCH] if extra.pop("if_match", False) else []
    reads_json = not writes and not isinstance(answer, dict)
    parameters += [_FIELDS, _IF_NONE_MATCH] if reads_json else []
    codes = [400, 401, 403, 404, 429] + ([409, 412, 413, 415, 422] if writes else []) + list(also)
    responses: dict[Any, Any] = dict(answer) if isinstance(answer, dict) else {status: answer}
    if reads_json:
        responses[304] = OpenApiResponse(description="Nothing changed since the ETag you have")
    responses |= {
        (code, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=_MEANINGS[code])
        for code in codes
    }
    return extend_schema(request=request, responses=responses, parameters=parameters, **extra)


def addresses_may_be_empty(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Addresses in answers are "" where there is none, which JSON Schema's `uri` does not allow (drf-spectacular's hook)."""
    for schema in result.get("components", {}).get("schemas", {}).values():
        for field in schema.get("properties", {}).values():
            if field.get("format") == "uri" and field.get("readOnly"):
                del field["format"]
    return result
