"""Searchable documents: the distinct words of a creator's name, handles, biography and newest posts.

Calling to_tsvector on 9 kB of captions in two languages takes 5 ms per creator; the same few hundred
thousand words come back all the time, so each is stemmed by PostgreSQL once per process and remembered.
Lexemes are those PostgreSQL's own configurations give, so every query finds what it would have found;
positions are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from django.db import connection

from matching.repository.loading import Loaded
from matching.signals.digest import combine
from matching.signals.segments import Ints, rank_within, split
from matching.signals.text import TextColumn, folded

VERSION = 1
MOST_POSTS = 30
MOST_WORDS = 600
_WORD = re.compile(r"[^\W_][\w]*(?:-\w+)*")
_LONGEST = 40
_REMEMBERED: dict[str, str] = {}
_MOST_REMEMBERED = 400_000


def document_hashes(loaded: Loaded) -> Ints:
    """(n,) what the document of each creator depends on; never 0."""
    batch = loaded.batch
    rank = _rank(loaded)
    used = rank < MOST_POSTS
    found = combine(
        batch.n, [(batch.post_creator[used], [loaded.text_hash[used], rank[used]])], [loaded.bio_hash], seed=VERSION
    )
    found[found == 0] = 1
    return found


def documents(loaded: Loaded, rows: Ints) -> dict[int, str]:
    """Row of the batch -> tsvector literal, for the rows asked."""
    batch = loaded.batch
    wanted = set(rows.tolist())
    if not wanted:
        return {}
    captions, alts, bios = folded(batch.posts.caption), folded(loaded.alt), folded(TextColumn.of(loaded.bios))
    names, handles = folded(TextColumn.of(loaded.names)), folded(TextColumn.of(loaded.handles))
    rank = _rank(loaded)
    words: dict[int, list[str]] = {}
    posts = split(np.arange(len(rank)), batch.post_creator, batch.n)
    accounts = split(np.arange(len(handles)), batch.accounts.creator, batch.n)
    for row in sorted(wanted):
        newest = sorted((p for p in posts[row].tolist() if rank[p] < MOST_POSTS), key=lambda p: rank[p])
        parts = [names[row], *(handles[a] for a in accounts[row].tolist()), bios[row]]
        parts += [part for p in newest for part in (captions[p], alts[p])]
        words[row] = list(dict.fromkeys(w for w in _WORD.findall(" ".join(parts)) if 1 < len(w) <= _LONGEST))[
            :MOST_WORDS
        ]
    _remember(word for listed in words.values() for word in listed)
    return {row: " ".join(filter(None, (_REMEMBERED[word] for word in listed))) for row, listed in words.items()}


def remembered(words: Sequence[str]) -> list[str]:
    """The tsvector literal of each word, "" for one that either language skips."""
    _remember(words)
    return [_REMEMBERED[word] for word in words]


def _rank(loaded: Loaded) -> Ints:
    """(p,) 0 for each creator's newest post."""
    creator = loaded.batch.post_creator
    order = np.lexsort((-loaded.batch.posts.posted_at, creator))
    rank = np.empty(len(creator), np.int64)
    rank[order] = rank_within(creator[order], loaded.batch.n)
    return rank


def _remember(words: Iterable[str]) -> None:
    """Asks PostgreSQL for the lexemes of words not seen before: French and English stems, and as written.

    A word that either language skips is skipped, as queries skip it.
    """
    needed = dict.fromkeys(words)
    if len(_REMEMBERED) > _MOST_REMEMBERED:
        _REMEMBERED.clear()
    unseen = [word for word in needed if word not in _REMEMBERED]
    if not unseen:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w, CASE WHEN f = '' OR e = '' THEN '' ELSE (f || e || to_tsvector('simple', w))::text END FROM (
                 SELECT w, to_tsvector('french', w) AS f, to_tsvector('english', w) AS e
                 FROM unnest(%s::text[]) w) s""",
            [unseen],
        )
        for word, lexemes in cursor.fetchall():
            _REMEMBERED[word] = re.sub(r"(?<='):[0-9,]+", "", lexemes)
