"""What a creator is asked to make: a short list of items, checked once for page, API and demo alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.errors import InvalidInput
from accounts.models import PlatformName
from campaigns.models import Form
from campaigns.texts import one_line

MOST = 12
QUANTITY_MOST = 20


class Format(models.TextChoices):
    POST = "post", gettext_lazy("Post")
    CAROUSEL = "carousel", gettext_lazy("Carousel")
    STORY = "story", gettext_lazy("Story")
    SHORT_VIDEO = "short_video", gettext_lazy("Short video")
    VIDEO = "video", gettext_lazy("Video")
    LIVE = "live", gettext_lazy("Live stream")
    ARTICLE = "article", gettext_lazy("Article")


COUNTED = {
    "post": ngettext_lazy("%(n)s post", "%(n)s posts", "n"),
    "carousel": ngettext_lazy("%(n)s carousel", "%(n)s carousels", "n"),
    "story": ngettext_lazy("%(n)s story", "%(n)s stories", "n"),
    "short_video": ngettext_lazy("%(n)s short video", "%(n)s short videos", "n"),
    "video": ngettext_lazy("%(n)s video", "%(n)s videos", "n"),
    "live": ngettext_lazy("%(n)s live stream", "%(n)s live streams", "n"),
    "article": ngettext_lazy("%(n)s article", "%(n)s articles", "n"),
}


def read_deliverables(value: Any) -> list[dict[str, Any]]:
    """A list of items → the same, complete and normalised. Raises InvalidInput naming item and remedy."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidInput(fields={"deliverables": [_("This must be a list of items.")]})
    if len(value) > MOST:
        raise InvalidInput(fields={"deliverables": [_("At most %(n)s items.") % {"n": MOST}]})
    items, faults = [], []
    for number, raw in enumerate(value, start=1):
        item, wrong = _read(raw)
        items.append(item)
        faults += [_("Item %(number)s: %(fault)s") % {"number": number, "fault": fault} for fault in wrong]
    if faults:
        raise InvalidInput(fields={"deliverables": faults})
    return items


def _read(raw: Any) -> tuple[dict[str, Any], list[str]]:
    if not isinstance(raw, Mapping):
        return {}, [_("it must be an object with form, format, platform, quantity, due_on and note.")]
    faults = [_("there is no field “%(name)s”.") % {"name": name} for name in set(raw) - _FIELDS]
    item: dict[str, Any] = {}
    for name, choices, default in (
        ("form", Form, "dedicated"),
        ("format", Format, "post"),
        ("platform", PlatformName, "instagram"),
    ):
        item[name] = str(raw.get(name) or default)
        if item[name] not in choices.values:
            faults.append(_("choose one of: %(known)s.") % {"known": ", ".join(choices.values)})
    quantity = raw.get("quantity", 1)
    if isinstance(quantity, str) and quantity.isascii() and quantity.isdigit():
        quantity = int(quantity)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= QUANTITY_MOST:
        faults.append(_("the number lies between 1 and %(n)s.") % {"n": QUANTITY_MOST})
    item["quantity"] = quantity
    due = raw.get("due_on") or None
    try:
        item["due_on"] = (
            due.isoformat() if isinstance(due, date) else date.fromisoformat(due).isoformat() if due else None
        )
    except (TypeError, ValueError):
        faults.append(_("the date is written YYYY-MM-DD."))
    item["note"] = one_line(raw.get("note"), 200)
    return item, faults


_FIELDS = {"form", "format", "platform", "quantity", "due_on", "note"}


def last_due(deliverables: Sequence[Mapping[str, Any]]) -> date | None:
    """The latest date any item is due, None when none has a date."""
    dates = [date.fromisoformat(item["due_on"]) for item in deliverables if item.get("due_on")]
    return max(dates, default=None)


def described(deliverables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items as people read them: words ("2 short videos"), network, form, date, note."""
    shown = []
    for item in deliverables:
        quantity = int(item.get("quantity") or 1)
        form = str(item.get("form") or "")
        shown.append(
            {
                "words": COUNTED.get(str(item.get("format") or "post"), COUNTED["post"]) % {"n": quantity},
                "platform": str(item.get("platform") or ""),
                "form": dict(Form.choices).get(form, form),
                "due_on": date.fromisoformat(item["due_on"]) if item.get("due_on") else None,
                "note": str(item.get("note") or ""),
            }
        )
    return shown
