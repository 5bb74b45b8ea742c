"""Where a label's words are in a caption. Whether they stand there as a label is in standing.py and denial.py.

Ordinary words ("publicité", "ad", "Anzeige") count only standing alone: opening the text or a line and followed by
its end, a separator, or the brand. Inside a sentence they are ignored, and a question or a denial takes them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.disclosure.packs import Pattern, Rule, words
from campaigns.disclosure.reading import Caption, Token, read

_GIFT_MOST = 6
MATCHES_MOST = 60


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
