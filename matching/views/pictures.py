"""Posts' illustrations as files of their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.views.access import needs
from accounts.views.avatars import drawing
from matching.models import Post
from matching.pictures import svg_for_post


@require_safe
@needs("creator.read")
def post_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The illustration of a post the reader may see (404 otherwise)."""
    posts = (
        Post.visible_to(request.actor).select_related("account").only("pk", "kind", "external_id", "account__category")
    )
    post = get_object_or_404(posts, pk=pk)
    return drawing(request, svg_for_post(post.external_id, post.account.category, post.kind))
