"""Reasons as sentences. Answers store codes and parameters; the words are chosen where they are read.

Every code the engine can give has a sentence here (a test runs through them). Wording is careful: what is
unusual is called unusual, never fraud; what is a guess is called a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.templatetags.figures import money, number, percent
from matching.contracts import Reason

TEXTS: dict[str, str | Promise] = {
    "affinity.close_posts": gettext_lazy("Their closest posts come near what the brief asks%(terms)s"),
    "affinity.only_post": gettext_lazy("The one post read is about %(subject)s"),
    "affinity.far": gettext_lazy("Nothing read so far comes close to what the brief asks"),
    "wish.platforms": gettext_lazy("Not on the networks wished"),
    "wish.languages": gettext_lazy("Does not write in the languages wished"),
    "wish.countries": gettext_lazy("Outside the countries wished"),
    "wish.followers": gettext_lazy("Outside the follower range wished"),
    "wish.topics": gettext_lazy("None of the topics wished is among theirs"),
    "coherence.good": gettext_lazy("Keeps to their subject: more coherent than %(more)s of comparable creators"),
    "coherence.poor": gettext_lazy("Speaks of many things: less coherent than %(less)s of comparable creators"),
    "tenure.good": gettext_lazy("Has kept to this subject for long: longer than %(more)s of comparable creators"),
    "tenure.poor": gettext_lazy("New to this subject: shorter history than %(less)s of comparable creators"),
    "continuity.good": gettext_lazy("Recent posts keep to the line of the earlier ones"),
    "continuity.poor": gettext_lazy("The subject has turned lately: recent posts differ from the earlier ones"),
    "engagement_rate.good": gettext_lazy(
        "Engagement of %(value)s (%(interval)s), above %(more)s of comparable creators"
    ),
    "engagement_rate.poor": gettext_lazy(
        "Engagement of %(value)s (%(interval)s), below %(less)s of comparable creators"
    ),
    "qualified_share.good": gettext_lazy(
        "Comments go into the matter: %(value)s qualified (%(interval)s), more than %(more)s of comparable creators"
    ),
    "qualified_share.poor": gettext_lazy(
        "Few comments go into the matter: %(value)s qualified (%(interval)s), "
        "fewer than %(less)s of comparable creators"
    ),
    "reply_rate.good": gettext_lazy(
        "Answers %(value)s of comments (%(interval)s), more than %(more)s of comparable creators"
    ),
    "reply_rate.poor": gettext_lazy(
        "Answers %(value)s of comments (%(interval)s), less than %(less)s of comparable creators"
    ),
    "generic_share.good": gettext_lazy(
        "Few empty comments: %(value)s say nothing in particular, fewer than for %(less)s of comparable creators"
    ),
    "generic_share.poor": gettext_lazy(
        "Many empty comments: %(value)s say nothing in particular, more than for %(more)s of comparable creators"
    ),
    "audience_authenticity.good": gettext_lazy(
        "Comments come from usual accounts: between %(low)s and %(high)s of the audience"
    ),
    "audience_authenticity.poor": gettext_lazy(
        "Part of the audience is unusual: between %(low)s and %(high)s looks ordinary"
    ),
    "growth.good": gettext_lazy("Audience grows steadily, faster than %(more)s of comparable creators"),
    "growth.poor": gettext_lazy("Audience grows more slowly than for %(less)s of comparable creators"),
    "audience.unusual": gettext_lazy("%(n)s independent signs of unusual activity: the audience score is capped"),
    "sponsorship_load.good": gettext_lazy("Few partnerships: %(value)s of posts are sponsored (%(interval)s)"),
    "sponsorship_load.poor": gettext_lazy(
        "%(value)s of posts are sponsored (%(interval)s), more than for %(more)s of comparable creators"
    ),
    "disclosure_record.good": gettext_lazy(
        "Names partnerships clearly: better record than %(more)s of comparable creators"
    ),
    "disclosure_record.poor": gettext_lazy("Partnerships are often not named clearly (%(value)s disclosed)"),
    "selectivity.good": gettext_lazy("Works with the same partners again: %(value)s of partnerships (%(interval)s)"),
    "selectivity.poor": gettext_lazy(
        "Many partners, few of them twice: %(value)s of partnerships are repeats (%(interval)s)"
    ),
    "nuance.good": gettext_lazy("Says limits and the other side more often than %(more)s of comparable creators"),
    "nuance.poor": gettext_lazy("Seldom says limits or the other side"),
    "pressure.good": gettext_lazy("Speaks without urgency or superlatives more than %(less)s of comparable creators"),
    "pressure.poor": gettext_lazy("More urgency and superlatives than %(more)s of comparable creators"),
    "deadlines.good": gettext_lazy("Keeps deadlines: %(value)s on time (%(interval)s)"),
    "deadlines.poor": gettext_lazy("Deadlines missed: %(value)s on time (%(interval)s)"),
    "response_time.good": gettext_lazy("Answers brands quickly"),
    "response_time.poor": gettext_lazy("Answers brands slowly"),
    "disputes.good": gettext_lazy("No disagreement in past partnerships"),
    "disputes.poor": gettext_lazy("Disagreements in past partnerships"),
    "answer_rate.good": gettext_lazy("Usually answers proposals"),
    "answer_rate.poor": gettext_lazy("Seldom answers proposals"),
    "economy.affordable": gettext_lazy("Fits the budget: %(price_known)s for %(budget)s"),
    "economy.in_kind": gettext_lazy("Accepts partnerships paid in kind"),
    "economy.expensive": gettext_lazy("Probably above the budget: %(price_known)s for %(budget)s"),
    "economy.cheap_engagement": gettext_lazy("Each engagement costs less than with most candidates"),
    "economy.dear_engagement": gettext_lazy("Each engagement costs more than with most candidates"),
    "willingness.wants_topic.good": gettext_lazy("Says they want partnerships on this subject"),
    "willingness.wants_topic.poor": gettext_lazy("This subject is not among those they want"),
    "willingness.accepts_form.good": gettext_lazy("Accepts the form of collaboration asked"),
    "willingness.accepts_form.poor": gettext_lazy("Has not named the form asked among those accepted"),
    "willingness.fee.good": gettext_lazy("The budget leaves room above what they usually ask"),
    "willingness.fee.poor": gettext_lazy("The budget is close to or below what they usually ask"),
    "willingness.claimed.good": gettext_lazy("Has claimed their profile here and can be reached directly"),
    "willingness.reply.good": gettext_lazy("Usually answers proposals"),
    "willingness.reply.poor": gettext_lazy("Seldom answers proposals"),
    "willingness.sponsor_load.poor": gettext_lazy("Already carries many partnerships"),
    "willingness.crowded.poor": gettext_lazy("Has other invitations waiting"),
    "data.no_history": gettext_lazy("No past partnership known: reliability is a guess"),
    "data.no_fee": gettext_lazy("No fee announced: the price is an estimate"),
    "change.affinity": gettext_lazy(
        "More posts (%(posts)s seen) would settle the subject: affinity lies between %(low)s and %(high)s"
    ),
    "change.audience": gettext_lazy(
        "More comments (%(comments)s seen) would settle audience quality: it lies between %(low)s and %(high)s"
    ),
    "change.posture": gettext_lazy(
        "More posts and partnerships would settle posture: it lies between %(low)s and %(high)s"
    ),
    "change.reliability": gettext_lazy(
        "A first partnership would settle reliability: it lies between %(low)s and %(high)s"
    ),
    "change.economy": gettext_lazy(
        "A fee announced by the creator would settle economy: it lies between %(low)s and %(high)s"
    ),
    "change.willingness": gettext_lazy(
        "Asking would settle it: the chance of acceptance lies between %(low)s and %(high)s"
    ),
}

COUNTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "affinity.on_subject": lambda p: ngettext(
        "%(k)s of the last %(n)s posts is about %(subject)s",
        "%(k)s of the last %(n)s posts are about %(subject)s",
        p["k"],
    ),
    "affinity.few_on_subject": lambda p: ngettext(
        "Only %(k)s of the last %(n)s posts is about %(subject)s",
        "Only %(k)s of the last %(n)s posts are about %(subject)s",
        p["k"],
    ),
    "data.few_posts": lambda p: ngettext(
        "Only %(n)s post seen of %(wanted)s: the niche is a guess",
        "Only %(n)s posts seen of %(wanted)s: the niche is a guess",
        p["n"],
    ),
    "data.few_comments": lambda p: ngettext(
        "Only %(n)s comment seen of %(wanted)s: audience quality is a guess",
        "Only %(n)s comments seen of %(wanted)s: audience quality is a guess",
        p["n"],
    ),
    "data.stale": lambda p: ngettext(
        "Last looked at %(n)s day ago: figures may have changed",
        "Last looked at %(n)s days ago: figures may have changed",
        p["n"],
    ),
    "selectivity.competitor": lambda p: ngettext(
        "Published with a competitor, %(competitor)s, %(n)s day ago",
        "Published with a competitor, %(competitor)s, %(n)s days ago",
        p["n"],
    ),
    "willingness.quiet.poor": lambda p: ngettext("Silent for %(n)s day", "Silent for %(n)s days", p["n"]),
}
"""Sentences that agree with a number."""

EXCLUSIONS: dict[str, str | Promise] = {
    "erased": gettext_lazy("Asked to be removed"),
    "minor": gettext_lazy("Under age"),
    "objected": gettext_lazy("Does not wish to be contacted"),
    "sector_refused": gettext_lazy("Refuses this sector"),
    "in_kind_refused": gettext_lazy("Does not accept payment in kind"),
    "minimum_fee": gettext_lazy("Minimum fee above the budget"),
    "no_capacity": gettext_lazy("Takes no more partnerships at present"),
    "unavailable": gettext_lazy("Not available at present"),
    "over_budget": gettext_lazy("Expected price far above the budget"),
    "undisclosed": gettext_lazy("Not available for this brief"),
}

UNKNOWNS: dict[str, str | Promise] = {
    "engagement_rate": gettext_lazy("Engagement rate"),
    "qualified_share": gettext_lazy("Share of qualified comments"),
    "reply_rate": gettext_lazy("Replies to comments"),
    "generic_share": gettext_lazy("Share of empty comments"),
    "audience_authenticity": gettext_lazy("Audience authenticity"),
    "growth": gettext_lazy("Audience growth"),
    "sponsorship_load": gettext_lazy("Share of sponsored posts"),
    "disclosure_record": gettext_lazy("Disclosure record"),
    "selectivity": gettext_lazy("Selectivity of partnerships"),
    "nuance": gettext_lazy("Nuance of the captions"),
    "pressure": gettext_lazy("Pressure in the captions"),
    "deadlines": gettext_lazy("Deadlines kept"),
    "response_time": gettext_lazy("Reply time to brands"),
    "disputes": gettext_lazy("Disagreements"),
    "answer_rate": gettext_lazy("Proposals answered"),
    "coherence": gettext_lazy("Coherence of the subject"),
    "tenure": gettext_lazy("Time spent on the subject"),
    "continuity": gettext_lazy("Steadiness of the subject"),
    "fee": gettext_lazy("Fee"),
    "wants_topic": gettext_lazy("Subjects wanted for partnerships"),
    "accepts_form": gettext_lazy("Forms of collaboration accepted"),
    "accepts_in_kind": gettext_lazy("Payment in kind"),
}

FAMILIES: dict[str, str | Promise] = {
    "affinity": gettext_lazy("Affinity"),
    "audience": gettext_lazy("Audience quality"),
    "posture": gettext_lazy("Editorial posture"),
    "reliability": gettext_lazy("Reliability"),
    "economy": gettext_lazy("Economy"),
    "willingness": gettext_lazy("Willingness"),
}

_SHARES = frozenset({"share", "rate", "fraction", "ratio", "%"})


def reason_text(reason: Reason | Mapping[str, Any]) -> str:
    """A reason, or its stored JSON, as a sentence in the active language. An unknown code shows as itself."""
    code, params = (
        (reason.code, reason.params) if isinstance(reason, Reason) else (reason["code"], reason.get("params") or {})
    )
    template = COUNTED[code](params) if code in COUNTED else TEXTS.get(code)
    return str(template) % _Words(params) if template is not None else code


def exclusion_text(code: str) -> str:
    return str(EXCLUSIONS.get(code, code))


def unknown_text(code: str) -> str:
    return str(UNKNOWNS.get(code, code))


def family_label(family: str) -> str:
    return str(FAMILIES.get(family, family))


def topic_label(slug: str) -> str:
    """A topic's name in the active language."""
    from matching.semantics import topics

    return topics.label(slug)


class _Words(dict[str, Any]):
    """Parameters of a sentence, worded when the sentence asks for them; "–" for what is missing."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        worded = _WORDED.get(name)
        return worded(dict(self)) if worded else number(value, 1) if not isinstance(value, str) else value


def _figure(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return percent(value, 1) if params.get("unit") in _SHARES else number(value, 1)


def _interval(params: Mapping[str, Any]) -> str:
    low, high = _figure(params, "low"), _figure(params, "high")
    return f"{low.rstrip('%').rstrip()}–{high}" if low.endswith("%") else f"{low}–{high}"


def _share_of_100(value: Any) -> str:
    """A percentile said as a share: never "100 %" nor "0 %" of the others."""
    return percent(None if value is None else min(max(float(value), 1.0), 99.0) / 100, 0)


def _terms(params: Mapping[str, Any]) -> str:
    words = [str(word) for word in params.get("terms") or ()]
    return _(" (%(words)s)") % {"words": ", ".join(words)} if words else ""


def _either(labels: list[str]) -> str:
    """Names joined by "or"; "this subject" without any."""
    if not labels:
        return _("this subject")
    if len(labels) == 1:
        return labels[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(labels[:-1]), "last": labels[-1]}


def _price(params: Mapping[str, Any]) -> str:
    if params.get("fee"):
        return _("asks from %(fee)s") % {"fee": money(_whole(params["fee"]))}
    bounds = {"low": money(_whole(params.get("low"))), "high": money(_whole(params.get("high")))}
    return _("estimated between %(low)s and %(high)s") % bounds


def _whole(value: Any) -> int | None:
    return None if value is None else round(float(value))


_WORDED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "value": lambda p: _figure(p, "value"),
    "low": lambda p: _figure(p, "low"),
    "high": lambda p: _figure(p, "high"),
    "interval": _interval,
    "more": lambda p: _share_of_100(p.get("percentile")),
    "less": lambda p: _share_of_100(None if p.get("percentile") is None else 100 - float(p["percentile"])),
    "subject": lambda p: _either([topic_label(slug) for slug in p.get("subjects") or ()]),
    "terms": _terms,
    "price_known": _price,
    "budget": lambda p: money(_whole(p.get("budget"))),
}
