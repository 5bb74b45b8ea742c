"""What stands beside a figure on a creator's page: themes named, signs seen, why a range is withheld. Careful words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.figures import number
from matching.contracts import Signal

THEMES: dict[str, str | Promise] = {
    "environment": gettext_lazy("environment"),
    "craft": gettext_lazy("craft"),
    "local": gettext_lazy("local and short supply"),
    "transparency": gettext_lazy("transparency"),
    "sobriety": gettext_lazy("buying less, lasting longer"),
    "fairness": gettext_lazy("fair work"),
    "animals": gettext_lazy("animal welfare"),
    "access": gettext_lazy("affordable for everyone"),
}
DELICATE: dict[str, str | Promise] = {
    "alcohol": gettext_lazy("alcohol"),
    "gambling": gettext_lazy("gambling"),
    "tobacco": gettext_lazy("tobacco"),
    "drugs": gettext_lazy("drugs"),
    "weapons": gettext_lazy("weapons"),
    "adult": gettext_lazy("adult content"),
    "violence": gettext_lazy("violence"),
    "profanity": gettext_lazy("coarse language"),
}
SIGNS: dict[str, str | Promise] = {
    "returning": gettext_lazy("the same people comment unusually often"),
    "early": gettext_lazy("comments come unusually early"),
    "ratio": gettext_lazy("unusually many comments for the reactions"),
    "reciprocity": gettext_lazy("unusually many creators comment each other here"),
    "group": gettext_lazy("a closed group of creators comment each other"),
}
WITHHELD: dict[str, str | Promise] = {
    "few": gettext_lazy("The sample of followers is too small to give a share."),
    "unlike": gettext_lazy(
        "The sample of followers does not resemble those the rule was learnt on: no share is given."
    ),
}


def facts_of(signal: Signal) -> list[str]:
    """Sentences in the active language, [] where the figure says everything."""
    teller = _TELLERS.get(signal.name)
    return teller(signal.details) if teller else []


def _counted(names: dict[str, str | Promise], found: Any) -> str:
    ordered = sorted((found or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{names.get(name, name)} ({number(count)})" for name, count in ordered)


def _values(details: Any) -> list[str]:
    named = _counted(THEMES, details.get("themes"))
    return [_("Captions that name each theme: %(themes)s") % {"themes": named}] if named else []


def _delicate(details: Any) -> list[str]:
    named = _counted(DELICATE, details.get("delicate"))
    text = _("Captions with a word to look at, which weigh nothing: %(words)s")
    return [text % {"words": named}] if named else []


def _authentic(details: Any) -> list[str]:
    told = [str(WITHHELD[code]) for code in (details.get("withheld"),) if code in WITHHELD]
    if details.get("proofs", 0) >= 2:
        signs = [str(SIGNS[name]) for name in details.get("signs") or () if name in SIGNS]
        if details.get("stepped"):
            signs.append(_("followers came in a step that nothing published explains"))
        if signs:
            told.append(
                _("Unusual, with causes that may not be seen from here: %(signs)s") % {"signs": "; ".join(signs)}
            )
    return told


def _steady(details: Any) -> list[str]:
    return [_("The subject has turned lately, beyond what chance would give.")] if details.get("pivot") else []


_TELLERS: dict[str, Callable[[Any], list[str]]] = {
    "values": _values,
    "pressure": _delicate,
    "audience_authenticity": _authentic,
    "continuity": _steady,
}
