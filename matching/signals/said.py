"""What comments are, read once and kept: the same text in the same place is never classified twice.

A reading depends on the text, the language and kind of the post, the thread and the owner's name; those make its
key. Whether the text is common under many creators changes with the index, so both answers are kept.
Quality is kept at 16 bits, and used so from the first reading on: a creator scores the same before and after.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.signals import comments, lexicon, text
from matching.signals.comments import CommentContext, CommentReading, classify_comments
from matching.signals.digest import mixed_columns
from matching.signals.segments import Ints
from matching.signals.text import Hashes, TextColumn, contains

PACKED = np.dtype(
    [
        ("key", "<u8"),
        ("text", "<u8"),
        ("quality", "<f2"),
        ("common_quality", "<f2"),
        ("spam", "<f2"),
        ("kind", "i1"),
        ("common_kind", "i1"),
        ("language", "i1"),
        ("critical", "i1"),
        ("words", "<u2"),
    ]
)


@cache
def version() -> int:
    """Changes with the lexicons and the code that read comments: what was kept before is then read anew."""
    parts = [lexicon.source(name) for name in ("comments", "languages")]
    parts += [Path(str(module.__file__)).read_bytes() for module in (comments, lexicon, text)]
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest()[:7], "little")


def keys(text_hash: Ints, context: CommentContext) -> Hashes:
    """(c,) what the reading of each comment depends on. text_hash: of its raw text. context: complete."""
    zero = np.zeros(len(text_hash), np.int64)
    given = (context.post_language, context.is_reply, context.replies_to_follower, context.giveaway_post)
    owner = context.owner if context.owner is not None else zero
    columns = [zero if column is None else column.astype(np.int64) for column in given]
    return mixed_columns([text_hash, owner, *columns], len(text_hash), version())


def read(texts: TextColumn, key: Hashes, context: CommentContext) -> NDArray[np.void]:
    """PACKED rows of n comments."""
    rows = np.zeros(texts.n, PACKED)
    rare, common = classify_comments(texts, context, repeated=False), classify_comments(texts, context, repeated=True)
    rows["key"], rows["text"], rows["spam"], rows["language"] = key, rare.text_hash, rare.spam, rare.language
    rows["quality"], rows["kind"], rows["critical"] = rare.quality, rare.kind, rare.critical
    rows["words"] = np.minimum(rare.words, 65_535)
    rows["common_quality"], rows["common_kind"] = common.quality, common.kind
    return rows


def reading(rows: NDArray[np.void], common: Hashes) -> CommentReading:
    """The reading of n comments. common: sorted hashes of texts seen under many creators."""
    repeated = contains(common, rows["text"])
    return CommentReading(
        kind=np.where(repeated, rows["common_kind"], rows["kind"]),
        language=rows["language"].copy(),
        quality=np.where(repeated, rows["common_quality"], rows["quality"]).astype(np.float64),
        spam=rows["spam"].astype(np.float64),
        text_hash=rows["text"].copy(),
        words=rows["words"].astype(np.int64),
        critical=rows["critical"] > 0,
    )
