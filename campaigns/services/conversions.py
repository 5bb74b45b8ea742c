"""Conversions as shops tell them: one by one, as files, and what is given back of them.

Whoever writes to the ledger of a workspace holds its row: an order is counted once however many tell it at a time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Workspace
from accounts.permissions import require
from campaigns.models import Click, Conversion, ConversionKind, Reversal, TrackedLink
from campaigns.services.ledger import Ledger, current_run
from campaigns.texts import clean, one_line

MOST_ROWS = 20_000
FUTURE = timedelta(minutes=10)
AMOUNT_MOST = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class Told:
    """A conversion as somebody told it, read and checked. link, click: which may be unknown to us and then is None."""

    order_id: str
    external_id: str
    kind: str
    amount: Decimal
    currency: str
    at: datetime
    code: str = ""
    link: TrackedLink | None = None
    click: UUID | None = None
    clicked_at: datetime | None = None
    country: str = ""


def read_conversion(workspace: Workspace, values: Mapping[str, Any], *, now: datetime) -> Told:
    """Text or typed values to a Told. Raises InvalidInput with every fault by field."""
    faults: dict[str, list[str]] = {}
    order = one_line(values.get("order_id"), 200)
    if not order or len(order) > 120:
        faults["order_id"] = [_("Give the order's identifier, at most 120 characters.")]
    external = one_line(values.get("external_id"), 200) or order
    if len(external) > 120:
        faults["external_id"] = [_("At most 120 characters.")]
    kind = str(values.get("kind") or "sale")
    if kind not in ConversionKind.values:
        faults["kind"] = [_("Known: %(known)s.") % {"known": ", ".join(ConversionKind.values)}]
    amount = _amount(values.get("amount"), faults)
    currency = str(values.get("currency") or workspace.currency).upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        faults["currency"] = [_("A code of three letters, such as EUR.")]
    at = _moment(values.get("at"), "at", faults) or now
    if at > now + FUTURE:
        faults["at"] = [_("This moment is in the future.")]
    clicked = _moment(values.get("clicked_at"), "clicked_at", faults)
    country = str(values.get("country") or "").upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        faults["country"] = [_("A code of two letters, such as FR.")]
    link, click = _touched(workspace, values, faults)
    if click is not None and clicked is None:
        clicked = click.minute
    if faults:
        raise InvalidInput(fields=faults)
    code = one_line(values.get("code"), 60)
    return Told(order, external, kind, amount, currency, at, code, link, click.pk if click else None, clicked, country)


def _amount(value: Any, faults: dict[str, list[str]], field: str = "amount") -> Decimal:
    try:
        amount = Decimal(str(value if value not in (None, "") else 0).replace(",", ".").replace("\u00a0", "").strip())
        if not amount.is_finite() or not 0 <= amount <= AMOUNT_MOST:
            raise ArithmeticError
    except ArithmeticError:
        faults[field] = [_("An amount of 0 or more, such as 49.90.")]
        return Decimal(0)
    return amount.quantize(Decimal("0.01"))


def _moment(value: Any, field: str, faults: dict[str, list[str]]) -> datetime | None:
    if value in (None, "") or isinstance(value, datetime):
        return value or None
    try:
        found = parse_datetime(str(value).strip().replace(" ", "T", 1))
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        faults[field] = [_("A moment with its zone, such as 2026-03-01T14:05:00Z.")]
        return None
    return found


def _touched(
    workspace: Workspace, values: Mapping[str, Any], faults: dict[str, list[str]]
) -> tuple[TrackedLink | None, Click | None]:
    """The link named by slug, or that of the click named by id (only where the brand's visitors agreed)."""
    mine = TrackedLink.objects.filter(workspace=workspace)
    slug, told = one_line(values.get("link"), 80).lower().rpartition("/")[2], str(values.get("click") or "").strip()
    if told:
        try:
            click = Click.objects.select_related("link").filter(pk=UUID(told), link__workspace=workspace).first()
        except ValueError:
            faults["click"] = [_("This is not the identifier of a click.")]
            return None, None
        if click is not None:
            return click.link, click
    return (mine.filter(slug=slug).first() if slug else None), None


def record_conversion(
    *, actor: Actor, workspace: Workspace, source: str, now: datetime | None = None, **values: Any
) -> tuple[Conversion, bool]:
    """Keeps a conversion and its entry in the ledger. The same external_id again answers the first one: (row, False)."""
    require(actor, "conversion.write")
    moment = now or timezone.now()
    told = read_conversion(workspace, values, now=moment)
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        known = Conversion.objects.filter(workspace=held, external_id=told.external_id).first()
        if known is not None:
            return known, False
        last = Conversion.objects.filter(workspace=held).aggregate(last=Max("number"))["last"] or 0
        row = Conversion.objects.create(
            workspace=held, number=last + 1, external_id=told.external_id, order_id=told.order_id, kind=told.kind, amount=told.amount,
            currency=told.currency, at=told.at, code=told.code, link=told.link, click=told.click,
            clicked_at=told.clicked_at, country=told.country, source=source, received_at=moment,
        )  # fmt: skip
        entry = Ledger(held).credit(current_run(held), row, at=moment)
        data = {"order_id": row.order_id, "amount": str(row.amount), "currency": row.currency, "reason": entry.reason}
        record_event("conversion.created", row, actor=actor, data=data, at=moment)
    return row, True


def reverse_conversion(
    *,
    actor: Actor,
    conversion: Conversion,
    amount: Any = None,
    external_id: str = "",
    reason: str = "",
    now: datetime | None = None,
) -> tuple[Reversal, bool]:
    """All of what is left (amount None) or a part. The same external_id again changes nothing."""
    require(actor, "conversion.write", conversion)
    moment = now or timezone.now()
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=conversion.workspace_id)
        name = one_line(external_id, 120) or ("all" if amount is None else f"part-{conversion.reversals.count() + 1}")
        known = Reversal.objects.filter(conversion=conversion, external_id=name).first()
        if known is not None:
            return known, False
        left = amount_left(conversion)
        if left <= 0 and (conversion.amount > 0 or conversion.reversals.exists()):
            raise WrongState(_("Everything of this order was already given back."), code="nothing_left")
        faults: dict[str, list[str]] = {}
        wanted = left if amount is None else _amount(amount, faults)
        if not faults and (wanted > left or (wanted == 0 and conversion.amount > 0)):
            faults["amount"] = [
                _("At most %(left)s is left of this order.") % {"left": f"{left} {conversion.currency}"}
            ]
        if faults:
            raise InvalidInput(fields=faults)
        row = Reversal.objects.create(
            workspace=held,
            conversion=conversion,
            external_id=name,
            amount=wanted,
            reason=one_line(reason, 200),
            at=moment,
        )
        Ledger(held).take_back(current_run(held), row, whole=wanted == left, at=moment)
        data = {"order_id": conversion.order_id, "amount": str(wanted), "currency": conversion.currency}
        record_event("conversion.reversed", conversion, actor=actor, data=data, at=moment)
    return row, True


def amount_left(conversion: Conversion) -> Decimal:
    back = Reversal.objects.filter(conversion=conversion).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return conversion.amount - back


@dataclass(frozen=True, slots=True)
class RowFault:
    """row: counted from 2, as spreadsheets show it."""

    row: int
    text: str


def import_conversions(
    *, actor: Actor, workspace: Workspace, text: str, now: datetime | None = None
) -> tuple[int, int, list[RowFault]]:
    """CSV with columns order_id, amount, currency, at, code, link, kind, country, external_id, clicked_at.

    Returns (stored, known before, refused rows with their reason); what is good is stored.
    """
    require(actor, "conversion.write")
    head = text.lstrip("\ufeff").partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff")), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    if "order_id" not in [str(name or "").strip().lower() for name in reader.fieldnames or []]:
        raise InvalidInput(fields={"file": [_("The first line must name the columns; “order_id” is needed.")]})
    stored = known = 0
    faults: list[RowFault] = []
    for number, raw in enumerate(reader, start=2):
        if number > MOST_ROWS + 1:
            faults.append(RowFault(number, _("At most %(n)s rows at once.") % {"n": MOST_ROWS}))
            break
        values = {str(name or "").strip().lower(): clean(value or "") for name, value in raw.items() if name}
        fields = {name: values[name] for name in CSV_FIELDS if values.get(name)}
        try:
            _row, created = record_conversion(actor=actor, workspace=workspace, source="csv", now=now, **fields)
        except InvalidInput as error:
            faults.append(RowFault(number, str(error)))
            continue
        stored, known = stored + created, known + (not created)
    return stored, known, faults


CSV_FIELDS = (
    "order_id",
    "external_id",
    "kind",
    "amount",
    "currency",
    "at",
    "code",
    "link",
    "click",
    "clicked_at",
    "country",
)
