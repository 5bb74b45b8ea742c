"""What takes a label back: "non sponsorisé", "#notanad", "Ad? No"."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.disclosure.packs import words
from campaigns.disclosure.reading import Caption, Token


def denials(caption: Caption) -> list[tuple[int, int]]:
    """Spans (first, last token) that say the post is not paid: "non sponsorisé", "#notanad", "Ad? No"."""
    lists = words()["denial"]
    tokens, found = caption.tokens, []
    for index, token in enumerate(tokens):
        if token.kind == "tag" and _denying_tag(token.text.replace("_", ""), lists):
            found.append((index, index))
        if token.kind != "word" and token.kind != "tag":
            continue
        if token.text in lists["words"]:
            found.append((index, index))
        if token.text in lists["before"]:
            end = _denied(tokens, index, lists)
            if end is not None:
                found.append((index, end))
        if token.text in lists["terms"]:
            end = _refused(tokens, index, lists)
            if end is not None:
                found.append((index, end))
    return found


def _denying_tag(body: str, lists: dict[str, frozenset[str]]) -> bool:
    for start in lists["before"]:
        if len(start) < 2 or not body.startswith(start):
            continue
        rest = body[len(start) :]
        for filler in ("", "a", "an", "un", "une", "eine", "en", "es", "real", "paid"):
            if rest.startswith(filler) and rest[len(filler) :] in lists["terms"]:
                return True
    return body in lists["words"]


def _denied(tokens: Sequence[Token], index: int, lists: dict[str, frozenset[str]]) -> int | None:
    place, fillers = index + 1, 0
    while place < len(tokens) and fillers <= 3:
        token = tokens[place]
        if token.kind == "emoji" or token.text in ("-", "‑", '"', "“", "«"):
            place += 1
            continue
        if token.kind not in ("word", "tag"):
            return None
        if token.text in lists["terms"]:
            return place
        if token.text not in lists["fillers"]:
            return None
        fillers += 1
        place += 1
    return None


def _refused(tokens: Sequence[Token], index: int, lists: dict[str, frozenset[str]]) -> int | None:
    """ "Sponsorisé ? Non", "ad-free", "Werbung? Nein"."""
    after = tokens[index + 1 : index + 4]
    if len(after) >= 2 and after[0].text == "?" and after[1].text in lists["refusals"]:
        return index + 2
    if after and after[0].text in lists["after"]:
        return index + 1
    if len(after) >= 2 and after[0].text in ("-", "‑") and after[1].text in lists["after"]:
        return index + 2
    return None
