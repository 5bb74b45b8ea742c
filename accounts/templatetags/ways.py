"""Ways through pages: breadcrumbs, tabs, paging."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: Any,
    next_cursor: str | None = "",
    previous_cursor: str | None = "",
    shown: int | None = None,
    total: int | None = None,
    target: str = "",
) -> dict[str, Any]:
    """Cursor paging that keeps the other parameters. target: CSS selector that htmx swaps (optional)."""
    request: HttpRequest | None = context.get("request")

    def link(cursor: str | None) -> str:
        if not cursor:
            return ""
        parameters = request.GET.copy() if request else QueryDict(mutable=True)
        parameters["cursor"] = cursor
        return "?" + parameters.urlencode()

    return {
        "next_url": link(next_cursor),
        "previous_url": link(previous_cursor),
        "shown": shown,
        "total": total,
        "target": target,
    }


@register.simple_tag
def breadcrumbs(*parts: Any) -> SafeString:
    """{% breadcrumbs "Campaigns" url "Spring" url2 "Brief" %}: label, url pairs; the last label is this page."""
    crumbs = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    items = format_html_join("", "<li>{}</li>", ((_crumb(label, url),) for label, url in crumbs))
    return format_html('<nav class="crumbs" aria-label="{}"><ol>{}</ol></nav>', _("Breadcrumb"), items)


def _crumb(label: str, url: str) -> SafeString:
    if url:
        return format_html('<a href="{}">{}</a>', url, label)
    return format_html('<span aria-current="page">{}</span>', label)


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Any], current: str, label: str = "", target: str = "") -> dict[str, Any]:
    """Tabs as links. items: (key, label, url) or (key, label, url, count). target: htmx swaps it (optional)."""
    rows = [dict(zip(("key", "label", "url", "count"), item, strict=False)) for item in items]
    return {"items": rows, "current": current, "label": label or _("Sections of this page"), "target": target}
