"""Measures the semantic space: retrieval, French/English agreement, queries, niches, languages, speed.

    python -m benchmarks.semantics_quality [--part NAME …] [--json]

Retrieval, niches, languages and speed read the shared research data (see `benchmarks.instagram.shared_data`);
agreement of briefs ranks its creators; queries need nothing but the project. docs/semantics.md tells the protocols.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

# One core is what the speed is promised for; numpy reads this when it is imported by the space.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

BRIEFS = Path(__file__).resolve().parent.parent / "tests" / "matching" / "data" / "semantics_briefs.yaml"
MIN_CAPTION, MIN_POSTS, MIN_CREATORS = 10, 2, 6
_MENTION = re.compile(r"@([a-z0-9_.]+)")
_GROUPS = {
    "fashion": "fashion", "travel": "travel", "food": "food", "family": "family", "beauty": "beauty",
    "interior": "home", "fitness": "sport", "pet": "animals",
}  # fmt: skip


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def in_tuning_half(name: str) -> bool:
    """The half of brands and creators that was looked at while the space was tuned."""
    return zlib.crc32(name.encode()) % 2 == 0


@cache
def posts() -> list[dict[str, Any]]:
    from benchmarks.instagram import read_posts, shared_data

    return read_posts(shared_data() / "instagram_2018")


@cache
def captions() -> list[str]:
    return [post["caption"] or "" for post in posts()]


@dataclass(frozen=True)
class Brand:
    """taggers: creators' posts that mention the brand. positives: pool creators → their posts that do not."""

    name: str
    taggers: dict[str, list[int]]
    positives: dict[str, list[int]]


def mentioned(post: dict[str, Any], verified: set[str]) -> set[str]:
    named = {match.rstrip(".") for match in _MENTION.findall((post["caption"] or "").lower())}
    tagged = {tag["username"] for tag in post["tagged"] or () if tag["verified"]}
    return (tagged | set(post["sponsors"] or ()) | (named & verified)) - {post["username"]}


def silent(post: dict[str, Any], brand: str) -> bool:
    """True when the post names the brand nowhere: caption (even as a hashtag), tags, sponsor."""
    tags = {tag["username"] for tag in post["tagged"] or ()}
    return brand not in (post["caption"] or "").lower() and brand not in tags | set(post["sponsors"] or ())


@cache
def protocol() -> tuple[dict[str, list[int]], list[Brand]]:
    """(pool: creators with at least two captions → their posts, brands with at least six creators to find)."""
    usable: dict[str, list[int]] = defaultdict(list)
    taggers: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    verified = {tag["username"] for post in posts() for tag in post["tagged"] or () if tag["verified"]}
    for number, post in enumerate(posts()):
        if len((post["caption"] or "").strip()) < MIN_CAPTION:
            continue
        usable[post["username"]].append(number)
        for brand in mentioned(post, verified):
            taggers[brand][post["username"]].append(number)
    pool = {name: rows for name, rows in sorted(usable.items()) if len(rows) >= MIN_POSTS}
    brands = []
    for brand, by_creator in sorted(taggers.items()):
        found = {
            name: [row for row in pool[name] if silent(posts()[row], brand)] for name in by_creator if name in pool
        }
        positives = {name: rows for name, rows in found.items() if rows}
        if len(positives) >= MIN_CREATORS:
            brands.append(Brand(brand, dict(by_creator), positives))
    return pool, brands


def retrieval(vectors: np.ndarray, *, leave_one_out: bool, common: np.ndarray) -> dict[str, float]:
    """AUC and recall at 100 per brand, averaged over all brands and over the half never tuned on.

    leave_one_out: the query for a creator is built from the other creators' posts about the brand; else from
    all of them (the creator's own post about the brand too, though never ranked itself).
    """
    pool, brands = protocol()
    names = list(pool)
    place = {name: number for number, name in enumerate(names)}
    creators = unit(np.stack([vectors[rows].mean(axis=0) for rows in pool.values()]) - common)
    results = [_one_brand(brand, vectors, creators, place, leave_one_out, common) for brand in brands]
    held_out = np.array([not in_tuning_half(brand.name) for brand in brands])
    auc, recall = np.array(results).T
    return {
        "brands": len(brands), "pool": len(pool), "pairs": sum(len(brand.positives) for brand in brands),
        "auc": auc.mean(), "recall_100": recall.mean(),
        "auc_held_out": auc[held_out].mean(), "recall_100_held_out": recall[held_out].mean(),
    }  # fmt: skip


def _one_brand(
    brand: Brand,
    vectors: np.ndarray,
    creators: np.ndarray,
    place: dict[str, int],
    leave_one_out: bool,
    common: np.ndarray,
) -> tuple[float, float]:
    targets = unit(np.stack([vectors[rows].mean(axis=0) for rows in brand.positives.values()]) - common)
    voices = {name: unit(vectors[rows].mean(axis=0)) for name, rows in brand.taggers.items()}
    total = np.sum(list(voices.values()), axis=0)
    own = np.stack([voices[name] for name in brand.positives])
    others = max(len(voices) - 1, 1) if leave_one_out else len(voices)
    queries = unit(unit((total - own * leave_one_out) / others) - common)
    rivals = np.ones(len(creators), dtype=bool)
    rivals[[place[name] for name in voices if name in place]] = False
    scores = queries @ creators[rivals].T
    target = (queries * targets).sum(axis=1)[:, None]
    above = (scores > target).sum(axis=1) + 0.5 * (scores == target).sum(axis=1)
    return float(1 - above.mean() / rivals.sum()), float((above < 100).mean())


def measure_retrieval() -> dict[str, Any]:
    from matching import semantics
    from matching.semantics import creators

    vectors = semantics.encode(captions())
    nothing, common = np.zeros(semantics.WIDTH, dtype=np.float32), creators.common_component(vectors)
    return {
        f"{query}, {mean}": retrieval(vectors, leave_one_out=query == "leave one out", common=component)
        for query in ("leave one out", "all posts about the brand")
        for mean, component in (("as encoded", nothing), ("pool mean removed", common))
    }


def measure_baseline() -> dict[str, Any]:
    """LSA-200 of the same captions under the same protocol: what the protocol itself is worth."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    terms = TfidfVectorizer(min_df=5, sublinear_tf=True, strip_accents="unicode", token_pattern=r"(?u)#?\w+")
    matrix = terms.fit_transform([re.sub(r"https?://\S+|@[\w.]+", " ", text) for text in captions()])
    vectors = unit(TruncatedSVD(200, random_state=0).fit_transform(matrix).astype(np.float32))
    nothing = np.zeros(200, dtype=np.float32)
    return {
        "LSA-200, leave one out": retrieval(vectors, leave_one_out=True, common=nothing),
        "LSA-200, all posts about the brand": retrieval(vectors, leave_one_out=False, common=nothing),
    }


def briefs() -> dict[str, Any]:
    import yaml

    return yaml.safe_load(BRIEFS.read_text(encoding="utf-8"))


def measure_agreement() -> dict[str, Any]:
    """Share of the top 20 creators that a brief's French and English wordings have in common."""
    from matching import semantics
    from matching.semantics import creators

    owners: dict[str, int] = {}
    owner = np.array([owners.setdefault(post["username"], len(owners)) for post in posts()])
    vectors = semantics.encode(captions())
    pool = creators.creator_vectors(vectors, owner, len(owners), common=creators.common_component(vectors))
    shared: dict[str, dict[str, list[float]]] = {}
    for name, read in (
        ("drawn to niches", semantics.brief_vector),
        ("text alone", lambda text, _: semantics.encode([text])[0]),
    ):
        for brief in briefs()["briefs"]:
            top = [set(np.argsort(-(pool @ read(brief[code], code)), kind="stable")[:20]) for code in ("fr", "en")]
            for split in (brief["split"], "all"):
                shared.setdefault(name, {}).setdefault(split, []).append(len(top[0] & top[1]) / 20)
    return {
        name: {f"{split} ({len(values)})": float(np.mean(values)) for split, values in splits.items()}
        | {"least": float(min(splits["all"]))}
        for name, splits in shared.items()
    } | {"creators": len(owners)}


def measure_queries() -> dict[str, Any]:
    """Mean average precision of short queries over captions of both languages, and its share across languages."""
    from matching import semantics

    data = briefs()
    texts = semantics.encode([caption["text"] for caption in data["captions"]])
    wanted = np.array([caption["query"] for caption in data["captions"]])
    spoken = np.array([caption["lang"] for caption in data["captions"]])
    out: dict[str, float] = {}
    for code in ("fr", "en"):
        both, across = [], []
        for query in data["queries"]:
            cosines = texts @ semantics.encode([query[code]])[0]
            both.append(_precision(cosines, wanted == query["id"]))
            foreign = spoken != code
            across.append(_precision(cosines[foreign], (wanted == query["id"])[foreign]))
        out |= {f"{code} over both": float(np.mean(both)), f"{code} over the other": float(np.mean(across))}
    return out | {"queries": len(data["queries"]), "captions": len(data["captions"])}


def _precision(cosines: np.ndarray, relevant: np.ndarray) -> float:
    hits = relevant[np.argsort(-cosines, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def measure_niches() -> dict[str, Any]:
    """How often a caption's niche lies in its author's declared category, on creators never tuned on."""
    from matching import semantics
    from matching.semantics import topics

    kept = [post for post in posts() if post["category"] in _GROUPS and not in_tuning_half(post["username"])]
    vectors = semantics.encode([post["caption"] or "" for post in kept])
    found = topics.assign_topics(vectors)
    chance = topics.topic_scores(vectors).max(axis=1)
    right = np.array([
        number >= 0 and topics.group(topics.slugs()[number]) == _GROUPS[post["category"]]
        for number, post in zip(topics.assign_topics(vectors, abstain=False), kept, strict=True)
    ])  # fmt: skip
    told = found >= 0
    bins = {
        f"told {low:.1f} to {low + 0.2:.1f}": {
            "captions": int(inside.sum()),
            "mean told": float(chance[inside].mean()),
            "right": float(right[inside].mean()),
        }
        for low in (0.0, 0.2, 0.4, 0.6)
        if (inside := (chance >= low) & (chance < low + 0.2) & vectors.any(axis=1)).sum() > 50
    }  # fmt: skip
    return {
        "captions": len(kept),
        "assigned": float(told.mean()),
        "right when assigned": float(right[told].mean()),
    } | bins


def measure_languages() -> dict[str, Any]:
    from benchmarks.instagram import shared_data
    from matching import semantics

    out: dict[str, Any] = {}
    for code, name in (("fr", "french"), ("en", "english")):
        lines = (shared_data() / "sentiment_fr_en" / f"{name}_val_text.txt").read_text(encoding="utf-8").splitlines()
        found = np.array(semantics.identify_languages(lines))
        out[name] = {
            "tweets": len(lines),
            "right": float((found == code).mean()),
            "not sure": float((found == "").mean()),
        }
    return out


def measure_speed() -> dict[str, Any]:
    """Captions per second of processor time and of the clock: first time in a process, and again."""
    from django.conf import settings

    from matching.semantics import store

    texts = captions()
    started = time.perf_counter()
    encoder = store.load(settings.SEMANTICS_DIR)
    encoder.encode(["bonjour"])
    out: dict[str, Any] = {"load (s)": time.perf_counter() - started, "captions": len(texts)}
    for name in ("first", "again"):
        clock, processor = time.perf_counter(), time.process_time()
        encoder.encode(texts)
        out[f"{name} (captions/s of processor)"] = len(texts) / (time.process_time() - processor)
        out[f"{name} (captions/s of clock)"] = len(texts) / (time.perf_counter() - clock)
    processor = time.process_time()
    encoder.identify_languages(texts, second_opinion=False)
    return out | {"languages (captions/s of processor)": len(texts) / (time.process_time() - processor)}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "retrieval": measure_retrieval,
    "baseline": measure_baseline,
    "agreement": measure_agreement,
    "queries": measure_queries,
    "niches": measure_niches,
    "languages": measure_languages,
    "speed": measure_speed,
}


def _print(title: str, values: dict[str, Any], depth: int = 0) -> None:
    print(f"{'  ' * depth}{title}")
    for name, value in values.items():
        if isinstance(value, dict):
            _print(name, value, depth + 1)
        else:
            print(f"{'  ' * (depth + 1)}{name}: {value if isinstance(value, int) else f'{value:,.4g}'}")


def main(arguments: list[str] | None = None) -> int:
    import django

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part (may be repeated)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    django.setup()
    results = {name: PARTS[name]() for name in options.part or PARTS}
    if options.json:
        json.dump(results, sys.stdout, indent=2, default=float)
        return 0
    for name, values in results.items():
        _print(name, values)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
