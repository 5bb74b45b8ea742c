"""What a careful colleague would say about a brief before it goes out. Warnings only: people decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.figures import money
from campaigns.deliverables import last_due
from campaigns.disclosure import labels_for
from campaigns.models import Brief, Campaign
from campaigns.rigidity import MANY, Rigidity, Wording, measure
from campaigns.rigidity.sectors import restricted
from campaigns.vocabulary import FREEDOM
from matching.codes import EUR_PER_UNIT, in_eur

DICTATED = 25.0
CONTRACT_FROM, NEAR = Decimal(1000), Decimal("0.7")
_VAGUE = re.compile(
    r"\b(?:some|several|a few|a couple of|various|regular|frequent) (?:posts?|stories|videos?|reels?|content|mentions?)\b|"
    r"\b(?:quelques|plusieurs|divers(?:es)?|différent(?:e)?s) (?:posts?|publications?|stor(?:y|ies)|vidéos?|reels?|contenus?|mentions?)\b|"
    r"\bdu contenu\b|\bsome content\b|\bas (?:many|much) as\b|\bautant que possible\b|\bau maximum de\b|\bwhen(?:ever)? possible\b|"
    r"\bdès que possible\b|\basap\b|\bas soon as possible\b|\bto be (?:defined|confirmed|decided|agreed)\b|\btb[acd]\b|"
    r"\bà (?:définir|préciser|confirmer|déterminer|voir)\b|\betc\b|\band so on\b",
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


def rigidity_of(brief: Brief) -> Rigidity:
    """How scripted this version is, on its own words: message, rules, and the notes of its items."""
    notes = "\n".join(str(item.get("note") or "") for item in brief.deliverables if item.get("note"))
    texts = {"message": brief.message, "must": brief.must, "must_not": brief.must_not, "note": notes}
    return measure(Wording(texts, freedom=brief.freedom, review_rounds=brief.review_rounds))


def _scripted(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    found = rigidity_of(brief)
    if found.level == "scripted":
        yield Remark(
            "scripted",
            _("The wording is very scripted"),
            _(
                "Keep the facts that must be right, and let the creator find the words. The sentences that weigh most are named above."
            ),
            "must",
        )
    elif found.parts["wording"] >= DICTATED and brief.freedom < 4:
        yield Remark(
            "dictated",
            _("Some words are dictated"),
            _("Say what has to be true or understood, and let the creator say it."),
            "must",
        )
    if found.level != "scripted" and found.obligations >= MANY:
        yield Remark(
            "many_rules",
            _("There are %(n)s rules") % {"n": found.obligations},
            _(
                "Each one may be fair; together they leave little to say. Keep those without which the post would be wrong."
            ),
            "must",
        )
    if brief.freedom >= 4 and found.parts["wording"] >= DICTATED:
        yield Remark(
            "freedom_contradicted",
            _("The freedom you grant and the words do not agree"),
            _("The scale says “%(name)s”, yet words are dictated. Loosen them, or say honestly that it is guided.")
            % {"name": FREEDOM[brief.freedom][0]},
            "freedom",
        )


def _unfree(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if brief.freedom <= 2:
        yield Remark(
            "no_freedom",
            _("Little freedom is left"),
            _("People follow this creator for their own voice. With more freedom more of them accept."),
            "freedom",
        )


def _vague(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    """Items that cannot be checked off: none at all, a vague note, or counting words without a number."""
    words_of = " ".join([brief.must, *(str(item.get("note") or "") for item in brief.deliverables)])
    if not brief.deliverables:
        yield Remark(
            "no_item", _("Nothing is asked for yet"), _("Say how many of what, and where it appears."), "deliverables"
        )
    elif mark := _VAGUE.search(words_of):
        yield Remark(
            "vague",
            _("An item stays vague (“%(mark)s”)") % {"mark": mark.group(0).strip()},
            _("Say a number, a format and a date: what cannot be counted is argued about later."),
            "deliverables",
        )


def _dates(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    if brief.deliverables and not last_due(brief.deliverables):
        yield Remark(
            "no_date",
            _("No date is given"),
            _("Say by when it should be out, or that the creator chooses: they plan several weeks ahead."),
            "deliverables",
        )


def _legal(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    """Countries whose rules were not read; rights without where or how long."""
    shown = labels_for(
        countries=campaign.countries, chosen=brief.disclosure, language=brief.language, brand=campaign.brand.name
    )
    if lacking := [label.country_name for label in shown if not label.rule]:
        yield Remark(
            "label_unknown",
            _("No rule was read for: %(countries)s") % {"countries": ", ".join(lacking)},
            _("A general label is proposed. Ask somebody who knows the law there before anything is published."),
            "disclosure",
        )
    if brief.rights and not brief.rights_uses and not re.search(r"\d", brief.rights):
        yield Remark(
            "rights_open",
            _("The usage rights have no end"),
            _("Say where and for how many months. In France a right that is not described is not given (CPI L131-3)."),
            "rights_uses",
        )


def _sectors(campaign: Campaign, brief: Brief, today: date) -> Iterator[Remark]:
    notes = " ".join(str(item.get("note") or "") for item in brief.deliverables)
    parts = [*campaign.brand.sectors, brief.product, brief.goal, brief.message, brief.must, notes, campaign.name]
    language = get_language() or "en"
    for sector in restricted(". ".join(parts), countries=campaign.countries, language=language):
        titles = {
            "block": _("This may not be promoted by creators: %(name)s"),
            "proof": _("Only with proof: %(name)s"),
            "notice": _("A legal notice is due: %(name)s"),
            "check": _("To be checked before sending: %(name)s"),
        }
        texts = {
            "block": _("Read in “%(mark)s”. %(law)s. Both sides answer for it, whatever the sum."),
            "proof": _("Read in “%(mark)s”. Needed: %(needs)s. %(law)s."),
            "notice": _("Read in “%(mark)s”. Needed: %(needs)s. %(law)s."),
            "check": _("Read in “%(mark)s”. Needed: %(needs)s. %(law)s."),
        }
        params = {"name": sector.name, "mark": sector.mark, "needs": sector.needs, "law": sector.law}
        yield Remark(
            f"sector_{sector.key}",
            titles[sector.action] % params,
            texts[sector.action] % params,
            "product",
            "warn" if sector.action in ("block", "proof") else "info",
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
    _sectors,
    _pay,
    _label,
    _legal,
    _vague,
    _dates,
    _scripted,
    _unfree,
    _numbers_only,
    _time,
    _threshold,
)
