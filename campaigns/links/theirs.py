"""What a creator sees of their own measuring: link, code, QR, clicks, and what was credited to them with its reason."""

from __future__ import annotations

from typing import Any

import segno

from accounts.actors import Actor
from campaigns.links.counts import counts_of
from campaigns.models import AttributionEntry, Partnership, PromoCode, TrackedLink
from campaigns.services.tracking import address

MOST_ENTRIES = 20


def measuring(actor: Actor, partnership: Partnership) -> dict[str, Any]:
    """{} where nothing was made for them yet."""
    links = list(TrackedLink.visible_to(actor).filter(partnership=partnership).order_by("created_at"))
    codes = list(PromoCode.visible_to(actor).filter(partnership=partnership))
    if not links and not codes:
        return {}
    counts = counts_of(actor, [link.pk for link in links])
    entries = AttributionEntry.visible_to(actor).filter(partnership=partnership, run__is_current=True, credited=True)
    return {
        "links": [
            {"address": address(link), "link": link, "counts": counts[link.pk],
             "qr": segno.make(address(link), error="m", micro=False).svg_data_uri(scale=4, border=4)}
            for link in links
        ],
        "codes": codes,
        "entries": list(entries.select_related("conversion").order_by("-at")[:MOST_ENTRIES]),
    }  # fmt: skip
