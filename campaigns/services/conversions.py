"""Conversions as shops tell them, their reversal, and the ledger that credits them.

Whoever writes to the ledger of a workspace holds its row: an order is counted once however many tell it at a time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from accounts.secrets import new_token, token_hash
from campaigns.attribution import FORMULA, Rule, Touch, converted, decide, given_back, rate_on
from campaigns.models import (
    AttributionEntry,
    AttributionRule,
    AttributionRun,
    Click,
    Conversion,
    ConversionKind,
    CurrencyRate,
    Postback,
    PromoCode,
    Reason,
    Reversal,
    TrackedLink,
)
from campaigns.services.codes import code_key
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


def rule_of(workspace: Workspace) -> Rule:
    row = AttributionRule.objects.filter(workspace=workspace).order_by("-version").first()
    if row is None:
        return Rule()
    return Rule(row.version, row.window_days, row.code_beats_link, row.credit_outside_window)


def current_run(workspace: Workspace) -> AttributionRun:
    """The run that new conversions are entered in. Call with the workspace held."""
    run = AttributionRun.objects.filter(workspace=workspace, is_current=True).first()
    return run or AttributionRun.objects.create(
        workspace=workspace, number=1, rule_version=rule_of(workspace).version, formula=FORMULA
    )


class Ledger:
    """Writes entries of one workspace: its rates and codes are read once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.rates: dict[str, list[tuple[date, Decimal]]] = {}
        for currency, day, rate in CurrencyRate.objects.filter(workspace=workspace).values_list(
            "currency", "day", "rate"
        ):
            self.rates.setdefault(currency, []).append((day, rate))
        self.codes = {row.key: row for row in PromoCode.objects.filter(workspace=workspace)}
        self.rules: dict[int, Rule] = {0: Rule()}
        for row in AttributionRule.objects.filter(workspace=workspace):
            rule = Rule(row.version, row.window_days, row.code_beats_link, row.credit_outside_window)
            self.rules[row.version] = rule

    def rate(self, conversion: Conversion) -> Decimal | None:
        if conversion.currency == self.workspace.currency:
            return Decimal(1)
        return rate_on(conversion.at.date(), self.rates.get(conversion.currency, []))

    def credit(self, run: AttributionRun, row: Conversion, *, at: datetime) -> AttributionEntry:
        code = self.codes.get(code_key(row.code)) if row.code else None
        before = Conversion.objects.filter(workspace=self.workspace, order_id=row.order_id, kind=row.kind)
        verdict = decide(
            self.rules[run.rule_version],
            at=row.at,
            code=Touch(code.campaign_id, code.partnership_id) if code else None,
            link=Touch(row.link.campaign_id, row.link.partnership_id, row.clicked_at) if row.link else None,
            counted_before=before.filter(number__lt=row.number).exists(),
        )
        return AttributionEntry.objects.create(
            workspace=self.workspace, run=run, conversion=row, reason=verdict.reason, campaign_id=verdict.campaign,
            partnership_id=verdict.partnership, credited=verdict.credited, currency=self.workspace.currency,
            amount=converted(row.amount, self.rate(row)), at=at,
        )  # fmt: skip

    def take_back(self, run: AttributionRun, row: Reversal, *, whole: bool, at: datetime) -> AttributionEntry:
        entry = AttributionEntry.objects.get(run=run, conversion=row.conversion, reversal=None)
        taken = AttributionEntry.objects.filter(run=run, conversion=row.conversion, reversal__isnull=False)
        before = taken.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        amount = given_back(row.amount, row.conversion.amount, entry.amount, before, whole)
        return AttributionEntry.objects.create(
            workspace=self.workspace, run=run, conversion=row.conversion, reversal=row, reason=Reason.REVERSED,
            origin=entry.reason, campaign_id=entry.campaign_id, partnership_id=entry.partnership_id,
            credited=entry.credited, currency=entry.currency, amount=amount, at=at,
        )  # fmt: skip


def save_rule(
    *,
    actor: Actor,
    workspace: Workspace,
    window_days: int,
    code_beats_link: bool,
    credit_outside_window: bool,
    now: datetime | None = None,
) -> AttributionRule:
    """The next version of the workspace's rule. It holds for what comes; `recompute` reads the past by it."""
    require(actor, "workspace.change")
    if not 1 <= window_days <= 365:
        raise InvalidInput(fields={"window_days": [_("From 1 to 365 days.")]})
    moment = now or timezone.now()
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        row = AttributionRule.objects.create(
            workspace=held, version=rule_of(held).version + 1, window_days=window_days, code_beats_link=code_beats_link,
            credit_outside_window=credit_outside_window, created_at=moment, created_by_id=actor.user_id,
        )  # fmt: skip
        record_event("attribution.rule_changed", row, actor=actor, data={"version": row.version}, at=moment)
    return row


def recompute_attribution(*, actor: Actor, workspace: Workspace, now: datetime | None = None) -> AttributionRun:
    """Reads every conversion anew by the newest rule, into a run beside the old ones, and makes it the current one."""
    require(actor, "conversion.write")
    moment = now or timezone.now()
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        last = AttributionRun.objects.filter(workspace=held).order_by("-number").first()
        AttributionRun.objects.filter(workspace=held, is_current=True).update(is_current=False)
        run = AttributionRun.objects.create(
            workspace=held, number=(last.number if last else 0) + 1, rule_version=rule_of(held).version, formula=FORMULA,
            created_at=moment,
        )  # fmt: skip
        ledger = Ledger(held)
        for row in Conversion.objects.filter(workspace=held).select_related("link").order_by("number"):
            ledger.credit(run, row, at=moment)
        left: dict[UUID, Decimal] = {}
        for back in Reversal.objects.filter(workspace=held).select_related("conversion").order_by("at", "pk"):
            rest = left.get(back.conversion_id, back.conversion.amount) - back.amount
            left[back.conversion_id] = rest
            ledger.take_back(run, back, whole=rest <= 0, at=moment)
        record_event("attribution.recomputed", run, actor=actor, data={"number": run.number}, at=moment)
    return run


def save_rate(*, actor: Actor, workspace: Workspace, currency: str, day: date, rate: Any) -> CurrencyRate:
    """A rate from `day` on. What is in the ledger stays; a recompute reads the past by the new table."""
    require(actor, "conversion.write")
    faults: dict[str, list[str]] = {}
    code = one_line(currency, 3).upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha() or code == workspace.currency:
        faults["currency"] = [_("Another currency than that of the workspace, as three letters.")]
    try:
        value = Decimal(str(rate).replace(",", ".")).quantize(Decimal("0.00000001"))
        if not value.is_finite() or not 0 < value < 1_000_000:
            raise ArithmeticError
    except ArithmeticError:
        value = Decimal(0)
        faults["rate"] = [_("A number above 0.")]
    if faults:
        raise InvalidInput(fields=faults)
    row, _created = CurrencyRate.objects.update_or_create(
        workspace=workspace, currency=code, day=day, defaults={"rate": value}
    )
    return row


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


def open_postback(*, actor: Actor, workspace: Workspace, name: str) -> tuple[Postback, str]:
    """An address for a shop, with its secret: shown this once."""
    require(actor, "workspace.change")
    label = one_line(name, 80)
    if not label:
        raise InvalidInput(fields={"name": [_("Which shop is it? Give it a name.")]})
    secret = new_token()
    with transaction.atomic():
        row = Postback.objects.create(workspace=workspace, name=label, secret_hash=token_hash(secret))
        record_event("postback.created", row, actor=actor, data={"name": label})
    return row, secret


def revoke_postback(*, actor: Actor, postback: Postback, now: datetime | None = None) -> None:
    require(actor, "workspace.change")
    Postback.objects.filter(pk=postback.pk, revoked_at__isnull=True).update(revoked_at=now or timezone.now())
    record_event("postback.revoked", postback, actor=actor, data={"name": postback.name}, at=now)


def reasons_count(entries: Iterable[AttributionEntry]) -> dict[str, int]:
    found = dict.fromkeys(Reason.values, 0)
    for entry in entries:
        found[entry.reason] += 1
    return found
