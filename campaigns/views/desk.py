"""The brand's way to a partnership."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.actors import Actor
from accounts.requests import PageRequest
from campaigns import selectors
from campaigns.models import Partnership


@dataclass(frozen=True, slots=True)
class Desk:
    """The brand's way to a partnership; the creator's is `answering.Door`."""

    partnership: Partnership
    actor: Actor
    layout: str = "layouts/app.html"

    def url(self, step: str = "", *rest: Any) -> str:
        return reverse(f"partnership_{step or 'detail'}", args=[self.partnership.pk, *rest])


def desk(request: PageRequest, pk: Any) -> Desk:
    return Desk(one(request, pk).partnership, request.actor)


def one(request: PageRequest, pk: Any) -> selectors.Row:
    return selectors.row_of(request.actor, get_object_or_404(selectors.partnerships(request.actor), pk=pk))
