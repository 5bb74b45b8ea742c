"""Promo codes: made from a pattern, imported, limited, and watched for leaks."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import SocialAccount
from accounts.permissions import require
from campaigns.limits import BOUND
from campaigns.models import Campaign, Partnership, PromoCode
from campaigns.services.tracking import handle_of
from campaigns.states import LINK, advance
from campaigns.texts import clean, one_line
from matching.codes import fold

# Without 0 O 1 I: people read codes aloud and type them from pictures.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SHORTEST, LONGEST = 3, 30
TOKENS = ("handle", "first", "brand", "value", "##", "??")
MOST_TRIES = 40
MOST_ROWS = 2000


def code_key(text: str) -> str:
    """What makes two codes the same for a buyer: case, accents, blanks and hyphens do not."""
    return re.sub(r"[^a-z0-9]", "", fold(clean(text))).upper()[:LONGEST]


def create_code(
    *,
    actor: Actor,
    campaign: Campaign,
    code: str,
    partnership: Partnership | None = None,
    label: str = "",
    discount: str = "percent",
    value: Decimal | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    max_uses: int | None = None,
    now: datetime | None = None,
) -> PromoCode:
    """One code as given. Raises InvalidInput by field, WrongState where the workspace has it already."""
    require(actor, "link.change", campaign)
    row = _row(campaign, partnership, discount, value, starts_at, ends_at, max_uses, label, now)
    _named(row, code)
    if not _insert(row):
        raise WrongState(
            _("The code %(code)s exists already in this workspace.") % {"code": row.code}, code="code_taken"
        )
    _tell(row, actor, now)
    return row


def _row(campaign, partnership, discount, value, starts_at, ends_at, max_uses, label, now) -> PromoCode:  # type: ignore[no-untyped-def]
    faults: dict[str, list[str]] = {}
    if partnership is not None and partnership.campaign_id != campaign.pk:
        faults["partnership"] = [_("This partnership belongs to another campaign.")]
    if discount not in ("percent", "amount", "other"):
        faults["discount"] = [_("Choose one of the list.")]
    if discount == "percent" and (value is None or not 0 < value <= 100):
        faults["value"] = [_("A percentage above 0 and up to 100.")]
    if discount == "amount" and (value is None or not 0 < value < 10_000_000):
        faults["value"] = [_("An amount above 0.")]
    faults |= _limit_faults(starts_at, ends_at, max_uses)
    if faults:
        raise InvalidInput(fields=faults)
    return PromoCode(
        workspace_id=campaign.workspace_id, campaign=campaign, partnership=partnership, discount=discount,
        value=None if discount == "other" else value, currency=campaign.currency, starts_at=starts_at, ends_at=ends_at,
        max_uses=max_uses, label=one_line(label, 80), created_at=now or timezone.now(),
    )  # fmt: skip


def _limit_faults(starts_at: datetime | None, ends_at: datetime | None, max_uses: int | None) -> dict[str, list[str]]:
    faults = {}
    if starts_at and ends_at and ends_at <= starts_at:
        faults["ends_at"] = [_("The end comes before the start. Swap the dates or change one.")]
    if max_uses is not None and not 1 <= max_uses <= 1_000_000:
        faults["max_uses"] = [_("At least one use, or leave it open.")]
    return faults


def _named(row: PromoCode, code: str) -> None:
    row.code, row.key = one_line(code, 60).upper().replace(" ", ""), code_key(code)
    if not len(row.key) >= SHORTEST or len(row.code) > LONGEST or not row.code.isprintable():
        message = _("From %(least)s to %(most)s letters and digits.") % {"least": SHORTEST, "most": LONGEST}
        raise InvalidInput(fields={"code": [message]})


def _insert(row: PromoCode) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return True
    except IntegrityError as error:
        if "code_unique_in_workspace" not in str(error):
            raise
        return False


def _tell(row: PromoCode, actor: Actor, now: datetime | None) -> None:
    creator = row.partnership.creator_id if row.partnership else None
    record_event("code.created", row, actor=actor, data={"code": row.code}, creator_id=creator, at=now)


def read_pattern(pattern: str) -> str:
    """A pattern such as "{handle}{value}" or "{first}-??##". # is a digit, ? a letter drawn by chance."""
    text = one_line(pattern, 60)
    unknown = set(re.findall(r"\{([^}]*)\}", text)) - {"handle", "first", "brand", "value"}
    if unknown or not text or "{" in re.sub(r"\{\w+\}", "", text):
        raise InvalidInput(
            fields={"pattern": [_("Known: {handle}, {first}, {brand}, {value}, # for a digit, ? for a letter.")]}
        )
    if "{handle}" not in text and "{first}" not in text and text.count("#") + text.count("?") < 4:
        raise InvalidInput(fields={"pattern": [_("Everybody would get the same code. Add {handle} or ####.")]})
    return text


def draw_code(
    pattern: str, partnership: Partnership, value: Decimal | None, choose: Callable[[str], str] = secrets.choice
) -> str:
    """One code by the pattern, as long as fits."""
    parts = {
        "handle": re.sub(r"[^a-z0-9]", "", fold(handle_of(partnership)))[:16],
        "first": re.sub(r"[^a-z]", "", fold(partnership.creator.display_name.split()[0]))[:12],
        "brand": re.sub(r"[^a-z0-9]", "", fold(partnership.campaign.brand.name))[:10],
        "value": f"{value:f}".rstrip("0").rstrip(".")
        if value is not None and "." in f"{value:f}"
        else str(value or ""),
    }
    text = re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], pattern)
    text = "".join(choose("23456789") if c == "#" else choose(ALPHABET[:24]) if c == "?" else c for c in text)
    return text.upper()[:LONGEST]


def create_codes_for_all(
    *,
    actor: Actor,
    campaign: Campaign,
    pattern: str,
    value: Decimal | None = None,
    now: datetime | None = None,
    **options: Any,
) -> tuple[list[PromoCode], list[Partnership]]:
    """A code for each who accepted and has none here. A code that is taken gets a number: no collision, no gap."""
    require(actor, "link.change", campaign)
    shape = read_pattern(pattern)
    made, had = [], []
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        people = Partnership.objects.filter(campaign=campaign, state__in=BOUND).select_related(
            "creator", "campaign__brand"
        )
        served = set(PromoCode.objects.filter(campaign=campaign).values_list("partnership_id", flat=True))
        for partnership in people.order_by("creator__display_name"):
            if partnership.pk in served:
                had.append(partnership)
                continue
            options_ = {"discount": "percent" if value is not None else "other", "label": "", "starts_at": None}
            options_ |= {"ends_at": None, "max_uses": None} | options
            row = _row(campaign, partnership, value=value, now=now, **options_)
            for number in range(MOST_TRIES):
                _named(row, draw_code(shape, partnership, value) + (str(number + 1) if number else ""))
                if _insert(row):
                    break
            else:
                raise WrongState(_("Too many codes look like this pattern. Add # or ?."), code="pattern_exhausted")
            _tell(row, actor, now)
            made.append(row)
    return made, had


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row of an imported file that was left out. row: counted from 2, as spreadsheets show it."""

    row: int
    code: str
    why: str


def import_codes(
    *, actor: Actor, campaign: Campaign, text: str, now: datetime | None = None
) -> tuple[list[PromoCode], list[Refusal]]:
    """CSV with columns code, handle, percent, amount, label, max_uses, starts, ends. Good rows are stored, the others
    explained. starts, ends: days (the whole day of the reader's zone) or moments."""
    require(actor, "link.change", campaign)
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), dialect=_dialect(text))
    names = [str(name or "").strip().lower() for name in reader.fieldnames or []]
    if "code" not in names:
        raise InvalidInput(fields={"file": [_("The first line must name the columns; “code” is needed.")]})
    people = _by_handle(campaign)
    made, refused = [], []
    for number, raw in enumerate(reader, start=2):
        if number > MOST_ROWS + 1:
            refused.append(Refusal(number, "", _("At most %(n)s rows at once.") % {"n": MOST_ROWS}))
            break
        row = {str(name or "").strip().lower(): clean(value or "") for name, value in raw.items() if name}
        try:
            made.append(_imported(actor, campaign, row, people, now))
        except (InvalidInput, WrongState) as error:
            refused.append(Refusal(number, row.get("code", "")[:40], error.message))
    return made, refused


def _dialect(text: str) -> type[csv.Dialect]:
    head = text.partition("\n")[0]
    return csv.excel if head.count(",") >= head.count(";") else type("semicolon", (csv.excel,), {"delimiter": ";"})


def _by_handle(campaign: Campaign) -> dict[str, Partnership]:
    rows = Partnership.objects.filter(campaign=campaign, state__in=BOUND).select_related("creator")
    mine = {row.creator_id: row for row in rows}
    accounts = SocialAccount.objects.filter(creator_id__in=mine)
    return {account.handle_key: mine[account.creator_id] for account in accounts}


def _imported(
    actor: Actor, campaign: Campaign, row: dict[str, str], people: dict[str, Partnership], now: datetime | None
) -> PromoCode:
    handle = row.get("handle", "").lstrip("@").lower()
    if handle and handle not in people:
        raise InvalidInput(_("Nobody in this campaign who accepted is called @%(handle)s.") % {"handle": handle})
    try:
        percent = Decimal(row["percent"].replace(",", ".")) if row.get("percent") else None
        amount = Decimal(row["amount"].replace(",", ".")) if row.get("amount") else None
        most = int(row["max_uses"]) if row.get("max_uses") else None
    except (ArithmeticError, ValueError) as error:
        raise InvalidInput(_("percent, amount and max_uses are numbers.")) from error
    starts, ends = read_limit(row.get("starts", ""), last=False), read_limit(row.get("ends", ""), last=True)
    kind = "percent" if percent is not None else "amount" if amount is not None else "other"
    return create_code(
        actor=actor, campaign=campaign, code=row.get("code", ""), partnership=people.get(handle), label=row.get("label", ""),
        discount=kind, value=percent if percent is not None else amount, max_uses=most, starts_at=starts,
        ends_at=ends, now=now,
    )  # fmt: skip


def read_limit(text: str, *, last: bool) -> datetime | None:
    """A day, at its first or last second where the reader is, or a moment. Raises InvalidInput."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise InvalidInput(_("Days are written 2026-03-31.")) from error
    if len(text.strip()) == 10 and last:
        found = found.replace(hour=23, minute=59, second=59)
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def pause_code(*, actor: Actor, code: PromoCode, now: datetime | None = None) -> PromoCode:
    """Orders from now on are not credited to it. The shop has to stop the code itself."""
    require(actor, "link.change", code)
    moment = now or timezone.now()
    advance(code, LINK, "pause", actor=actor, changes={"paused_at": moment}, data={"code": code.code}, at=moment)
    return code


def resume_code(*, actor: Actor, code: PromoCode, now: datetime | None = None) -> PromoCode:
    require(actor, "link.change", code)
    advance(code, LINK, "resume", actor=actor, changes={"paused_at": None}, data={"code": code.code}, at=now)
    return code


def change_code(
    *,
    actor: Actor,
    code: PromoCode,
    starts_at: datetime | None,
    ends_at: datetime | None,
    max_uses: int | None,
    now: datetime | None = None,
) -> PromoCode:
    """When it is valid and how often; None: no limit. The code itself and what it gives never change.

    Entries of the ledger stay as they are; reading anew applies the new limits to the past.
    """
    require(actor, "link.change", code)
    faults = _limit_faults(starts_at, ends_at, max_uses)
    if faults:
        raise InvalidInput(fields=faults)
    with transaction.atomic():
        changes = {"starts_at": starts_at, "ends_at": ends_at, "max_uses": max_uses}
        PromoCode.objects.filter(pk=code.pk).update(**changes)
        data = {"code": code.code} | {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in changes.items()
        }
        creator = code.partnership.creator_id if code.partnership else None
        record_event("code.changed", code, actor=actor, data=data, creator_id=creator, at=now)
    code.refresh_from_db()
    return code
