"""The partner API: /api/v1/, its schema and its docs page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.api.endpoint import Endpoint
from accounts.api.problems import CONTENT_TYPE


class Missing(Endpoint):
    """Whatever is not an endpoint: 404 as a problem, for every method."""

    permission_classes = ()
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        from django.http import Http404

        raise Http404


AWAY_SECONDS = 5


def fault(request: HttpRequest, *, away: bool = False) -> HttpResponse:
    """The answer to an error of ours: a problem without any detail of the fault.

    500, or 503 with Retry-After while the database is away: nothing was half done, and the same request with the same
    Idempotency-Key may be sent again.
    """
    status, code, title, detail = (
        (503, "unavailable", "Back in a moment", "The database is away for a moment. Send the same request again.")
        if away
        else (500, "internal", "Internal error", "The fault is ours and was recorded. Quote the request_id.")
    )
    body: dict[str, Any] = {
        "type": f"https://resonance.dev/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": getattr(request, "request_id", ""),
        "errors": [],
    }
    headers = {"Retry-After": str(AWAY_SECONDS)} if away else {}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("v1/", include("accounts.api.urls")),
    path("v1/", include("matching.api.urls")),
    path("v1/", include("campaigns.api.urls")),
    re_path(r"^.*$", csrf_exempt(Missing.as_view()), name="api_missing"),
]
