"""The personal sentence of an invitation: what tells a first contact from mass mailing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from campaigns.texts import clean, words

SHORTEST, LONGEST = 40, 600
WORDS_LEAST, DISTINCT_LEAST = 8, 6
ALIKE = 0.85
# {{name}}, {name}, ${name}, %name%, [prénom], <first name>, __NAME__, XXX, "lorem ipsum": a template not filled in.
_LEFTOVER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\$?\{[^{}]{0,40}\}|%[a-z_]{2,30}%|%\([a-z_]+\)s|\[[^\]\d]{2,40}\]|<[^<>\d]{2,40}>|«\s*(?:pr[ée]nom|nom)\s*»"
    r"|__[a-z]+__|\bx{3,}\b|\blorem ipsum\b|\b(?:insert|ins[ée]rer|ins[ée]rez|todo|tbd)\b[ :]|\*\|[a-z_]+\|\*",
    re.IGNORECASE,
)


def leftover(text: str) -> str:
    """The first template mark left in a text, "" when there is none."""
    found = _LEFTOVER.search(text)
    return found.group(0) if found else ""


def faults(sentence: str, *, names: Iterable[str] = (), others: Iterable[tuple[str, Iterable[str]]] = ()) -> list[str]:
    """Why this sentence is not a personal one; empty when it is.

    names: how this creator is called. others: (sentence, names) already sent in the same campaign.
    """
    text = clean(sentence)
    said = words(text)
    found = []
    if len(text) < SHORTEST or len(said) < WORDS_LEAST:
        found.append(
            _("Write one real sentence, at least %(n)s characters and %(words)s words: what did you see of theirs?")
            % {"n": SHORTEST, "words": WORDS_LEAST}
        )
    elif len(set(said)) < DISTINCT_LEAST:
        found.append(_("The same words are repeated. Write one real sentence."))
    if len(text) > LONGEST:
        found.append(_("At most %(n)s characters: one sentence, not a letter.") % {"n": LONGEST})
    if mark := leftover(text):
        found.append(_("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]})
    if not found and _repeated(said, names, others):
        found.append(_("Almost the same sentence went to somebody else. Write for this person."))
    return found


def _repeated(said: list[str], names: Iterable[str], others: Iterable[tuple[str, Iterable[str]]]) -> bool:
    mine = _without(said, names)
    for other, other_names in others:
        theirs = _without(words(other), other_names)
        if mine == theirs or SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= ALIKE:
            return True
    return False


def _without(said: list[str], names: Iterable[str]) -> list[str]:
    """The words without the person's own names: a sentence that differs only by the name is the same."""
    own = {word for name in names for word in words(name)}
    return [word for word in said if word not in own]
