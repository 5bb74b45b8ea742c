"""Terms on the table: what is asked, and what is given for it, in money and in kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import InvalidInput
from campaigns.deliverables import last_due, read_deliverables
from campaigns.models import Brief, Offer
from campaigns.models.campaign import Use
from campaigns.texts import clean, one_line

AMOUNT_MOST = Decimal("9999999.99")


class TermChanges(TypedDict, total=False):
    """What a side may propose. Amounts as Decimal, int or text; due_on as date or YYYY-MM-DD."""

    fee: Any
    in_kind: str
    in_kind_value: Any
    deliverables: Any
    rights: str
    due_on: Any
    message: str


@dataclass(frozen=True, slots=True)
class Terms:
    fee: Decimal = Decimal(0)
    currency: str = "EUR"
    in_kind: str = ""
    in_kind_value: Decimal = Decimal(0)
    deliverables: tuple[Mapping[str, Any], ...] = ()
    rights: str = ""
    due_on: date | None = None
    message: str = ""

    @classmethod
    def of_brief(cls, brief: Brief) -> Terms:
        return cls(
            fee=brief.fee or Decimal(0),
            currency=brief.currency,
            in_kind=brief.in_kind,
            in_kind_value=brief.in_kind_value or Decimal(0),
            deliverables=tuple(brief.deliverables),
            rights=rights_in_words(brief),
            due_on=last_due(brief.deliverables) or brief.campaign.ends_on,
        )

    @classmethod
    def of_offer(cls, offer: Offer) -> Terms:
        """An offer's terms as the base of the next one: everything but its message."""
        return cls(
            fee=offer.fee,
            currency=offer.currency,
            in_kind=offer.in_kind,
            in_kind_value=offer.in_kind_value,
            deliverables=tuple(offer.deliverables),
            rights=offer.rights,
            due_on=offer.due_on,
        )

    @property
    def total(self) -> Decimal:
        return self.fee + self.in_kind_value

    @property
    def forms(self) -> frozenset[str]:
        return frozenset(str(item.get("form") or "dedicated") for item in self.deliverables)

    def changed(self, changes: Mapping[str, Any], *, today: date) -> Terms:
        """These terms with `changes` applied. Raises InvalidInput for every fault at once."""
        faults: dict[str, list[str]] = {}
        values: dict[str, Any] = {}
        for name, value in changes.items():
            try:
                values[name] = _READERS[name](value)
            except KeyError:
                faults[name] = [_("This cannot be negotiated.")]
            except InvalidInput as error:
                faults[name] = list(error.fields.get(name) or error.fields.get("", [])) or [error.message]
        proposed = replace(self, **values)
        if values.get("due_on") and values["due_on"] < today:
            faults["due_on"] = [_("This date is in the past.")]
        if not faults:
            faults = proposed.lacks()
        if faults:
            raise InvalidInput(fields=faults)
        return proposed

    def lacks(self) -> dict[str, list[str]]:
        """What keeps these terms from being an offer at all."""
        faults: dict[str, list[str]] = {}
        if not self.fee and not self.in_kind:
            faults["fee"] = [_("Say what is given for the work: a fee, something in kind, or both.")]
        if self.in_kind and not self.in_kind_value:
            faults["in_kind_value"] = [_("Give the value of what is given in kind: the law counts it like money.")]
        if self.in_kind_value and not self.in_kind:
            faults["in_kind"] = [_("Say what is given in kind.")]
        if not self.deliverables:
            faults["deliverables"] = [_("Say what is asked: at least one item.")]
        return faults

    def as_fields(self) -> dict[str, Any]:
        """Columns of an Offer."""
        return asdict(self) | {"deliverables": [dict(item) for item in self.deliverables]}

    def differences(self, other: Terms) -> dict[str, list[Any]]:
        """name → [before, after] for what `other` changes, JSON ready (message left out)."""
        mine, theirs = self.as_fields(), other.as_fields()
        return {
            name: [_plain(mine[name]), _plain(theirs[name])]
            for name in mine
            if name != "message" and mine[name] != theirs[name]
        }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def rights_in_words(brief: Brief) -> str:
    """ "The brand's own accounts, the brand's website and shop; 6 months. With your name." in the brief's language."""
    if not brief.rights_uses:
        return brief.rights
    with translation.override(brief.language):
        where = ", ".join(str(Use(use).label) for use in brief.rights_uses)
        months = int(brief.rights_months or 0)
        how_long = ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ". ".join(filter(None, (f"{where}, {how_long}", brief.rights)))[:400]


def read_amount(value: Any) -> Decimal:
    """A sum of money from 0 with at most two decimals; "1 200,50" is understood too. Raises InvalidInput."""
    if isinstance(value, bool):
        raise InvalidInput(_("Write an amount, such as 450 or 450.50."))
    text = (
        str(value if value is not None else 0)
        .replace("\u202f", "")
        .replace("\u00a0", "")
        .replace(" ", "")
        .replace(",", ".")
    )
    try:
        amount = Decimal(text or "0")
    except InvalidOperation:
        raise InvalidInput(_("Write an amount, such as 450 or 450.50.")) from None
    if not amount.is_finite() or not 0 <= amount <= AMOUNT_MOST:
        raise InvalidInput(_("The amount lies between 0 and %(most)s.") % {"most": AMOUNT_MOST})
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:  # also keeps "1,200" from being read as 1.20
        raise InvalidInput(_("An amount has at most two decimals."))
    return amount.quantize(Decimal("0.01"))


def read_day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidInput(_("The date is written YYYY-MM-DD.")) from None


_READERS: dict[str, Any] = {
    "fee": read_amount,
    "in_kind": lambda value: one_line(value, 300),
    "in_kind_value": read_amount,
    "deliverables": lambda value: tuple(read_deliverables(value)),
    "rights": lambda value: one_line(value, 400),
    "due_on": read_day,
    "message": lambda value: clean(value, 1000),
}
