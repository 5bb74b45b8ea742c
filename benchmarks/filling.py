"""A throw-away index with everything observed: seeded creators, posts, comments and follower counts by COPY.

For measuring speed only. Captions and comments are drawn from a few hundred sentences in two languages, so
that reading them costs what real ones cost; nothing is learnt from them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db import connection

from accounts.models import Basis, Provenance, SourceKind

ASOF = datetime(2026, 6, 1, tzinfo=UTC)
_NOW = ASOF.isoformat()
_SUBJECTS = (
    "linen sofa",
    "oat milk latte",
    "trail shoes",
    "retinol serum",
    "sourdough",
    "film camera",
    "houseplants",
    "vélo cargo",
    "thé matcha",
    "robe en lin",
    "carnet de voyage",
    "crème solaire",
    "salon minimaliste",
    "pain au levain",
)
_OPENINGS = (
    "This week I tried",
    "Six months with",
    "What nobody tells you about",
    "Ma routine avec",
    "J'ai testé pendant un mois",
    "Honest thoughts on",
    "Pourquoi je garde",
    "Sunday with",
    "Petit retour sur",
    "Before you buy",
)
_MIDDLES = (
    "and I keep coming back to it because it simply works in a small flat",
    "mais il faut accepter quelques défauts",
    "the finish is lovely, however the price is hard to defend",
    "parce que la matière vieillit bien et se répare",
    "and my skin needed about three weeks to get used to it",
    "avec les enfants à la maison c'est un vrai test",
    "which I compare with the one I had last year",
    "en prenant mon temps, sans me presser",
)
_CLOSINGS = (
    "Tell me what you use instead.",
    "Et vous, vous faites comment ?",
    "#slowliving #home #daily",
    "Merci à @atelier pour l'accueil.",
    "In partnership with @maison #ad",
    "More photos in the next post.",
    "#france #minimal #deco",
    "Bon dimanche à tous.",
)
_COMMENTS = (
    "So pretty 😍",
    "Love this",
    "Trop beau !",
    "😍😍😍",
    "Where did you get the lamp?",
    "@friend look at this one for the flat",
    "J'ai le même depuis deux ans et il tient toujours",
    "Quelle teinte as-tu prise ?",
    "Magnifique",
    "Gorgeous shot",
    "I bought mine last year but the colour faded because of the sun",
    "Merci pour le conseil",
    "🔥",
    "@ana",
)


_TABLES = {
    "accounts_creator": (
        "id",
        "display_name",
        "bio",
        "country",
        "city",
        "languages",
        "niche_hint",
        "contact_email",
        "is_minor",
        "source_id",
        "created_at",
    ),
    "accounts_socialaccount": (
        "id",
        "creator_id",
        "platform",
        "handle",
        "handle_key",
        "external_id",
        "url",
        "display_name",
        "bio",
        "category",
        "followers",
        "source_id",
        "observed_at",
    ),
    "matching_post": (
        "id",
        "account_id",
        "platform",
        "external_id",
        "posted_at",
        "kind",
        "caption",
        "alt_text",
        "url",
        "language",
        "location",
        "hashtags",
        "mentions",
        "sponsors",
        "likes",
        "comments_count",
        "source_id",
        "observed_at",
    ),
    "matching_comment": (
        "post_id",
        "external_id",
        "parent_external_id",
        "author_hash",
        "is_owner",
        "posted_at",
        "likes",
        "text",
        "source_id",
        "observed_at",
    ),
}
_AT_ONCE = 2_000
Lines = Iterator[str]


def fill(creators: int, *, posts: int = 30, comments: int = 4, seed: int = 1) -> None:
    """Replaces every creator by `creators` new ones, with one account, `posts` posts and `comments` comments each."""
    rng = np.random.default_rng(seed)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_creator CASCADE")
        source = Provenance.objects.create(kind=SourceKind.DEMO, label="speed", basis=Basis.FICTION, retrieved_at=ASOF)
        for first in range(1, creators + 1, _AT_ONCE):
            n = min(_AT_ONCE, creators + 1 - first)
            for table, lines in _Chunk(first, n, posts, comments, source.pk, rng).tables():
                body = io.StringIO("".join(f"{line}\n" for line in lines))
                cursor.copy_expert(f"COPY {table} ({', '.join(_TABLES[table])}) FROM STDIN", body)
        for table in _TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute(f"ANALYZE {table}")


@dataclass
class _Chunk:
    """`n` creators from id `first` on, as lines of COPY."""

    first: int
    n: int
    posts: int
    comments: int
    source: int
    rng: np.random.Generator

    def tables(self) -> Iterator[tuple[str, Lines]]:
        self.followers = np.exp(self.rng.normal(9.6, 1.2, self.n)).astype(np.int64) + 200
        self.network = self.rng.choice(["instagram", "tiktok", "youtube", "x"], self.n, p=[0.55, 0.25, 0.15, 0.05])
        self.ids = ((self.first - 1) * self.posts + 1 + np.arange(self.n * self.posts)).tolist()
        age = np.tile(np.linspace(1.0, 150.0, self.posts), self.n) + self.rng.random(self.n * self.posts)
        self.posted = ASOF.timestamp() - age * 86_400
        yield "accounts_creator", self._creators()
        yield "accounts_socialaccount", self._accounts()
        yield "matching_post", self._posts()
        yield "matching_comment", self._comments()

    def _creators(self) -> Lines:
        for pk in range(self.first, self.first + self.n):
            bio = f"I write about {_SUBJECTS[pk % len(_SUBJECTS)]}"
            yield _line(pk, f"Creator {pk}", bio, "FR", "Lyon", "{}", "", "", "f", self.source, _NOW)

    def _accounts(self) -> Lines:
        for row, (network, followers) in enumerate(zip(self.network, self.followers, strict=True)):
            pk, handle = self.first + row, f"speed{self.first + row}"
            yield _line(pk, pk, network, handle, handle, "", "", "", "", "", followers, self.source, _NOW)

    def _posts(self) -> Lines:
        rate = np.exp(self.rng.normal(-3.5, 0.7, self.n))
        row = np.repeat(np.arange(self.n), self.posts)
        likes = (self.followers[row] * rate[row] * np.exp(self.rng.normal(0, 0.5, len(row)))).astype(np.int64)
        chosen = [self.rng.choice(parts, len(row)) for parts in (_OPENINGS, _SUBJECTS, _MIDDLES, _CLOSINGS)]
        for k, pk in enumerate(self.ids):
            caption = "{} {}, {}. {}".format(*(part[k] for part in chosen))
            yield _line(
                pk,
                self.first + row[k],
                self.network[row[k]],
                f"p{pk}",
                _at(self.posted[k]),
                "photo",
                caption,
                "",
                "",
                "",
                "",
                "{}",
                "{}",
                "{}",
                likes[k],
                likes[k] // 25,
                self.source,
                _NOW,
            )

    def _comments(self) -> Lines:
        texts = self.rng.choice(_COMMENTS, len(self.ids) * self.comments)
        delay = np.exp(self.rng.normal(1.4, 2.0, len(texts))) * 3_600
        for k, text in enumerate(texts):
            post = k // self.comments
            author = f"a{(self.ids[post] * 7 + k) % 99_991}"
            yield _line(
                self.ids[post], f"c{k}", "", author, "f", _at(self.posted[post] + delay[k]), 1, text, self.source, _NOW
            )


def _line(*cells: object) -> str:
    return "\t".join(map(str, cells))


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
