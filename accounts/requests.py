"""A request as pages see it, with what our middleware and django-htmx put on it. For annotations."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.actors import Actor
from accounts.models import Membership, Workspace


class PageRequest(HttpRequest):
    """workspace and memberships are there for members only."""

    actor: Actor
    htmx: HtmxDetails
    workspace: Workspace
    memberships: list[Membership]
    request_id: str
