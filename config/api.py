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


def fault(request: HttpRequest) -> HttpResponse:
    """The answer to an error of ours (500): a problem without any detail of the fault."""
    body: dict[str, Any] = {
        "type": "https://resonance.dev/problems/internal",
        "title": "Internal error",
        "status": 500,
        "detail": "The fault is ours and was recorded. Quote the request_id.",
        "code": "internal",
        "request_id": getattr(request, "request_id", ""),
        "errors": [],
    }
    return JsonResponse(body, status=500, content_type=CONTENT_TYPE)


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("v1/", include("accounts.api.urls")),
    path("v1/", include("matching.api.urls")),
    path("v1/", include("campaigns.api.urls")),
    re_path(r"^.*$", csrf_exempt(Missing.as_view()), name="api_missing"),
]
