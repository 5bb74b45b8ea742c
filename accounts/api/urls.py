from django.urls import path

from accounts.api import endpoints as e

urlpatterns = [
    path("me", e.Me.as_view(), name="api_me"),
    path("brands", e.Brands.as_view(), name="api_brands"),
    path("brands/<uuid:pk>", e.BrandDetail.as_view(), name="api_brand"),
    path("jobs", e.Jobs.as_view(), name="api_jobs"),
    path("jobs/<uuid:pk>", e.JobDetail.as_view(), name="api_job"),
    path("jobs/<uuid:pk>/cancel", e.JobCancel.as_view(), name="api_job_cancel"),
    path("events", e.Events.as_view(), name="api_events"),
]
