"""The ledger: who each conversion is credited to, by which rule and at which rate. Only ever added to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.models import Workspace
from accounts.permissions import require
from campaigns.attribution import FORMULA, Rule, Touch, code_problem, converted, decide, given_back, rate_on
from campaigns.models import (
    AttributionEntry,
    AttributionRule,
    AttributionRun,
    Conversion,
    CurrencyRate,
    PromoCode,
    Reason,
    Reversal,
)
from campaigns.services.codes import code_key
from campaigns.texts import one_line


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
        self.uses: Counter[str] = Counter()
        self.counted: set[str] = set()

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
            code=self.touch(run, code, row.at) if code else None,
            link=Touch(row.link.campaign_id, row.link.partnership_id, row.clicked_at) if row.link else None,
            counted_before=before.filter(number__lt=row.number).exists(),
        )
        if code and verdict.reason == "code":
            self.uses[code.key] += 1
        return AttributionEntry.objects.create(
            workspace=self.workspace, run=run, conversion=row, reason=verdict.reason, campaign_id=verdict.campaign,
            partnership_id=verdict.partnership, credited=verdict.credited, currency=self.workspace.currency,
            amount=converted(row.amount, self.rate(row)), detail=verdict.detail, at=at,
        )  # fmt: skip

    def touch(self, run: AttributionRun, code: PromoCode, at: datetime) -> Touch:
        if code.max_uses is not None and code.key not in self.counted:
            self.counted.add(code.key)
            self.uses[code.key] = uses_so_far(run, code)
        problem = code_problem(
            at, starts_at=code.starts_at, ends_at=code.ends_at, paused_at=code.paused_at, max_uses=code.max_uses,
            uses=self.uses[code.key],
        )  # fmt: skip
        return Touch(code.campaign_id, code.partnership_id, problem=problem)

    def take_back(self, run: AttributionRun, row: Reversal, *, whole: bool, at: datetime) -> AttributionEntry:
        entry = AttributionEntry.objects.get(run=run, conversion=row.conversion, reversal=None)
        taken = AttributionEntry.objects.filter(run=run, conversion=row.conversion, reversal__isnull=False)
        before = taken.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        amount = given_back(row.amount, row.conversion.amount, entry.amount, before, whole)
        if whole and entry.reason == Reason.CODE:
            self.uses[code_key(row.conversion.code)] -= 1
        return AttributionEntry.objects.create(
            workspace=self.workspace, run=run, conversion=row.conversion, reversal=row, reason=Reason.REVERSED,
            origin=entry.reason, campaign_id=entry.campaign_id, partnership_id=entry.partnership_id,
            credited=entry.credited, currency=entry.currency, amount=amount, at=at,
        )  # fmt: skip


def uses_so_far(run: AttributionRun, code: PromoCode) -> int:
    """Orders that this run credits to the code and that were not wholly taken back."""
    entries = AttributionEntry.objects.filter(run=run, campaign=code.campaign_id, reason=Reason.CODE, reversal=None)
    back = Sum("conversion__reversals__amount")
    rows = entries.annotate(back=back).values_list("conversion__code", "conversion__amount", "back")
    return sum(code_key(text) == code.key and not (given and given >= amount) for text, amount, given in rows)


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
        left: dict[UUID, Decimal] = {}
        for row in _as_they_came(held):
            if isinstance(row, Conversion):
                ledger.credit(run, row, at=moment)
                continue
            rest = left.get(row.conversion_id, row.conversion.amount) - row.amount
            left[row.conversion_id] = rest
            ledger.take_back(run, row, whole=rest <= 0, at=moment)
        record_event("attribution.recomputed", run, actor=actor, data={"number": run.number}, at=moment)
    return run


def _as_they_came(workspace: Workspace) -> list[Conversion | Reversal]:
    """Orders and what was given back, in the order in which they were told: an order undone frees its use of a code."""
    told: list[tuple[Any, ...]] = [
        (row.received_at, row.number, 0, row)
        for row in Conversion.objects.filter(workspace=workspace).select_related("link")
    ]
    told += [
        (max(back.at, back.conversion.received_at), back.conversion.number, 1, back)
        for back in Reversal.objects.filter(workspace=workspace).select_related("conversion").order_by("at", "pk")
    ]
    return [one[-1] for one in sorted(told, key=lambda one: one[:-1])]


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


def reasons_count(entries: Iterable[AttributionEntry]) -> dict[str, int]:
    found = dict.fromkeys(Reason.values, 0)
    for entry in entries:
        found[entry.reason] += 1
    return found
