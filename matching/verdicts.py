"""Why a person passes over a proposal: reasons as data, each with what it teaches about the rest of this search.

family: counts more in this search for every such reason. trait: others who share it come later in this search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.contracts import Family

Trait = Literal["", "tier", "country", "language"]
LOWERED = 0.88
"""Factor of the score of those who share a trait that was passed over, once per reason."""


@dataclass(frozen=True, slots=True)
class PassReason:
    label: str | Promise
    family: Family | None = None
    trait: Trait = ""


REASONS: dict[str, PassReason] = {
    "subject": PassReason(_("Not about our subject"), "affinity"),
    "audience": PassReason(_("The audience does not convince"), "audience"),
    "ads": PassReason(_("Too many partnerships"), "posture"),
    "tone": PassReason(_("The tone does not fit us"), "posture"),
    "competitor": PassReason(_("Works with a competitor"), "posture"),
    "reliability": PassReason(_("Not reliable enough"), "reliability"),
    "price": PassReason(_("Too expensive for this"), "economy"),
    "refusal": PassReason(_("Would hardly accept"), "willingness"),
    "size": PassReason(_("Not the size we look for"), trait="tier"),
    "place": PassReason(_("Lives in the wrong place"), trait="country"),
    "language": PassReason(_("Writes in the wrong language"), trait="language"),
    "known": PassReason(_("We know each other already")),
    "other": PassReason(_("Another reason")),
}
NEEDS_WORDS = frozenset({"other"})


def reason_label(code: str) -> str:
    known = REASONS.get(code)
    return str(known.label) if known else code
