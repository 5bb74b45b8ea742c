"""What to loosen and how, and what a scripted brief is said to cost: a citation with its doubt, never a forecast."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rigidity.measure import Finding, Rigidity

MOST = 4
LEAST_GAIN = 0.8
MANY = 6


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says, in its own reach: text, where it stands, and why to doubt it."""

    text: str
    source: str
    doubt: str


CLAIM = Claim(
    text=gettext_lazy(
        "“Over-formatted” sponsored posts get 30 to 50% fewer interactions than those left to the creator."
    ),  # type: ignore[arg-type]
    source=gettext_lazy("A French trade article on working with micro-influencers, section on frequent mistakes."),  # type: ignore[arg-type]
    doubt=gettext_lazy(  # type: ignore[arg-type]
        "It names no study, no sample and no measure of “over-formatted”; its authors sell influence. "
        "Read it as a direction, not as a forecast for this brief."
    ),
)


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence to loosen: what binds in it, what to do, and the words it could become ("" when only people can)."""

    field: str
    sentence: str
    why: str
    how: str
    instead: str
    gain: float


def advise(rigidity: Rigidity) -> list[Advice]:
    """The sentences whose loosening helps most, the best first."""
    return [_advice(finding) for finding in rigidity.findings if _worth(finding, rigidity.obligations)][:MOST]


def _worth(finding: Finding, obligations: int) -> bool:
    """A few plain facts and limits are what a brief is for: only a long list of them is scolded."""
    if set(finding.codes) & {"dictated", "quoted", "promotional"}:
        return finding.gain >= LEAST_GAIN
    return obligations >= MANY and finding.gain >= LEAST_GAIN and finding.field == "must"


def _advice(finding: Finding) -> Advice:
    why, how, instead = "", "", ""
    if "quoted" in finding.codes:
        why = _("It gives the words to say.")
        how = _("Keep the idea, drop the quotation marks, and let them find the words.")
        instead = _("In your own words: %(idea)s") % {"idea": _short(finding.quoted)}
    elif "dictated" in finding.codes:
        why = _("It imposes wording or order (“%(mark)s”).") % {"mark": finding.marks[0]}
        how = _("Say what has to be true or understood, not how it is said or when.")
    elif "promotional" in finding.codes:
        why = _("It asks for advertising words (%(marks)s).") % {
            "marks": ", ".join(f"“{mark}”" for mark in finding.marks[:3])
        }
        how = _("Give a fact that people can check instead: a figure, an ingredient, a price.")
    else:
        why = _("It adds obligations.")
        how = _(
            "Ask yourself whether the post would be wrong without it. If not, move it to the message or leave it out."
        )
    return Advice(finding.field, finding.text, why, how, instead, finding.gain)


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + "…"
