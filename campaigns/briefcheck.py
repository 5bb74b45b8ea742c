"""What a careful colleague would say about a brief before it goes out. Warnings only: people decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.templatetags.figures import money
from campaigns.deliverables import last_due
from campaigns.models import Brief, Campaign
from campaigns.texts import words
from matching.codes import EUR_PER_UNIT, in_eur

MUSTS_MANY = 5
WORDS_MANY = 90
CONTRACT_FROM, NEAR = Decimal(1000), Decimal("0.7")
_DICTATED = re.compile(
    r"word for word|mot pour mot|mot à mot|exact wording|exact words|texte exact|\bscript|verbatim|"
    r"read (?:this|the text)|lire le texte|dire exactement|say exactly|copy and paste|copier[- ]coller|"
    r"[«“\"][^»”\"]{60,}[»”\"]",
    re.IGNORECASE,
)
_NAMING = re.compile(
    r"\b(?:#?ads?\b|advert|publicit|#?sponso|partenariat|partnership|collab|r[ée]mun[ée]r|paid\b|pay[ée]e?s?\b|disclos)",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"concurren|competit|other brand|autres? marques?|price|prix", re.IGNORECASE)
_DISCREET = re.compile(
    r"discr[eè]t|discreet|subtle|hide|cacher|masquer|#sp(?:on)?\b|ne pas (?:dire|mentionner|préciser)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Remark:
    """tone: warn (do something) or info (know it). field: the part of the form it speaks of."""

    code: str
    title: str
    text: str
    field: str
    tone: str = "warn"


def remarks(campaign: Campaign, brief: Brief, *, today: date) -> list[Remark]:
    """Everything worth saying, the gravest first."""
    return [remark for check in _CHECKS for remark in check(campaign, brief, today)]


def _hidden_label(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    """A rule not to name the partnership, or to be discreet about it."""
    forbidden = [line for line in brief.must_not.splitlines() if not _OTHERS.search(line)]
    everything = [*brief.must.splitlines(), *forbidden]
    if any(_NAMING.search(line) for line in forbidden) or any(
        _DISCREET.search(line) and _NAMING.search(line) for line in everything
    ):
        yield Remark(
            "hides_label",
            _("This seems to ask for a hidden partnership"),
            _("Naming the partnership is the law and protects both of you. Take out what asks to hide it."),
            "must_not",
        )


def _scripted(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    lines = [line for line in brief.must.splitlines() if line.strip()]
    if _DICTATED.search(brief.must) or len(lines) > MUSTS_MANY or len(words(brief.must)) > WORDS_MANY:
        yield Remark(
            "scripted",
            _("The wording is very scripted"),
            _(
                "Posts that sound written by somebody else are read less (a trade article speaks of 30 to 50% fewer "
                "interactions). Keep the facts that must be right, and let the creator find the words."
            ),
            "must",
        )


def _unfree(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if brief.freedom <= 2:
        yield Remark(
            "no_freedom",
            _("Little freedom is left"),
            _("People follow this creator for their own voice. With more freedom more of them accept."),
            "freedom",
        )


def _pay(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if not brief.fee and not brief.in_kind:
        yield Remark(
            "no_pay", _("No pay is given"), _("Say what the work is worth: a fee, something in kind, or both."), "fee"
        )
    elif not brief.fee:
        yield Remark(
            "in_kind_only",
            _("Paid in kind only"),
            _("Many creators refuse this. Even a small fee says that it is work."),
            "fee",
        )


def _label(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if not campaign.countries:
        yield Remark(
            "no_label",
            _("No disclosure label yet"),
            _("Choose the countries of your audience in the campaign: each has its own words for a paid post."),
            "disclosure",
        )


def _numbers_only(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    wishes = brief.matching or {}
    numbers = wishes.get("followers_min") is not None or wishes.get("followers_max") is not None
    if numbers and not wishes.get("text") and not wishes.get("topics"):
        yield Remark(
            "numbers_only",
            _("You choose by numbers only"),
            _("A follower range says nothing of the subject or the tone. Say in words whom you look for."),
            "text",
        )


def _time(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    due = last_due(brief.deliverables)
    if due and due < today + timedelta(days=brief.answer_days + 3):
        yield Remark(
            "short_time",
            _("There is little time to make it"),
            _("Between the last day to answer and the publication less than three days are left."),
            "deliverables",
        )
    if brief.answer_days < 3:
        yield Remark(
            "short_answer",
            _("Less than three days to answer"),
            _("Creators have other work; a week brings more answers."),
            "answer_days",
        )


def _threshold(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if "FR" not in campaign.countries or brief.currency not in EUR_PER_UNIT:
        return
    value = in_eur((brief.fee or Decimal(0)) + (brief.in_kind_value or Decimal(0)), brief.currency)
    if value >= CONTRACT_FROM * NEAR:
        params = {"value": money(value, "EUR"), "threshold": money(CONTRACT_FROM, "EUR")}
        yield Remark(
            "contract",
            _("A written contract is needed in France")
            if value >= CONTRACT_FROM
            else _("Close to the contract threshold"),
            _(
                "Money and goods together come to %(value)s. In France, from %(threshold)s excluding VAT per creator, "
                "year and objective, a written contract is required (decree 2025-1137, in force since 1 January 2026)."
            )
            % params,
            "fee",
            "info",
        )


_CHECKS: tuple[Callable[[Campaign, Brief, date], Iterator[Remark]], ...] = (
    _hidden_label,
    _pay,
    _label,
    _scripted,
    _unfree,
    _numbers_only,
    _time,
    _threshold,
)
