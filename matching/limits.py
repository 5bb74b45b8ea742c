"""A creator's limits read again where they are kept, for the few who would be proposed.

The flat row may be seconds old and holds the lowest fee over all forms; these are the terms themselves,
today's capacity and the objection list. Whatever the score, who breaks a limit is not proposed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.db import connection

from accounts.models import Creator, Objection, SocialAccount
from accounts.secrets import pseudonym
from matching.codes import EUR_PER_UNIT, in_eur, sector_key
from matching.commitments import Commitments
from matching.conditions import budget_eur
from matching.contracts import Brief

_TERMS = """
    SELECT c.id, c.erased_at IS NOT NULL, c.is_minor, t.creator_id IS NOT NULL, t.refused_sectors, t.topics, t.forms,
           t.minimum_fee::text, t.currency, t.accepts_in_kind, t.capacity_per_month, t.unavailable_until, t.shows_reasons
    FROM accounts_creator c LEFT JOIN accounts_creatorterms t ON t.creator_id = c.id WHERE c.id = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one creator says of themself. min_fee: EUR for the forms asked, None when not said."""

    creator_id: int
    erased: bool
    minor: bool
    refused: frozenset[str]
    topics: tuple[str, ...]
    forms: tuple[str, ...]
    min_fee: Decimal | None
    accepts_in_kind: bool | None
    capacity: int | None
    unavailable_until: date | None
    shows_reasons: bool


def read_terms(creator_ids: Sequence[int], brief: Brief) -> dict[int, Terms]:
    """Terms of these creators by id; who no longer exists is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, [list(creator_ids)])
        rows = cursor.fetchall()
    found = {}
    for pk, erased, minor, said, refused, topics, forms, fees, currency, *rest in rows:
        in_kind, capacity, away, shows = rest
        found[pk] = Terms(
            creator_id=pk,
            erased=erased,
            minor=minor,
            refused=frozenset(sector_key(sector) for sector in refused) if refused else frozenset(),
            topics=tuple(topics or ()),
            forms=tuple(forms or ()),
            min_fee=fee_for(orjson.loads(fees) or {}, currency or "EUR", brief.forms)
            if said and fees != "{}"
            else None,
            accepts_in_kind=in_kind,
            capacity=capacity,
            unavailable_until=away,
            shows_reasons=shows is not False,
        )
    return found


def fee_for(fees: Mapping[str, Any], currency: str, forms: Sequence[str]) -> Decimal | None:
    """EUR: the highest minimum that applies to the forms asked, the lowest of all when none is asked."""
    asked = [fees[form] if form in fees else fees.get("*") for form in forms] if forms else list(fees.values())
    amounts = []
    for amount in asked:
        try:
            amounts.append(Decimal(str(amount)))
        except InvalidOperation:
            continue
    finite = [amount for amount in amounts if amount.is_finite() and amount >= 0]
    if not finite or currency not in EUR_PER_UNIT:
        return None
    return in_eur(max(finite) if forms else min(finite), currency)


def broken_limit(terms: Terms | None, brief: Brief, *, today: date, accepted: int = 0) -> str:
    """Code of the first limit that this brief breaks, "" when it breaks none."""
    if terms is None or terms.erased:
        return "erased"
    budget = budget_eur(brief)
    too_little = terms.min_fee is not None and budget is not None and terms.min_fee > budget
    nothing = brief.in_kind_only and bool(terms.min_fee) and terms.accepts_in_kind is not True
    checks = {
        "minor": terms.minor,
        "sector_refused": bool(terms.refused.intersection(brief.sectors)),
        "in_kind_refused": brief.in_kind_only and terms.accepts_in_kind is False,
        "minimum_fee": too_little or nothing,
        "no_capacity": terms.capacity is not None and accepted >= terms.capacity,
        "unavailable": terms.unavailable_until is not None and terms.unavailable_until >= today,
    }
    return next((code for code, broken in checks.items() if broken), "")


def broken_limits(
    creator_ids: Sequence[int], brief: Brief, commitments: Commitments, *, today: date, workspace_id: Any = None
) -> tuple[dict[int, str], dict[int, Terms]]:
    """(creator → code for those who must not be proposed, terms of all who exist)."""
    terms = read_terms(creator_ids, brief)
    objected = objectors(creator_ids, workspace_id)
    broken = {}
    for pk in creator_ids:
        taken = commitments.accepted.get(pk, 0)
        code = "objected" if pk in objected else broken_limit(terms.get(pk), brief, today=today, accepted=taken)
        if code:
            broken[pk] = code
    return broken, terms


def objectors(creator_ids: Sequence[int], workspace_id: Any = None) -> set[int]:
    """Who of these asked, as a person or for one of their accounts, not to be contacted."""
    if not Objection.objects.exists():
        return set()
    hashed = {pseudonym("creator", str(pk)): pk for pk in creator_ids}
    accounts = SocialAccount.objects.filter(creator_id__in=list(creator_ids)).values_list(
        "creator_id", "platform", "handle_key"
    )
    hashed |= {pseudonym(platform, handle): pk for pk, platform, handle in accounts}
    emails = (
        Creator.objects.filter(pk__in=list(creator_ids)).exclude(contact_email="").values_list("pk", "contact_email")
    )
    hashed |= {pseudonym("email", email.lower()): pk for pk, email in emails}
    rows = Objection.objects.filter(subject_hash__in=list(hashed)).values_list("subject_hash", "workspace_id")
    return {hashed[subject] for subject, owner in rows if owner is None or owner == workspace_id}
