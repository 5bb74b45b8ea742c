"""Where a label's words stand in a caption, and whether they stand there as a label.

Ordinary words ("publicité", "ad", "Anzeige") count only standing alone: opening the text or a line and followed by
its end, a separator, or the brand. Inside a sentence they are ignored, and a question or a denial takes them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from campaigns.disclosure.packs import Pattern, Rule, label_rules_elsewhere, words
from campaigns.disclosure.reading import Caption, Token, fold, read

_DECORATION = frozenset('([{*-–—•·|«"“”‘>✨~_=+:;,.¡!/\\#')
_SEPARATORS = frozenset("-–—|/·•:!;.)]}*~>»&+…")
_GIFT_MOST = 6
MATCHES_MOST = 60
_SENTENCE_END = frozenset(".!?…;")
_QUOTES = frozenset("\"“”«»„‟'")


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens first..last (inclusive) say `pattern`. as_tag: written as one hashtag."""

    rule: Rule
    pattern: Pattern
    first: int
    last: int
    as_tag: bool

    def start(self, caption: Caption) -> int:
        return caption.tokens[self.first].start

    def end(self, caption: Caption) -> int:
        return caption.tokens[self.last].end


@dataclass(frozen=True, slots=True)
class Brand:
    """Who pays, as far as the deal tells: folded names and handles. Empty = unknown, then capitals decide."""

    names: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, *names: str) -> Brand:
        cut = (tuple(t.text for t in read(name).tokens if t.kind in ("word", "tag", "mention")) for name in names)
        return cls(tuple(words_ for words_ in cut if words_))

    @property
    def joined(self) -> frozenset[str]:
        return frozenset("".join(name) for name in self.names)


def find(caption: Caption, rules: Sequence[Rule], brand: Brand) -> list[Match]:
    """Every place where a rule's label stands, in the order of the text. Longer labels win over their parts."""
    found = []
    tags = [(index, token) for index, token in enumerate(caption.tokens) if token.kind == "tag"]
    heads: dict[str, list[int]] = {}
    for index, token in enumerate(caption.tokens):
        if token.kind in ("word", "tag"):
            heads.setdefault(token.text, []).append(index)
    for rule in rules:
        for pattern in rule.patterns:
            found += list(_places(caption, rule, pattern, brand, tags, heads))
        if rule.brand_tags:
            found += list(_brand_tags(caption, rule, brand))
    found.sort(key=lambda m: (m.first, -(m.last - m.first)))
    return found[:MATCHES_MOST]


def _places(
    caption: Caption,
    rule: Rule,
    pattern: Pattern,
    brand: Brand,
    tags: Sequence[tuple[int, Token]],
    heads: Mapping[str, Sequence[int]],
) -> Iterator[Match]:
    for index, token in tags:
        if pattern.joined and _same_tag(token, pattern):
            yield Match(rule, pattern, index, index, True)
    if pattern.kind == "tag":
        return
    named = "{brand}" in pattern.atoms[0]
    starts = (
        (index for index, token in enumerate(caption.tokens) if token.kind in ("word", "mention", "brand"))
        if named
        else (index for word in pattern.atoms[0] for index in heads.get(word, ()))
    )
    for index in starts:
        if caption.tokens[index].kind == "tag" and len(pattern.atoms) == 1:
            continue
        last = _follow(caption.tokens, index, pattern.atoms, brand, caption.language)
        if last is not None:
            yield Match(rule, pattern, index, last, False)


def _same_tag(token: Token, pattern: Pattern) -> bool:
    body = token.text.replace("_", "")
    if pattern.ending:
        return body.startswith(pattern.joined)
    if pattern.starting:
        return body.endswith(pattern.joined) and body != pattern.joined
    return body == pattern.joined


def _follow(
    tokens: Sequence[Token], place: int, atoms: Sequence[frozenset[str]], brand: Brand, language: str
) -> int | None:
    """Index of the last token when `atoms` follow one another from `place`, else None."""
    last = None
    for number, atom in enumerate(atoms):
        if "{gift}" in atom:
            rest = atoms[number + 1 :]
            for skipped in range(1, _GIFT_MOST + 1):
                end = _follow(tokens, place + skipped, rest, brand, language)
                if end is not None:
                    return end
            return None
        if "{brand}" in atom:
            end = brand_at(tokens, place, brand, language, strict=number == 0)
            if end is None:
                return None
            last, place = end, end + 1
            continue
        place = _past_pictures(tokens, place, number)
        if place >= len(tokens) or tokens[place].kind not in ("word", "tag") or tokens[place].text not in atom:
            return None
        last, place = place, place + 1
    return last


def _past_pictures(tokens: Sequence[Token], place: int, number: int) -> int:
    """Between the words of a label at most one emoji may stand; it is noticed later as a trick."""
    if number and place < len(tokens) and tokens[place].kind == "emoji":
        return place + 1
    return place


def brand_at(tokens: Sequence[Token], place: int, brand: Brand, language: str = "", strict: bool = False) -> int | None:
    """Index of the last token of a brand's name at `place` (articles skipped), or None.

    A handle or a placeholder is always one. With the brand known its name must stand there; otherwise a capitalised
    word that is no person counts, though not in German, where every noun has one. strict: at the head of a sentence, where capitals mean nothing: handle, placeholder
    or "Company X" only.
    """
    lists = words()
    while place < len(tokens) and tokens[place].kind == "word" and tokens[place].text in lists["articles"]:
        if strict or tokens[place].raw[0].isupper():
            break
        place += 1
    if place >= len(tokens):
        return None
    token = tokens[place]
    if token.kind in ("mention", "brand"):
        return place
    for name in brand.names:
        run = tokens[place : place + len(name)]
        if tuple(t.text for t in run) == name:
            return place + len(name) - 1
    if token.kind == "tag":
        return place if not brand.names or token.text.replace("_", "") in brand.joined else None
    if brand.names or token.kind != "word":
        return None
    if language == "de":
        return None
    if strict:
        company = token.text in ("company", "brand", "marque") and place + 1 < len(tokens)
        return place + 1 if company and tokens[place + 1].capital else None
    return place if token.capital and token.text not in lists["people"] else None


def _brand_tags(caption: Caption, rule: Rule, brand: Brand) -> Iterator[Match]:
    """ "#CalzedoniaAmbassador": accepted only with the brand's own name in it."""
    mentions = {t.text.lstrip("@").replace(".", "") for t in caption.tokens if t.kind == "mention"}
    known = brand.joined | (mentions if not brand.names else frozenset())
    for index, token in enumerate(caption.tokens):
        for ending in rule.brand_tags:
            following = caption.tokens[index + 1] if index + 1 < len(caption.tokens) else None
            if token.text == "#" and following is not None and following.kind == "brand":  # "#[Brand]Ambassador"
                tail = caption.tokens[index + 2] if index + 2 < len(caption.tokens) else None
                if tail is not None and tail.glued and tail.text == ending:
                    yield Match(rule, _tag_pattern(ending), index, index + 2, True)
                continue
            if token.kind != "tag" or not token.text.endswith(ending):
                continue
            prefix = token.text[: -len(ending)].replace("_", "")
            marked = "_" in token.raw or token.raw[len(token.raw) - len(ending)].isupper()
            guessed = not brand.names and ending == "ambassador" and token.capital and marked
            if prefix in known or (guessed and prefix and prefix not in words()["generic_prefixes"]):
                yield Match(rule, _tag_pattern(ending), index, index, True)


def _tag_pattern(ending: str) -> Pattern:
    return Pattern("tag", (frozenset({ending}),), "en", ending, f"#…{ending}")


# ── how a match stands ──────────────────────────────────────────────────────────────────────────────────────────


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
        or before.text in _SENTENCE_END
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
        if token.kind == "line" or token.text in _SENTENCE_END:
            return False
        if token.kind == "word":
            passed += 1
            if token.text in words()["unreal"]:
                return True
        place -= 1
    return False


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


def shown_before(caption: Caption, place: int, fold_at: int, lines: int) -> bool:
    """Whether the offset `place` shows before "more": so many signs, so many lines. fold_at 0 = nothing is folded."""
    if fold_at == 0:
        return True
    before = caption.text[:place]
    return len(before) < fold_at and before.count("\n") < lines


__all__ = ["Brand", "Match", "find", "fold"]
