"""Signals and index rows into the database: versions are added and switched, never deleted first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction
from numpy.typing import NDArray

from accounts.models import CreatorTerms
from matching.codes import sector_key
from matching.repository.columns import array_cell, cell, copy_text, json_cell, listed, write_columns, write_vectors
from matching.repository.documents import document_hashes, documents
from matching.repository.flat import languages_of, number_columns, tier_names, topics_of
from matching.repository.further import write_sketches
from matching.repository.loading import Loaded
from matching.repository.readings import Readings, version
from matching.repository.statements import (
    INDEX_NUMBERS,
    KEEP_DOCUMENT_HASHES,
    STAGE,
    UPDATE_COMMENTS,
    UPDATE_LIMITS,
    UPSERT_DOCUMENTS,
    UPSERT_INDEX,
    UPSERT_VECTORS,
)
from matching.signals.columns import payloads
from matching.signals.measure import Measures
from matching.signals.score import SIGNALS_VERSION, Scores
from matching.signals.segments import Floats, Ints, split


@dataclass(frozen=True, slots=True)
class Stored:
    """versions: creators that got a new version. rows: index rows written."""

    versions: int
    rows: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored batch, ready to be written. hashes: (n,) input digests. embedding: (n, 256) unit norm, zero none."""

    loaded: Loaded
    readings: Readings
    measures: Measures
    scores: Scores
    hashes: list[str]
    priors_version: str
    embedding: Floats
    asof: datetime


def store(scored: Scored) -> Stored:
    """Writes a batch in one transaction. A creator whose inputs are those of the version in force gets no new
    one; a version computed later than ours is never replaced by it."""
    texts = _text_lines(scored)
    numbers = number_columns(scored.loaded, scored.measures, scored.scores)
    with transaction.atomic():
        ids = _lock(scored)
        fresh = _outdated(scored, ids)
        _write_versions(scored, fresh)
        write_sketches(scored.loaded.batch, fresh)
        _stage(scored, texts, numbers, ids)
        with connection.cursor() as cursor:
            cursor.execute(UPSERT_INDEX, {"refused": _refused(ids.tolist())})
            rows = cursor.rowcount
            cursor.execute(UPSERT_DOCUMENTS)
        _write_vectors(scored)
    return Stored(len(fresh), rows)


def _lock(scored: Scored) -> Ints:
    """Creators of the batch that still exist, locked in order against a second scorer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_creator WHERE id = ANY(%s) AND erased_at IS NULL ORDER BY id FOR NO KEY UPDATE",
            [scored.loaded.batch.creator_id.tolist()],
        )
        return np.array([row[0] for row in cursor.fetchall()], np.int64)


def _outdated(scored: Scored, ids: Ints) -> Ints:
    """Rows of the batch that need a new version."""
    current, alive = _current(ids), set(ids.tolist())
    rows = []
    for row, (pk, digest) in enumerate(zip(scored.loaded.batch.creator_id.tolist(), scored.hashes, strict=True)):
        held, when = current.get(pk, ("", None))
        if pk in alive and held != digest and (when is None or when <= scored.asof):
            rows.append(row)
    return np.array(rows, np.int64)


def _current(ids: Ints) -> dict[int, tuple[str, datetime | None]]:
    """Creator -> (input hash, as-of) of the version in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT creator_id, input_hash, as_of FROM matching_signals WHERE is_current AND creator_id = ANY(%s)",
            [ids.tolist()],
        )
        return {pk: (digest, when) for pk, digest, when in cursor.fetchall()}


def unchanged(loaded: Loaded, hashes: list[str]) -> set[int]:
    """Creators whose version in force was made from these very inputs and who are in the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.creator_id, s.input_hash FROM matching_signals s JOIN matching_creatorindex i USING (creator_id)
               WHERE s.is_current AND s.creator_id = ANY(%s)""",
            [loaded.batch.creator_id.tolist()],
        )
        held = dict(cursor.fetchall())
    return {pk for pk, digest in zip(loaded.batch.creator_id.tolist(), hashes, strict=True) if held.get(pk) == digest}


def update_limits(creator_ids: Sequence[int]) -> int:
    """Names, sizes and limits of creators whose scores stand; returns how many index rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(UPDATE_LIMITS, {"ids": list(creator_ids), "refused": _refused(creator_ids)})
        return int(cursor.rowcount)


def _refused(creator_ids: Sequence[int]) -> str:
    """JSON of creator id -> refused sectors as the keys that briefs are compared by."""
    with connection.cursor() as cursor:  # as the ORM would, without its cost per id
        cursor.execute(
            f"SELECT creator_id, refused_sectors FROM {CreatorTerms._meta.db_table}"  # noqa: S608
            " WHERE creator_id = ANY(%s::bigint[]) AND cardinality(refused_sectors) > 0",
            [listed(creator_ids)],
        )
        rows = cursor.fetchall()
    return json.dumps({str(pk): sorted({sector_key(sector) for sector in sectors} - {""}) for pk, sectors in rows})


def _write_versions(scored: Scored, rows: Ints) -> None:
    if len(rows) == 0:
        return
    batch = scored.loaded.batch
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_signals SET is_current = false WHERE is_current AND creator_id = ANY(%s)",
            [batch.creator_id[rows].tolist()],
        )
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0].isoformat()
    found = payloads(scored.scores.columns, batch.n)
    tail = f"\tt\t{scored.asof.isoformat()}\t{now}"
    head = f"{SIGNALS_VERSION}\t{scored.priors_version}"
    lines = [
        f"{batch.creator_id[row]}\t{head}\t{scored.hashes[row]}\t{json_cell(orjson.dumps(found[row]))}{tail}"
        for row in rows.tolist()
    ]
    names = (
        "creator_id",
        "engine_version",
        "priors_version",
        "input_hash",
        "payload",
        "is_current",
        "as_of",
        "computed_at",
    )
    copy_text("matching_signals", names, lines)


def _text_lines(scored: Scored) -> list[str]:
    """Lines of the stage of texts: documents are built for creators whose words changed only."""
    loaded, batch = scored.loaded, scored.loaded.batch
    hashes = document_hashes(loaded)
    changed = np.flatnonzero(scored.readings.told)
    document = documents(loaded, changed)
    tier = tier_names(loaded, scored.measures.main)
    spoken = languages_of(loaded, changed)
    base = scored.scores.column("engagement_rate").details["base"]
    topics = topics_of(scored.measures)
    accounts = split(np.arange(len(batch.accounts.id)), batch.accounts.creator, batch.n)
    lines = []
    for row, pk in enumerate(batch.creator_id.tolist()):
        handles = [loaded.handles[a] for a in accounts[row].tolist()]
        lines.append(
            "\t".join(
                (
                    str(pk),
                    array_cell(handles),
                    tier[row],
                    array_cell(spoken[row]) if row in spoken else "\\N",
                    array_cell(list(topics[row])),
                    json_cell(orjson.dumps(topics[row])),
                    base[row] or "",
                    array_cell(scored.scores.risks[row]),
                    cell(document.get(row)),
                    f"{SIGNALS_VERSION}/{scored.priors_version}"[:40],
                    str(hashes[row]),
                )
            )
        )
    return lines


def _stage(scored: Scored, texts: list[str], numbers: dict[str, Floats], ids: Ints) -> None:
    batch = scored.loaded.batch
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
    write_columns("stage_numbers", {"creator_id": batch.creator_id, **{name: numbers[name] for name in INDEX_NUMBERS}})
    names = (
        "creator_id",
        "handles",
        "tier",
        "languages",
        "topics",
        "topic_shares",
        "er_base",
        "risk_flags",
        "document",
        "signals_version",
        "document_hash",
    )
    copy_text("stage_texts", names, texts)
    placed = np.flatnonzero((scored.embedding**2).sum(axis=1) > 0.25)
    write_vectors("stage_vectors", batch.creator_id[placed], scored.embedding[placed], ("creator_id", "embedding"))


def _write_vectors(scored: Scored) -> None:
    write_readings(scored.loaded, scored.readings)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_DOCUMENT_HASHES, {"space": version()})


def write_readings(loaded: Loaded, rows: Readings) -> None:
    """What was read from posts and comments whose texts changed. Runs in the caller's transaction, after STAGE."""
    batch, name = loaded.batch, version()
    captions = rows.captions.packed()
    kept = np.flatnonzero(rows.kept)
    groups = split(kept, batch.post_creator[kept], batch.n)
    creator = batch.post_creator[batch.comments.post]
    answers = split(rows.said, creator, batch.n) if rows.answered.any() else []
    lines, said = [], []
    for row in np.flatnonzero(rows.changed | rows.answered).tolist():
        pk = batch.creator_id[row]
        answer = (
            _bytea(answers[row][np.unique(answers[row]["key"], return_index=True)[1]]) if rows.answered[row] else "\\N"
        )
        if not rows.changed[row]:
            said.append(f"{pk}\t{answer}")
            continue
        own = groups[row][np.argsort(-batch.posts.posted_at[groups[row]], kind="stable")]
        ids = ",".join(map(str, batch.posts.id[own].tolist()))
        cells = (rows.vectors[own].astype(np.float16), loaded.text_hash[own], captions[own])
        packed = "\t".join(map(_bytea, cells))
        lines.append(f"{pk}\t{{{ids}}}\t{packed}\t{answer}\t{name}")
    if lines:
        names = ("creator_id", "post_ids", "vectors", "text_hashes", "captions", "comments", "space_version")
        copy_text("stage_packed", names, lines)
        with connection.cursor() as cursor:
            cursor.execute(UPSERT_VECTORS)
    if said:
        copy_text("stage_said", ("creator_id", "comments"), said)
        with connection.cursor() as cursor:
            cursor.execute(UPDATE_COMMENTS)


def _bytea(array: NDArray[Any]) -> str:
    return rf"\\x{array.tobytes().hex()}"


def keep_readings(loaded: Loaded, rows: Readings) -> None:
    """Stores readings before anything is scored, so that fitting the priors does not read in vain."""
    if rows.changed.any() or rows.answered.any():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(STAGE)
            write_readings(loaded, rows)
