from django.urls import path

from accounts.api import endpoints as e
from accounts.api import webhooks as w

urlpatterns = [
    path("me", e.Me.as_view(), name="api_me"),
    path("brands", e.Brands.as_view(), name="api_brands"),
    path("brands/<uuid:pk>", e.BrandDetail.as_view(), name="api_brand"),
    path("jobs", e.Jobs.as_view(), name="api_jobs"),
    path("jobs/<uuid:pk>", e.JobDetail.as_view(), name="api_job"),
    path("jobs/<uuid:pk>/cancel", e.JobCancel.as_view(), name="api_job_cancel"),
    path("events", e.Events.as_view(), name="api_events"),
    path("events/<int:pk>", e.EventDetail.as_view(), name="api_event"),
    path("webhook-endpoints", w.WebhookEndpoints.as_view(), name="api_webhook_endpoints"),
    path("webhook-endpoints/<uuid:pk>", w.WebhookEndpointDetail.as_view(), name="api_webhook_endpoint"),
    path("webhook-endpoints/<uuid:pk>/pause", w.WebhookPause.as_view(), name="api_webhook_pause"),
    path("webhook-endpoints/<uuid:pk>/resume", w.WebhookResume.as_view(), name="api_webhook_resume"),
    path("webhook-endpoints/<uuid:pk>/rotate_secret", w.WebhookRotateSecret.as_view(), name="api_webhook_rotate"),
    path("webhook-endpoints/<uuid:pk>/test", w.WebhookTest.as_view(), name="api_webhook_test"),
    path("webhook-deliveries", w.WebhookDeliveries.as_view(), name="api_webhook_deliveries"),
    path("webhook-deliveries/<uuid:pk>", w.WebhookDeliveryDetail.as_view(), name="api_webhook_delivery"),
    path("webhook-deliveries/<uuid:pk>/replay", w.WebhookReplay.as_view(), name="api_webhook_replay"),
]
