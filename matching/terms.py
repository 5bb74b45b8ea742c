"""The distinctive words of a brief: what a person would search for if they searched by words.

Words are folded (no accents, lower case) as the stored documents are, then stemmed by PostgreSQL in
French and in English; handles and hashtags stay as typed. How rare a word is comes from the statistics
that ANALYZE keeps for the document column, so it costs no scan.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from matching.codes import fold
from matching.contracts import Brief

MOST_TERMS, MOST_WORDS = 12, 200
STEMS_KEPT = 50_000
_TABLE, _COLUMN = "matching_creatordocument", "document"
_WORD = re.compile(r"[@#]?\w[\w'’-]*\w", re.UNICODE)
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|lorsqu|puisqu)['’]", re.IGNORECASE)
_STEMMED: dict[str, str] = {}
# What briefs say about themselves and not about the subject.
_BRIEF_WORDS = frozenset(
    """
    marque marques brand brands creator creators createur createurs creatrice creatrices influenceur
    influenceurs influenceuse influenceuses micro nano macro influencer influencers campaign campagne cherche
    cherchons recherche recherchons looking want wants need partner partnership partenariat partenaires
    collaboration collaborations content contenu contenus audience audiences abonne abonnes follower followers
    post posts budget brief produit produits product products instagram tiktok youtube twitter vouloir voulons
    veut parler parlent talk talks about who which their they our notre nos communaute community authentique
    authentic vrai real people gens personne personnes promote promouvoir launch lancer
    """.split()
)


@dataclass(frozen=True, slots=True)
class Term:
    """word: as written in the brief. query: text of a tsquery. weight: log(N/df). rare: worth a search by itself."""

    word: str
    query: str
    weight: float
    rare: bool


def terms_of(brief: Brief) -> tuple[Term, ...]:
    """At most `MOST_TERMS` distinctive words of a brief, rarest first; ties in the order written."""
    words = words_of(" ".join((brief.text, brief.product, *brief.topics, *brief.values_wanted)))
    lexemes = _lexemes(words[:MOST_WORDS])
    known, unseen, size = _statistics()
    ranked: list[Term] = []
    for word, query in lexemes.items():
        share = max((known.get(lexeme, unseen) for lexeme in re.findall(r"'([^']+)'", query)), default=unseen)
        ranked.append(
            Term(word, query, math.log((size + 1) / max(share * size, 1.0)) if size else 1.0, share <= unseen)
        )
    distinct = {term.query: term for term in reversed(ranked)}
    order = {word: place for place, word in enumerate(words)}
    return tuple(sorted(distinct.values(), key=lambda term: (-term.weight, order[term.word]))[:MOST_TERMS])


def words_of(text: str) -> list[str]:
    """Candidate words in order, without repeats: three letters or more, not the vocabulary of briefs."""
    found: dict[str, str] = {}
    for raw in _WORD.findall(text)[:2000]:
        word = _ELISION.sub("", raw).strip("'’-")
        key = fold(word)
        if len(key.lstrip("@#")) >= 3 and not key.isdigit() and key not in _BRIEF_WORDS:
            found.setdefault(key, word)
    return list(found.values())


def _lexemes(words: Sequence[str]) -> dict[str, str]:
    """Word → text of its tsquery, without those that are stop words of either language. One round trip at most."""
    plain = {word: fold(word).lstrip("@#").replace("’", "'") for word in words}
    asked = sorted(set(plain.values()) - _STEMMED.keys())
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w, plainto_tsquery('french', w)::text, plainto_tsquery('english', w)::text,"
                " plainto_tsquery('simple', w)::text FROM unnest(%s::text[]) w",
                [asked],
            )
            found = cursor.fetchall()
        if len(_STEMMED) > STEMS_KEPT:
            _STEMMED.clear()
        for word, french, english, simple in found:
            parts = dict.fromkeys(f"( {part} )" for part in (french, english, simple))
            _STEMMED[word] = " | ".join(parts) if french and english else ""
    return {word: _STEMMED[key] for word, key in plain.items() if _STEMMED.get(key)}


def _statistics() -> tuple[Mapping[str, float], float, float]:
    """(lexeme → share of documents, share below which a lexeme is not listed, rows)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.most_common_elems::text::text[], s.most_common_elem_freqs, c.reltuples FROM pg_class c"
            " LEFT JOIN pg_stats s ON s.tablename = c.relname AND s.attname = %s AND s.schemaname = current_schema()"
            " WHERE c.oid = %s::regclass",
            [_COLUMN, _TABLE],
        )
        elements, shares, rows = cursor.fetchone()
    size = max(float(rows), 0.0)
    if not elements:
        return {}, 1.0, size
    # the last entries of the array are the least, the greatest and the null share
    listed = dict(zip(elements, shares, strict=False))
    return listed, min(listed.values()), size
