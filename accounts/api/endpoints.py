"""Endpoints of people and workspaces: the key itself, brands, jobs, events."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, check_if_match, idempotent
from accounts.api.paging import page
from accounts.api.presenters import (
    BrandChangeSerializer,
    BrandSerializer,
    BrandWriteSerializer,
    EventSerializer,
    JobSerializer,
    MeSerializer,
    event_for,
    page_of,
)
from accounts.api.schema import documented
from accounts.api.values import whole
from accounts.models import Brand, Event, Job, Workspace
from accounts.permissions import SCOPES
from accounts.services import workspaces
from accounts.services.jobs import cancel_job


class Me(Endpoint):
    """Who this key acts for and what it may do."""

    verbs = {"GET": "workspace.read"}

    @documented(MeSerializer, operation_id="me", tags=["Key"])
    def get(self, request: Any) -> Response:
        actor = request.actor
        workspace = Workspace.visible_to(actor).first()
        scopes = sorted(actor.scopes) if actor.kind == "api" else list(SCOPES)
        data = {"kind": actor.kind, "name": actor.name, "workspace": workspace and workspace.slug, "scopes": scopes}
        return Response(MeSerializer(data).data)


class Brands(Endpoint):
    verbs = {"GET": "brand.read", "POST": "brand.change"}

    @documented(page_of(BrandSerializer), paged=True, operation_id="brands_list", tags=["Brands"])
    def get(self, request: Any) -> Response:
        return Response(page(request, Brand.visible_to(request.actor), lambda row: BrandSerializer(row).data))

    @documented(
        BrandSerializer, request=BrandWriteSerializer, status=201, operation_id="brands_create", tags=["Brands"]
    )
    @idempotent
    def post(self, request: Any) -> Response:
        form = BrandSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        brand = workspaces.save_brand(actor=request.actor, changes=form.validated_data)
        return Response(BrandSerializer(brand).data, status=201)


class BrandDetail(Endpoint):
    verbs = {"GET": "brand.read", "PATCH": "brand.change"}

    @documented(BrandSerializer, operation_id="brands_read", tags=["Brands"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(BrandSerializer(get_object_or_404(Brand.visible_to(request.actor), pk=pk)).data)

    @documented(
        BrandSerializer, request=BrandChangeSerializer, operation_id="brands_change", if_match=True, tags=["Brands"]
    )
    @idempotent
    def patch(self, request: Any, pk: Any) -> Response:
        brand = get_object_or_404(Brand.visible_to(request.actor), pk=pk)
        check_if_match(request, BrandSerializer(brand).data)
        form = BrandSerializer(brand, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = workspaces.save_brand(actor=request.actor, brand_id=brand.pk, changes=form.validated_data)
        return Response(BrandSerializer(changed).data)


class Jobs(Endpoint):
    verbs = {"GET": "job.read"}

    @documented(page_of(JobSerializer), paged=True, operation_id="jobs_list", tags=["Jobs"])
    def get(self, request: Any) -> Response:
        return Response(page(request, Job.visible_to(request.actor), lambda row: JobSerializer(row).data))


class JobDetail(Endpoint):
    verbs = {"GET": "job.read"}

    @documented(JobSerializer, operation_id="jobs_read", tags=["Jobs"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(JobSerializer(get_object_or_404(Job.visible_to(request.actor), pk=pk)).data)


class JobCancel(Endpoint):
    verbs = {"POST": "job.cancel"}

    @documented(JobSerializer, writes=True, operation_id="jobs_cancel", tags=["Jobs"])
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        job = get_object_or_404(Job.visible_to(request.actor), pk=pk)
        cancel_job(actor=request.actor, job=job)
        job.refresh_from_db()
        return Response(JobSerializer(job).data)


class Events(Endpoint):
    verbs = {"GET": "event.read"}
    params = frozenset({"kind", "object_id", "after"})

    @documented(
        page_of(EventSerializer),
        paged=True,
        params={
            "kind": "for example partnership.accepted",
            "object_id": "events of one thing",
            "after": "only events of a higher sequence",
        },
        operation_id="events_list",
        tags=["Events"],
    )
    def get(self, request: Any) -> Response:
        rows = Event.visible_to(request.actor)
        for name in ("kind", "object_id"):
            if request.query_params.get(name):
                rows = rows.filter(**{name: request.query_params[name]})
        after = request.query_params.get("after")
        if after:
            rows = rows.filter(pk__gt=whole("after", after))
        return Response(page(request, rows, lambda row: event_for(request.actor, row)))


class EventDetail(Endpoint):
    verbs = {"GET": "event.read"}

    @documented(EventSerializer, operation_id="events_read", tags=["Events"])
    def get(self, request: Any, pk: int) -> Response:
        return Response(event_for(request.actor, get_object_or_404(Event.visible_to(request.actor), pk=pk)))
