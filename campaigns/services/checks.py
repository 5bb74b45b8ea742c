"""Disclosure checks kept as evidence: of drafts, of publications, and of any text a workspace asks about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.models import Brand
from accounts.permissions import require
from campaigns.disclosure.packs import ALIASES, platforms
from campaigns.disclosure.verdicts import RELATIONSHIPS, Check, Deal, check
from campaigns.models import Deliverable, DisclosureCheck, Draft, ReviewFile
from campaigns.texts import sector_key
from matching.codes import countries as known_countries

# sectors as codes (campaigns.texts.sector_key) → the notice they carry
_NOTICES = {
    "alcohol": "alcohol", "wine": "alcohol", "beer": "alcohol", "spirits": "alcohol", "alcool": "alcohol", "vin": "alcohol",
    "gambling": "gambling", "betting": "gambling", "jeux_d_argent": "gambling",
    "soft_drinks": "sweet_salty_food", "confectionery": "sweet_salty_food", "snacks": "sweet_salty_food",
    "less_healthy_food": "less_healthy_food",
}  # fmt: skip


def targeted(deliverable: Deliverable) -> list[str]:
    """Countries whose rules apply: the campaign's, else the brief's labels, else the brand's, else France."""
    campaign, brief = deliverable.partnership.campaign, deliverable.partnership.brief
    return list(campaign.countries or (brief.disclosure if brief else {}) or campaign.brand.countries or ["FR"])


def language_of(deliverable: Deliverable) -> str:
    brief = deliverable.partnership.brief
    return brief.language if brief else (deliverable.partnership.campaign.languages or [""])[0]


def deal_of(deliverable: Deliverable) -> Deal:
    """A piece agreed on is owed, whatever is given for it: a gift with a duty to post is paid in kind."""
    brand = deliverable.partnership.campaign.brand
    notices = {_NOTICES[key] for key in map(sector_key, brand.sectors) if key in _NOTICES}
    return Deal(
        relationship="paid",
        brand=(brand.name,),
        notices=frozenset(notices | set(deliverable.notices)),
        toggle=deliverable.toggle,
    )


def preview(deliverable: Deliverable, text: str, *, now: datetime | None = None) -> Check:
    """The verdict on a text, kept nowhere."""
    return check(
        text,
        countries=targeted(deliverable),
        on=(now or timezone.now()).date(),
        language=language_of(deliverable),
        platform=deliverable.platform,
        deal=deal_of(deliverable),
    )


def check_draft(*, draft: Draft, now: datetime) -> DisclosureCheck:
    return _keep(draft.deliverable, "draft", draft.text, now, draft=draft)


def check_publication(
    *, deliverable: Deliverable, screenshot: ReviewFile | None = None, now: datetime
) -> DisclosureCheck:
    return _keep(
        deliverable, "publication", deliverable.caption, now, url=deliverable.published_url, screenshot=screenshot
    )


def _keep(deliverable: Deliverable, subject: str, text: str, now: datetime, **more: Any) -> DisclosureCheck:
    found = preview(deliverable, text, now=now)
    kept: DisclosureCheck = DisclosureCheck.objects.create(
        workspace_id=deliverable.partnership.campaign.workspace_id,
        deliverable=deliverable,
        subject=subject,
        text=text,
        checked_at=now,
        **_columns(found),
        **more,
    )
    return kept


def _columns(found: Check) -> dict[str, Any]:
    return {
        "text_hash": found.text_hash,
        "language": found.language,
        "platform": found.platform,
        "countries": [row.country for row in found.countries],
        "packs": found.packs,
        "verdict": found.verdict,
        "findings": found.as_json()["countries"],
    }


def check_text(
    *,
    actor: Actor,
    text: str,
    countries: Iterable[str],
    language: str = "",
    platform: str = "instagram",
    relationship: str = "paid",
    brand: Brand | None = None,
    notices: Iterable[str] = (),
    toggle: bool | None = None,
    now: datetime | None = None,
) -> DisclosureCheck:
    """A text by itself, kept with its verdict. Raises InvalidInput naming the field."""
    require(actor, "disclosure.check")
    moment = now or timezone.now()
    codes = [ALIASES.get(code.upper(), code.upper()) for code in countries]
    faults: dict[str, list[str]] = {}
    unknown = [code for code in codes if code not in known_countries()]
    if not codes or unknown:
        faults["countries"] = [_("Use two-letter codes, such as FR; at least one, at most 20.")]
    if len(codes) > 20:
        faults["countries"] = [_("Use two-letter codes, such as FR; at least one, at most 20.")]
    if platform not in platforms()["fold"]:
        faults["platform"] = [_("Known: %(known)s.") % {"known": ", ".join(sorted(platforms()["fold"]))}]
    if relationship not in RELATIONSHIPS:
        faults["relationship"] = [_("Known: %(known)s.") % {"known": ", ".join(RELATIONSHIPS)}]
    if "\x00" in text:
        faults["text"] = [_("A text cannot hold the zero character.")]
    if faults:
        raise InvalidInput(fields=faults)
    deal = Deal(relationship, (brand.name,) if brand else (), frozenset(notices), toggle)
    found = check(text, countries=codes, on=moment.date(), language=language[:2], platform=platform, deal=deal)
    kept: DisclosureCheck = DisclosureCheck.objects.create(
        workspace_id=actor.workspace_of_own(), subject="text", text=text, checked_at=moment, **_columns(found)
    )
    return kept
