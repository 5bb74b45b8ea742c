"""What pages are made of: reason line, freshness dot, state badge, timeline, empty state, progress, copy, confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.templatetags.figures import ago, moment
from accounts.templatetags.marks import icon

register = template.Library()

TONES = ("neutral", "accent", "info", "good", "warn", "bad")
_FRESH_DAYS, _AGEING_DAYS = 14, 60


@register.inclusion_tag("components/reason.html")
def reason(
    text: str,
    sign: int = 1,
    evidence: Iterable[Any] = (),
    points: float | None = None,
    count: int | None = None,
    note: str = "",
) -> dict[str, Any]:
    """A claim for (sign 1) or against (-1). evidence: items with text, url, at, network, kind, author (all optional).

    count: how many observations stand behind the claim when more than `evidence` shows.
    """
    items = list(evidence or ())
    return {
        "text": text,
        "against": sign < 0,
        "items": items,
        "count": len(items) if count is None else count,
        "points": points,
        "note": note,
    }


@register.inclusion_tag("components/freshness.html")
def freshness(at: datetime | None, basis: str = "", href: str = "", text: bool = True) -> dict[str, Any]:
    """The age of a datum as tone and words. basis: where it came from. href: its provenance."""
    age = (timezone.now() - at).days if at else None
    tone = "unknown" if age is None else "fresh" if age <= _FRESH_DAYS else "ageing" if age <= _AGEING_DAYS else "old"
    words = _("date unknown") if at is None else ago(at)
    title = words if at is None else _("Observed on %(moment)s") % {"moment": moment(at)}
    return {"tone": tone, "words": words, "title": f"{title} · {basis}" if basis else title, "href": href, "text": text}


@register.simple_tag
def badge(label: Any, tone: str = "neutral", icon_name: str = "", title: str = "") -> SafeString:
    """A small label; tones: neutral, accent, info, good, warn, bad."""
    return format_html(
        '<span class="state state-{}"{}>{}{}</span>',
        tone if tone in TONES else "neutral",
        format_html(' title="{}"', title) if title else "",
        icon(icon_name, 14) if icon_name else "",
        label,
    )


@register.simple_tag
def state_badge(state: Any) -> SafeString:
    """A state from a transition table: a mapping or object with label, tone and icon."""
    get = state.get if isinstance(state, Mapping) else lambda key, default="": getattr(state, key, default)
    return badge(get("label", ""), get("tone", "neutral"), get("icon", ""), get("help", ""))


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Any], empty: str = "") -> dict[str, Any]:
    """Newest first. events: items with at, title, and optionally text, who, icon, tone, url."""
    return {"events": events, "empty": empty}


@register.inclusion_tag("components/empty.html")
def empty(
    icon_name: str, title: str, text: str = "", action: str = "", url: str = "", compact: bool = False
) -> dict[str, Any]:
    """Why there is nothing here, and one button."""
    return {"icon_name": icon_name, "title": title, "text": text, "action": action, "url": url, "compact": compact}


@register.inclusion_tag("components/progress.html")
def progress(
    done: int | None,
    total: int | None,
    label: str = "",
    state: str = "running",
    poll_url: str = "",
    page_url: str = "",
    detail: str = "",
) -> dict[str, Any]:
    """A job's bar. state: waiting, running, done, failed, cancelled.

    poll_url: answers this same component; asked every 2 s while waiting or running.
    page_url: the link offered to a reader without JavaScript.
    """
    share = min(100, int(100 * done / total)) if done is not None and total else None
    active = state in ("waiting", "running")
    return {
        "done": done,
        "total": total,
        "share": 100 if state == "done" else share,
        "label": label,
        "state": state,
        "active": active,
        "poll_url": poll_url if active else "",
        "page_url": page_url,
        "detail": detail,
    }


@register.inclusion_tag("components/copy.html")
def copy(text: str, label: str = "", multiline: bool = False) -> dict[str, Any]:
    """A text to take away: always selectable, with a copy button where JavaScript runs."""
    return {"text": text, "label": label, "multiline": multiline}


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: Any,
    id: str,
    button: str,
    title: str,
    text: str = "",
    url: str = "",
    yes: str = "",
    tone: str = "bad",
    icon_name: str = "",
    css: str = "btn",
) -> dict[str, Any]:
    """A button that asks once before it POSTs to `url`; works without JavaScript (popover)."""
    return {
        "id": id,
        "button": button,
        "title": title,
        "text": text,
        "url": url,
        "yes": yes or button,
        "tone": tone,
        "icon_name": icon_name,
        "css": css,
        "csrf_token": context.get("csrf_token"),
    }
