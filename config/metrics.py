"""Prometheus: requests by route, and the vitals, for who has the token."""

import hmac
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# Read by prometheus_client when it is imported: the counts of all web processes are added up from files.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(Path(settings.VAR_DIR) / "run" / "metrics"))
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest  # noqa: E402
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

REQUESTS = Counter("resonance_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "resonance_request_seconds", "Time to answer.", ["route"], buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class MetricsMiddleware:
    """Counts every request under the name of its route: addresses would make as many series as there are ids."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin = time.perf_counter()
        response = self.get_response(request)
        route = getattr(request.resolver_match, "url_name", None) or "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        SECONDS.labels(route).observe(time.perf_counter() - begin)
        return response


class _Vitals:
    def collect(self) -> Iterator[Metric]:
        from config.vitals import groups

        for group in groups():
            for vital in group.vitals:
                if vital.value is not None:
                    yield GaugeMetricFamily(f"resonance_{vital.key}", f"{vital.key} of the installation.", vital.value)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Text format of Prometheus. 404 without METRICS_TOKEN, or to who does not send it as a bearer token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        raise Http404
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(_Vitals())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
