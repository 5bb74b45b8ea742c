"""Creators' pictures as files of their own, under a policy that lets nothing in them run or load."""

from __future__ import annotations

import zlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.avatars import svg_avatar
from accounts.models import Creator
from accounts.views.access import needs

POLICY = "default-src 'none'; style-src 'none'"


def drawing(request: HttpRequest, svg: str, *, seconds: int = 86_400) -> HttpResponse:
    """An SVG answer: cached by this reader only, revalidated by its own content."""
    tag = f'"{zlib.crc32(svg.encode()):08x}"'
    matched = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if matched else HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={seconds}"
    response["ETag"] = tag
    return response


@require_safe
@needs("creator.read")
def avatar(request: HttpRequest, pk: int) -> HttpResponse:
    """The generated picture of a creator the reader may see (404 otherwise)."""
    creator = get_object_or_404(Creator.visible_to(request.actor).only("pk", "display_name"), pk=pk)
    return drawing(request, svg_avatar(creator.pk, creator.display_name))
