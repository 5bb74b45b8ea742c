"""A small phrase grammar: text with choices and slots becomes one sentence in one voice.

`{a|b|c}` is a choice (may nest, an option may be empty). `<name>` is a slot filled from the context.
In French a slot naming a thing takes its article or agreement: `<un:x>` `<le:x>` `<ce:x>` `<de:x>`
`<a:x>` `<mon:x>`, `<e:x>` (posé<e:x>), `<il:x>` `<celui:x>`; `<d:x>` elides before a proper name. `<e>` agrees with the
speaker, `<beau/belle>` picks the speaker's form. A thing is written "m nom" or "f nom", always singular.
In English `<un:x>` gives a/an.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

Node = str | tuple[Any, ...]
VOWELS = "aeiouyhàâéèêëîïôûœæ"
# h aspiré, and English words that begin with a vowel letter and a consonant sound (or the reverse).
NOT_ELIDED = (
    "hache", "haie", "hall", "highlighter", "hygge", "hamac",
    "haricot", "harnais", "haut", "hibou", "hollandais", "houmous", "housse", "hublot",
    "hêtre", "onz", "yaourt", "yoga",
)  # fmt: skip
CONSONANT_SOUND = ("uni", "use", "one", "euro", "ute")
VOWEL_SOUND = ("hour", "honest", "heir", "8", "11")


class GrammarError(ValueError):
    """A template that cannot be expanded: unbalanced braces or an unknown slot."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: language, grammatical gender, and the key that fixes a person's own vocabulary."""

    language: Literal["fr", "en"]
    feminine: bool
    key: int


@cache
def parse(template: str) -> tuple[Node, ...]:
    """Template text to nodes: plain text, ("choice", options, digest) or ("slot", (name,))."""
    nodes, position = _sequence(template, 0, top=True)
    if position != len(template):
        raise GrammarError(f"unbalanced braces in: {template}")
    return nodes


def _sequence(text: str, start: int, *, top: bool) -> tuple[tuple[Node, ...], int]:
    nodes: list[Node] = []
    plain, position = start, start
    while position < len(text):
        char = text[position]
        if char == "{":
            nodes.append(text[plain:position])
            options, position = _options(text, position + 1)
            nodes.append(("choice", options, zlib.crc32(repr(options).encode())))
            plain = position
        elif char == "<":
            end = text.find(">", position)
            if end < 0:
                raise GrammarError(f"unclosed slot in: {text}")
            nodes.extend((text[plain:position], ("slot", (text[position + 1 : end],))))
            position = plain = end + 1
        elif not top and char in "|}":
            break
        elif char == "}":
            raise GrammarError(f"unbalanced braces in: {text}")
        else:
            position += 1
    nodes.append(text[plain:position])
    return tuple(node for node in nodes if node != ""), position


def _options(text: str, start: int) -> tuple[tuple[tuple[Node, ...], ...], int]:
    options, position = list[tuple[Node, ...]](), start
    while True:
        nodes, position = _sequence(text, position, top=False)
        options.append(nodes)
        if position >= len(text):
            raise GrammarError(f"unbalanced braces in: {text}")
        position += 1
        if text[position - 1] == "}":
            return tuple(options), position


def expand(template: str, *, rng: random.Random, voice: Voice, slots: Mapping[str, str]) -> str:
    """One sentence: choices drawn, slots filled. Raises GrammarError on an unknown slot."""
    return "".join(_walk(parse(template), rng, voice, slots))


def _walk(nodes: tuple[Node, ...], rng: random.Random, voice: Voice, slots: Mapping[str, str]) -> list[str]:
    out: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif node[0] == "slot":
            out.append(_fill(node[1][0], voice, slots))
        else:
            out.extend(_walk(node[1][_choice(node, rng, voice)], rng, voice, slots))
    return out


def _choice(node: tuple[Any, ...], rng: random.Random, voice: Voice) -> int:
    """Half of a person's choices are habits: always the same word, so two people differ."""
    n = len(node[1])
    if voice.key:
        habit = (node[2] ^ voice.key) * 2654435761 >> 7
        if habit & 1:
            return (habit >> 3) % n
    return int(rng.random() * n)


def _fill(name: str, voice: Voice, slots: Mapping[str, str]) -> str:
    if name == "e":
        return "e" if voice.feminine else ""
    if "/" in name:
        return name.split("/")[1 if voice.feminine else 0]
    article, _, slot = name.rpartition(":")
    if slot not in slots:
        raise GrammarError(f"unknown slot <{name}>")
    value = slots[slot]
    if voice.language == "en":
        return f"{_a_or_an(value)} {value}" if article == "un" else value
    return _french(article, value)


def _a_or_an(word: str) -> str:
    lower = word.lower()
    if lower.startswith(VOWEL_SOUND):
        return "an"
    return "an" if lower[0] in "aeiou" and not lower.startswith(CONSONANT_SOUND) else "a"


def elides(word: str) -> bool:
    """Whether le, de, ce… elide before this French word."""
    lower = word.lower()
    return lower[0] in VOWELS and not lower.startswith(NOT_ELIDED)


ARTICLES = {
    # masculine, feminine, then the same before a vowel
    "un": ("un ", "une ", "un ", "une "),
    "le": ("le ", "la ", "l'", "l'"),
    "ce": ("ce ", "cette ", "cet ", "cette "),
    "de": ("du ", "de la ", "de l'", "de l'"),
    "a": ("au ", "à la ", "à l'", "à l'"),
    "mon": ("mon ", "ma ", "mon ", "mon "),
    "ton": ("ton ", "ta ", "ton ", "ton "),
}
PRONOUNS = {"e": ("", "e"), "il": ("il", "elle"), "lui": ("lui", "elle"), "celui": ("celui", "celle")}


def _french(article: str, value: str) -> str:
    gender, _, noun = value.partition(" ")
    if gender not in ("m", "f"):
        gender, noun = "m", value
        if article not in ("", "d"):
            return value
    feminine = gender == "f"
    if article == "":
        return noun
    if article == "d":
        return ("d'" if elides(noun) else "de ") + noun
    if article in PRONOUNS:
        return PRONOUNS[article][feminine]
    forms = ARTICLES[article]
    return (forms[2 + feminine] if elides(noun) else forms[feminine]) + noun
