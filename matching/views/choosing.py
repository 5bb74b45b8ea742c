"""Creators side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.errors import InvalidInput
from accounts.views.access import needs
from matching.models import CreatorIndex
from matching.services.choosing import MOST_COMPARED, compare


@needs("match.read")
@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    """?creator=1&creator=2…: the first ten that exist; fewer than two are told how to get there."""
    asked = [text for value in request.GET.getlist("creator") for text in value.split(",")]
    numbers = [int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 16]
    rows = CreatorIndex.visible_to(request.actor).filter(pk__in=numbers)  # type: ignore[attr-defined]
    known = set(rows.values_list("pk", flat=True))
    ids = [number for number in dict.fromkeys(numbers) if number in known][:MOST_COMPARED]
    try:
        found = compare(actor=request.actor, creator_ids=ids)  # type: ignore[attr-defined]
    except InvalidInput:
        found = None
    return render(request, "matching/compare.html", {"comparison": found, "one": rows[:1] if not found else ()})
