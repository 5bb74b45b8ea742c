"""How a label's words stand in a caption: opening it, closed off, inside a sentence, buried, disguised, before the fold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from campaigns.disclosure.matching import Brand, Match, brand_at
from campaigns.disclosure.packs import label_rules_elsewhere, words
from campaigns.disclosure.reading import Caption, Token

_DECORATION = frozenset('([{*-–—•·|«"“”‘>✨~_=+:;,.¡!/\\#')
_SEPARATORS = frozenset("-–—|/·•:!;.)]}*~>»&+…")
SENTENCE_END = frozenset(".!?…;")
_QUOTES = frozenset("\"“”«»„‟'")
_WORD_WITHIN = 9  # tokens after a label in which somebody says that it is just a word


def opens(caption: Caption, match: Match) -> bool:
    """First words of the text: only ornaments, and for a phrase a lead-in ("Cette vidéo est"), stand before."""
    if match.first in label_places(caption):
        return True
    before = caption.tokens[: match.first]
    if any(token.kind == "line" for token in before[_leading_lines(caption) :]):
        return False
    spoken = [token for token in before if token.kind not in ("line", "emoji") and token.text not in _DECORATION]
    if not spoken:
        return sum(len(token.raw) for token in before) <= 12
    return _led_in([token.text if token.kind == "word" else "" for token in spoken], match)


def label_places(caption: Caption) -> list[int]:
    """Where labels stand that open the text together, one per targeted country, at most eight.

    "Collaboration commerciale / Werbung – Alma", or one label a line with nothing else but the brand.
    """
    tokens, labels = caption.tokens, _plain_labels()
    place = next((i for i, t in enumerate(tokens) if t.kind in ("word", "tag")), len(tokens))
    found: list[int] = []
    if any(token.text not in _DECORATION and token.kind not in ("line", "emoji") for token in tokens[:place]):
        return found
    while place < len(tokens) and len(found) < 8:
        said = [token.text for token in tokens[place : place + 2]]
        size = next((n for n in (2, 1) if tuple(said[:n]) in labels), 0)
        if not size or tokens[place].kind not in ("word", "tag"):
            break
        found.append(place)
        after = place + size
        if after < len(tokens) and tokens[after].text in "/|·":
            place = after + 1
            continue
        end = next((i for i in range(after, len(tokens)) if tokens[i].kind == "line"), len(tokens))
        if end - place > 8:
            break
        place = end + 1
    return found


@cache
def _plain_labels() -> frozenset[tuple[str, ...]]:
    """Labels of one or two words that some country accepts, as folded words."""
    found = set()
    for rule in label_rules_elsewhere(""):
        for pattern in rule.patterns:
            if pattern.kind != "sentence" and all(len(atom) == 1 for atom in pattern.atoms):
                found.add(tuple(next(iter(atom)) for atom in pattern.atoms)[:2])
    return frozenset(found)


def _led_in(said: Sequence[str], match: Match) -> bool:
    """ "Cette vidéo est", "This post is a": they lead to the label. "La publicité" is just the word."""
    lists = words()
    if len(said) > 4 or not all(word in lists["lead_in"] for word in said):
        return False
    if any(word in lists["lead_verbs"] for word in said):
        return True
    return match.pattern.kind == "phrase" and any(word in lists["lead_nouns"] for word in said)


def _leading_lines(caption: Caption) -> int:
    """Networks trim empty lines at the top; lines of dots or blanks they keep."""
    count = 0
    while count < len(caption.tokens) and caption.tokens[count].kind == "line":
        count += 1
    return count


def alone(caption: Caption, match: Match, brand: Brand) -> bool:
    """Whether an ordinary word stands as a label: at the head of text, line or sentence, and closed off after it."""
    tokens = caption.tokens
    if _compound(tokens, match) or _quoted(tokens, match):
        return False
    before = tokens[match.first - 1] if match.first else None
    head = (
        before is None
        or before.kind in ("line", "emoji", "mention", "url", "tag", "brand")
        or before.text in SENTENCE_END
        or before.text in _DECORATION
        or opens(caption, match)
    )
    return head and closed(caption, match, brand)


def closed(caption: Caption, match: Match, brand: Brand) -> bool:
    """What follows ends the label: nothing, a separator, a line, a picture, a hashtag, or the brand."""
    tokens = caption.tokens
    after = tokens[match.last + 1] if match.last + 1 < len(tokens) else None
    if after is None or after.kind in ("line", "emoji", "tag", "mention", "brand", "url"):
        named = after is None or after.kind in ("mention", "brand", "line")
        return not match.pattern.beside_brand or named
    if after.text == ",":
        return any(brand_at(tokens, match.last + 1 + gap, brand, caption.language) is not None for gap in range(1, 4))
    if after.text in _SEPARATORS:
        if not match.pattern.beside_brand:
            return True
        return match.last + 2 >= len(tokens) or brand_at(tokens, match.last + 2, brand, caption.language) is not None
    if after.text in words()["connectors"]:
        return brand_at(tokens, match.last + 2, brand, caption.language) is not None
    known = brand_at(tokens, match.last + 1, brand) if brand.names else None
    return known is not None


def talked_about(caption: Caption, match: Match) -> bool:
    """ "#Werbung nervt", "#ad is everywhere": the label is the subject of a sentence."""
    after = caption.tokens[match.last + 1] if match.last + 1 < len(caption.tokens) else None
    return after is not None and after.kind == "word" and after.text in words()["predicates"]


def half_said(caption: Caption, match: Match, brand: Brand) -> bool:
    """Opens the text and is closed off badly: by a comma, in quotes, or "Werbung für @brand"."""
    tokens = caption.tokens
    after = tokens[match.last + 1] if match.last + 1 < len(tokens) else None
    if after is None or not opens(caption, match):
        return False
    if after.text == "," or _quoted(tokens, match):
        return True
    weak = after.text in words()["weak_connectors"] | words()["connectors"]
    return weak and brand_at(tokens, match.last + 2, brand, caption.language) is not None


def embedded(caption: Caption, match: Match) -> bool:
    """A hashtag used as a word of its sentence: words on both sides, or an article before it."""
    before = caption.tokens[match.first - 1] if match.first else None
    after = caption.tokens[match.last + 1] if match.last + 1 < len(caption.tokens) else None
    if not match.as_tag or before is None or before.kind != "word":
        return False
    return before.text in words()["determiners"] or (after is not None and after.kind == "word")


def _compound(tokens: Sequence[Token], match: Match) -> bool:
    """ "ad-free", "ad-lib", "pub-quiz": one word."""
    after = tokens[match.last + 1 : match.last + 3]
    before = tokens[max(0, match.first - 2) : match.first]
    tail = len(after) == 2 and after[0].text in "-‑" and after[0].glued and after[1].glued and after[1].kind == "word"
    head = (
        len(before) == 2
        and before[1].text in "-‑"
        and before[1].glued
        and before[0].kind == "word"
        and tokens[match.first].glued
    )
    return tail or head


def _quoted(tokens: Sequence[Token], match: Match) -> bool:
    before = tokens[match.first - 1].text if match.first else ""
    after = tokens[match.last + 1].text if match.last + 1 < len(tokens) else ""
    return before in _QUOTES and after in _QUOTES and bool(before) and bool(after)


def short_word_hint(caption: Caption, match: Match) -> bool:
    """ "… Click here AD", "@brand ad Shop now": a lone "ad" inside the text that no sentence uses."""
    tokens = caption.tokens
    token = tokens[match.first]
    if token.text not in ("ad", "adv", "advert") or _compound(tokens, match):
        return False
    if caption.language == "it" and token.text == "ad" and not token.raw.isupper():
        return False  # the preposition: "ad Ancona", "ad agosto"
    before = tokens[match.first - 1] if match.first else None
    after = tokens[match.last + 1] if match.last + 1 < len(tokens) else None
    lists = words()
    if before is not None and (before.text in lists["determiners"] or before.text.isdigit()):
        return False
    if after is not None and (after.text in lists["continuations"] or after.text.isdigit()):
        return False
    open_after = after is None or after.kind != "word" or after.capital
    if token.raw.isupper():
        return not caption.shouted or open_after
    if token.capital:
        return open_after
    apart = before is None or before.kind != "word"
    return open_after and apart and (after is None or after.kind != "mark" or after.text not in "?")


def buried(caption: Caption, match: Match) -> bool:
    """Inside a run of hashtags, behind others, glued to its neighbour, or the head of a long row at the end."""
    tokens = caption.tokens
    if tokens[match.first].kind != "tag":
        return False
    if glued_tags(caption, match):
        return True
    behind = _tags(tokens, match.first - 1, -1)
    ahead = _tags(tokens, match.last + 1, 1)
    return behind >= 1 or (ahead >= 3 and not opens(caption, match))


def glued_tags(caption: Caption, match: Match) -> bool:
    tokens = caption.tokens
    after = tokens[match.last + 1] if match.last + 1 < len(tokens) else None
    joined_after = after is not None and after.kind == "tag" and after.glued
    joined_before = tokens[match.first].glued and bool(match.first) and tokens[match.first - 1].kind in ("tag", "word")
    return joined_after or joined_before


def _tags(tokens: Sequence[Token], place: int, step: int) -> int:
    count = 0
    while 0 <= place < len(tokens) and tokens[place].kind in ("tag", "emoji", "line"):
        count += tokens[place].kind == "tag"
        place += step
    return count


def tricks(caption: Caption, match: Match) -> frozenset[str]:
    """How the label was disguised: letters of another script, invisible signs, struck out, turned, cut by emoji."""
    inside = caption.tokens[match.first : match.last + 1]
    found = frozenset().union(*(token.tricks for token in inside)) - {"foreign"}
    if any(token.kind == "emoji" for token in inside):
        found |= {"cut"}
    return found | ({"turned"} if caption.turned else frozenset())


def asked(caption: Caption, match: Match) -> bool:
    """ "Publicité ?" asks, it does not say."""
    after = caption.tokens[match.last + 1] if match.last + 1 < len(caption.tokens) else None
    return after is not None and after.text == "?"


def unreal(caption: Caption, match: Match) -> bool:
    """Wished, supposed or compared in the words before it in the same sentence."""
    place, passed = match.first - 1, 0
    while place >= 0 and passed < 8:
        token = caption.tokens[place]
        if token.kind == "line" or token.text in SENTENCE_END:
            return False
        if token.kind == "word":
            passed += 1
            if token.text in words()["unreal"]:
                return True
        place -= 1
    return False


def just_a_word(caption: Caption, match: Match, brand: Brand) -> bool:
    """ "Publicité. C'est le mot que je déteste", "Collaboration commerciale : comment refuser ?": spoken of, not said.

    A question counts only where the caption names no brand: a label may well be followed by one.
    """
    ahead = caption.tokens[match.last + 1 :]
    if any(token.kind == "word" and token.text in words()["metawords"] for token in ahead[:_WORD_WITHIN]):
        return True
    if match.as_tag or not ahead or ahead[0].text != ":":
        return False
    end = next((i for i, token in enumerate(ahead) if token.kind == "line" or token.text in SENTENCE_END), len(ahead))
    asks = end < len(ahead) and ahead[end].text == "?"
    names = any(token.kind in ("mention", "brand") for token in caption.tokens) or _names(caption, brand)
    return asks and not names


def _names(caption: Caption, brand: Brand) -> bool:
    said = [token.text for token in caption.tokens]
    return any(tuple(said[place : place + len(name)]) == name for name in brand.names for place in range(len(said)))


def shown_before(caption: Caption, place: int, fold_at: int, lines: int) -> bool:
    """Whether the offset `place` shows before "more": so many signs, so many lines. fold_at 0 = nothing is folded."""
    if fold_at == 0:
        return True
    before = caption.text[:place]
    return len(before) < fold_at and before.count("\n") < lines
