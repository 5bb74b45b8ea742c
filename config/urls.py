"""Every address of the site. A test proves against this file that no route is without a permission."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts import language
from config import health, metrics

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/", health.page, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("language/", language.choose, name="set_language"),
    path("account/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("matching.urls")),
    path("", include("campaigns.urls")),
    path("api/", include("config.api")),
]
if settings.DEBUG or getattr(settings, "ADMIN_ENABLED", False):
    urlpatterns.append(path("admin/", admin.site.urls))

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler429 = "config.refusals.too_many"
handler500 = "config.refusals.server_error"
