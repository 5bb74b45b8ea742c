"""Promo codes that seem to be used by others than their creator's audience: seen on pages, told once by mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.events import record_event
from campaigns.links import leaks
from campaigns.models import AttributionEntry, Campaign, Click, PromoCode
from campaigns.services.codes import code_key

QUIET = timedelta(days=7)
"""How long after a warning the same code is not told again."""


def uses_by_code(entries: Any) -> dict[tuple[Any, str], list[leaks.Use]]:
    """(campaign, key of the code) → uses that the current ledger counts; duplicates are none. entries: a queryset."""
    counted = entries.filter(run__is_current=True, reversal=None, reason="code")
    found: dict[tuple[Any, str], list[leaks.Use]] = {}
    rows = counted.values_list("campaign_id", "conversion__code", "conversion__at", "conversion__country")
    for campaign, code, at, country in rows:
        found.setdefault((campaign, code_key(code)), []).append(leaks.Use(at, country))
    return found


def signs_in(actor: Actor, codes: Iterable[PromoCode]) -> dict[Any, list[str]]:
    """Code id → signs of a leak, for codes whose campaign was fetched with them."""
    rows = list(codes)
    campaigns = {row.campaign_id for row in rows}
    uses = uses_by_code(AttributionEntry.visible_to(actor).filter(campaign__in=campaigns))
    clicked = (
        Click.visible_to(actor)
        .filter(link__campaign__in=campaigns, link__partnership__isnull=False)
        .order_by()
        .values("link__partnership")
        .annotate(n=Count("pk", filter=Q(is_bot=False)))
    )
    clicks = dict(clicked.values_list("link__partnership", "n"))
    linked = set(
        Campaign.visible_to(actor).filter(pk__in=campaigns).values_list("tracked_links__partnership", flat=True)
    )
    return {
        row.pk: leaks.signs(
            uses.get((row.campaign_id, row.key), []),
            clicks=clicks.get(row.partnership_id, 0) if row.partnership_id in linked - {None} else None,
            countries=row.campaign.countries,
        )
        for row in rows
    }


def signs_of(actor: Actor, code: PromoCode) -> list[str]:
    return signs_in(actor, [code])[code.pk] if actor.workspace_id is not None else []


def leaking(actor: Actor) -> list[tuple[PromoCode, list[str]]]:
    """Codes in use of running campaigns that show a sign."""
    rows = PromoCode.visible_to(actor).filter(state="active", campaign__state__in=["active", "closing"])
    codes = list(rows.select_related("campaign__brand", "partnership__creator"))
    signs = signs_in(actor, codes) if codes else {}
    return [(row, signs[row.pk]) for row in codes if signs[row.pk]]


def tell_leaks(*, now: datetime | None = None) -> int:
    """One event per code that shows a sign and was not told for a week. The conditional UPDATE lets one process win."""
    moment = now or timezone.now()
    told = 0
    active = PromoCode.objects.filter(state="active", campaign__state__in=["active", "closing"])
    for workspace in active.order_by().values_list("workspace_id", flat=True).distinct():
        actor = Actor(kind="system", id="system", name=SYSTEM.name, workspace_id=workspace)
        for code, signs in leaking(actor):
            fresh = Q(alerted_at__isnull=True) | Q(alerted_at__lt=moment - QUIET)
            with transaction.atomic():
                if PromoCode.objects.filter(fresh, pk=code.pk).update(alerted_at=moment):
                    data = {"code": code.code, "signs": signs}
                    record_event("code.leaking", code, actor=SYSTEM, data=data, at=moment)
                    told += 1
    return told


def sign_words() -> dict[str, str]:
    return {
        "no_clicks": _("used, but nobody clicked this creator's links"),
        "elsewhere": _("used mostly outside the campaign's countries"),
        "burst": _("many uses within an hour"),
    }
