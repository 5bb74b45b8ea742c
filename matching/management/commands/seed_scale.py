"""`manage.py seed_scale --creators N`: an index of N plausible creators, to measure speed on this machine."""

from __future__ import annotations

import io
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.models import Creator, Provenance
from matching import semantics
from matching.cells import divide_if_due
from matching.meaning import topic_centres
from matching.models import CreatorIndex
from matching.ranking.families import FAMILY_OF
from matching.repository.documents import remembered
from matching.synthetic import (
    CITIES,
    COUNTRIES,
    FORMS,
    FRENCH,
    PLATFORMS,
    SECTORS,
    TIERS,
    Chunk,
    World,
    chunks,
    make_world,
    post_vectors,
)

_INDEX = "matching_creatorindex"
_FLAT = (
    "display_name",
    "handles",
    "platforms",
    "main_platform",
    "followers",
    "tier",
    "languages",
    "country",
    "city",
    "topics",
    "topic_shares",
    "posts_n",
    "comments_n",
    "last_post_at",
    "er",
    "er_low",
    "er_high",
    "er_percentile",
    "er_base",
    "qualified",
    "qualified_low",
    "qualified_high",
    "qualified_percentile",
    "reply_rate",
    "coherence",
    "sponsored_share",
    "growth_90d",
    "audience_score",
    "audience_low",
    "audience_high",
    "posture_score",
    "posture_low",
    "posture_high",
    "reliability_score",
    "reliability_low",
    "reliability_high",
    "coverage",
    "risk_flags",
    "is_minor",
    "is_claimed",
    "contactable",
    "refused_sectors",
    "forms",
    "min_fee",
    "fee_currency",
    "accepts_in_kind",
    "unavailable_until",
    "capacity_per_month",
    "shows_reasons",
    "signals_version",
    "fresh_at",
    "indexed_at",
)


class Command(BaseCommand):
    help = "Fill the index with seeded synthetic creators, by COPY, to measure speed. Never to claim accuracy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--creators", type=int, required=True)
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--posts", type=int, default=8, help="post vectors kept per creator at most; 0 for none")
        parser.add_argument("--add", action="store_true", help="allow a database that already holds creators")

    def handle(self, *args: Any, creators: int, seed: int, posts: int, add: bool, **options: Any) -> None:
        if not 1 <= creators <= 5_000_000:
            raise CommandError("--creators must lie between 1 and 5,000,000.")
        if Creator.objects.exists() and not add:
            raise CommandError("This database already holds creators. Use an empty one, or --add to mix them.")
        started = time.perf_counter()
        slugs, centres, words = topic_centres()
        world = make_world(seed, slugs, centres, words)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            source = Provenance.objects.create(
                kind="demo", label="seed_scale", basis="fiction", retrieved_at=datetime.now(UTC)
            ).pk
            first = (Creator.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
            indexes = _drop_indexes() if creators > 5_000 else []
            done = 0
            for chunk in chunks(world, creators, first=first):
                _load(world, chunk, source, posts)
                done += len(chunk)
                self.stdout.write(f"{done:,} creators after {time.perf_counter() - started:.0f} s")
            _restore_indexes(indexes)
            _next_ids()
        divide_if_due()
        with connection.cursor() as cursor:
            for table in (
                _INDEX,
                "matching_creatorvector",
                "matching_signals",
                "matching_postvectors",
                "accounts_creator",
            ):
                cursor.execute(f"VACUUM ANALYZE {table}")
        self.stdout.write(
            f"{CreatorIndex.objects.count():,} rows in the index, {time.perf_counter() - started:.0f} s in all"
        )


def _load(world: World, chunk: Chunk, source: int, posts: int) -> None:
    now = datetime.now(UTC).isoformat()
    ids = range(chunk.first, chunk.first + len(chunk))
    country = [COUNTRIES[c] for c in chunk.country]
    people = (
        (pk, f"Creator {pk}", "", c, "", "{}", "", "", "f", source, now) for pk, c in zip(ids, country, strict=True)
    )
    _copy(
        "accounts_creator (id, display_name, bio, country, city, languages, niche_hint, contact_email, is_minor,"
        " source_id, created_at)",
        people,
    )
    accounts = (
        (pk, pk, PLATFORMS[p], f"creator{pk}", f"creator{pk}", "", "", "", "", "", f, source)
        for pk, p, f in zip(ids, chunk.platform, chunk.followers, strict=True)
    )
    _copy(
        "accounts_socialaccount (id, creator_id, platform, handle, handle_key, external_id, url, display_name, bio,"
        " category, followers, source_id)",
        accounts,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE flat ON COMMIT DROP AS SELECT creator_id, {', '.join(_FLAT)}, ''::tsvector AS document"  # noqa: S608
            f" FROM {_INDEX} LIMIT 0"
        )
        cursor.execute("CREATE TEMP TABLE vec (creator_id bigint, embedding halfvec) ON COMMIT DROP")
        _copy(f"flat (creator_id, {', '.join(_FLAT)}, document)", _flat_rows(world, chunk, now))
        cursor.copy_expert("COPY vec FROM STDIN (FORMAT binary)", io.BytesIO(_vector_rows(chunk)))
        cursor.execute(
            f"INSERT INTO {_INDEX} (creator_id, {', '.join(_FLAT)}, embedding)"  # noqa: S608
            f" SELECT f.creator_id, {', '.join('f.' + name for name in _FLAT)},"
            " CASE WHEN f.posts_n > 0 THEN v.embedding END"
            " FROM flat f JOIN vec v USING (creator_id) ORDER BY f.creator_id"
        )
        cursor.execute("INSERT INTO matching_creatordocument SELECT creator_id, document FROM flat ORDER BY creator_id")
        cursor.execute("DROP TABLE flat, vec")
    _copy(
        "matching_signals (creator_id, engine_version, priors_version, input_hash, payload, is_current, as_of,"
        " computed_at)",
        ((pk, "synthetic", "", "", payload, "t", now, now) for pk, payload in zip(ids, _payloads(chunk), strict=True)),
    )
    if posts:
        version = semantics.version()
        _copy(
            "matching_postvectors (creator_id, post_ids, vectors, text_hashes, captions, space_version)",
            (
                (pk, _posts_of(pk, len(v)), "\\x" + v.tobytes().hex(), "\\x" + "00" * 8 * len(v), "\\x", version)
                for pk, v in zip(ids, post_vectors(world, chunk, posts), strict=True)
                if len(v)
            ),
        )


def _posts_of(pk: int, n: int) -> str:
    return "{" + ",".join(str(pk * 1000 + k) for k in range(n)) + "}"


def _copy(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY in text form; None is null."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join("\\N" if cell is None else str(cell).replace("\\", "\\\\") for cell in row) + "\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", buffer)


def _flat_rows(world: World, chunk: Chunk, now: str) -> Iterable[tuple[Any, ...]]:
    rng = np.random.default_rng([world.seed, 3, chunk.first])
    numbers, flags = chunk.numbers, chunk.flags
    today = datetime.now(UTC).date()
    lexemes = [remembered(vocabulary) for vocabulary in world.words]

    def number(name: str, k: int) -> Any:
        value = numbers[name][k]
        return None if np.isnan(value) else f"{value:.6g}"

    for k in range(len(chunk)):
        country = COUNTRIES[chunk.country[k]]
        topics = list(dict.fromkeys((world.topics[chunk.topic[k]], world.topics[chunk.second[k]])))
        platforms = list(dict.fromkeys((PLATFORMS[chunk.platform[k]], PLATFORMS[chunk.also[k]])))
        vocabulary = lexemes[chunk.topic[k]]
        words = " ".join(vocabulary[w] for w in rng.integers(0, len(vocabulary), 25))
        shares = dict(zip(topics, (0.62, 0.21), strict=False)) if chunk.posts[k] > 2 else {}
        languages = ["fr"] if country in FRENCH else ["en"]
        pk, er = chunk.first + k, numbers["er"][k]
        away = numbers["away"][k]
        yield (
            pk,
            f"Creator {pk}",
            f"{{creator{pk}}}",
            _array(platforms),
            platforms[0],
            chunk.followers[k],
            _tier(chunk.followers[k]),
            _array(languages),
            country,
            CITIES.get(country, ("",))[pk % 3 % len(CITIES.get(country, ("",)))] if pk % 5 else "",
            _array(shares),
            orjson.dumps(shares).decode(),
            chunk.posts[k],
            chunk.comments[k],
            chunk.last_post[k].isoformat(),
            number("er", k),
            None if np.isnan(er) else er * 0.8,
            None if np.isnan(er) else er * 1.25,
            number("er_percentile", k),
            "followers",
            number("qualified", k),
            number("qualified_low", k),
            number("qualified_high", k),
            number("qualified_percentile", k),
            number("reply_rate", k),
            number("coherence", k),
            number("sponsored_share", k),
            number("growth_90d", k),
            number("audience_score", k),
            number("audience_low", k),
            number("audience_high", k),
            number("posture_score", k),
            number("posture_low", k),
            number("posture_high", k),
            number("reliability_score", k),
            number("reliability_low", k),
            number("reliability_high", k),
            round(min(0.1 + chunk.posts[k] / 30, 0.95), 2),
            "{reciprocity,growth_step}" if flags["risky"][k] else "{}",
            flags["minor"][k],
            flags["claimed"][k],
            flags["contactable"][k],
            _array([SECTORS[chunk.refused[k]]] if chunk.refused[k] >= 0 else []),
            _array(FORMS[: pk % 4]),
            number("min_fee", k),
            "EUR",
            flags["in_kind"][k] if flags["says_in_kind"][k] else None,
            None if np.isnan(away) else today + timedelta(days=int(away)),
            None if np.isnan(numbers["capacity"][k]) else int(numbers["capacity"][k]),
            flags["shows"][k],
            "synthetic",
            now,
            now,
            f"{words} 'creator{pk}'",
        )


def _payloads(chunk: Chunk) -> Iterable[str]:
    """A signals payload of the usual size, so that reading and explaining cost what they cost with real ones."""
    columns = {
        "engagement_rate": "er",
        "sponsorship_load": "sponsored_share",
        "coherence": "coherence",
        "growth": "growth_90d",
    }
    values = {name: chunk.numbers[columns.get(name, "reply_rate")].tolist() for name in FAMILY_OF}
    percentiles, posts = chunk.numbers["er_percentile"].tolist(), chunk.posts.tolist()
    for k in range(len(chunk)):
        signals = {}
        for place, name in enumerate(FAMILY_OF):
            value = values[name][k]
            if value == value and posts[k] > 0:  # NaN is unlike itself
                signals[name] = _signal(name, value, (percentiles[k] + 13 * place) % 100, min(posts[k], 20))
        yield orjson.dumps(signals).decode()


def _signal(name: str, value: float, percentile: float, n: int) -> dict[str, Any]:
    bounds = {"percentile_low": max(percentile - 20, 1.0), "percentile_high": min(percentile + 20, 99.0)}
    return {
        "name": name,
        "unit": "share",
        "value": round(value, 5),
        "low": round(value * 0.8, 5),
        "high": round(value * 1.2, 5),
        "n": n,
        "coverage": 0.6,
        "version": "synthetic",
        "percentile": round(percentile, 1),
        "cell": "synthetic",
        "evidence": [],
        "details": {name: round(bound, 1) for name, bound in bounds.items()},
    }


def _vector_rows(chunk: Chunk) -> bytes:
    """Binary COPY of (bigint, halfvec): every row has the same width, so numpy writes them all at once."""
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("l1", ">i4"),
            ("id", ">i8"),
            ("l2", ">i4"),
            ("dim", ">i2"),
            ("unused", ">i2"),
            ("v", ">f2", (256,)),
        ]
    )
    table = np.zeros(len(chunk), dtype=row)
    table["fields"], table["l1"], table["l2"], table["dim"] = 2, 8, 4 + 2 * 256, 256
    table["id"] = np.arange(chunk.first, chunk.first + len(chunk))
    table["v"] = chunk.vectors
    return b"PGCOPY\n\xff\r\n\x00" + bytes(8) + table.tobytes() + b"\xff\xff"


def _array(values: Iterable[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def _tier(followers: int) -> str:
    return [name for name, least in TIERS if followers >= least][-1]


def _drop_indexes() -> list[str]:
    """Definitions of the secondary indexes, dropped: building them once is far quicker than row by row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))",
            [[_INDEX, "matching_creatorvector"]],
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _restore_indexes(definitions: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '1500MB'")
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = 2")
        for definition in definitions:
            cursor.execute(definition)


def _next_ids() -> None:
    with connection.cursor() as cursor:
        for table in ("accounts_creator", "accounts_socialaccount"):
            highest = f"(SELECT max(id) FROM {table})"  # noqa: S608
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})")
