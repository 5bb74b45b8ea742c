"""Measures the match at scale: latency, recall against the exact plan, Discover, and what one would take instead.

    python manage.py seed_scale --creators 100000      (an empty database)
    python -m benchmarks.match [--queries 20] [--json]

Briefs are the taxonomy's own captions, in both languages. Every class of filter is measured apart, among them
one that runs against the brief: a country where its niche is rare. Recall@100 compares the first hundred of the
final ranking with the same engine after comparing every passing row. Synthetic creators: speed only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

CLASSES = ("none", "50 %", "10 %", "1 %", "0.1 %", "10 % against")
DEPTH, REPEATS = 100, 3


def briefs(queries: int, seed: int = 1) -> list[tuple[str, str]]:
    """(niche, text) pairs: captions that belong to the project, French and English in turn."""
    from matching.semantics import taxonomy

    found = [
        (topic.id, " ".join(topic.captions[language][:2]))
        for k, topic in enumerate(taxonomy.topics())
        for language in (("fr", "en")[k % 2],)
    ]
    order = np.random.default_rng(seed).permutation(len(found))
    return [found[k] for k in order[:queries]]


def filtered(kind: str, niche: str, text: str) -> Any:
    """The brief with the hard filters of its class."""
    from matching.contracts import Brief

    brief = Brief(text=text)
    if kind == "50 %":
        return replace(brief, languages=("fr",))
    if kind == "10 %":
        return replace(brief, countries=("GB",))
    if kind == "1 %":
        return replace(brief, countries=("SN",))
    if kind == "0.1 %":
        return replace(brief, countries=("LU",), platforms=("youtube",))
    if kind == "10 % against":
        return replace(brief, countries=(rarest_country(niche),))
    return brief


def rarest_country(niche: str) -> str:
    """Among the countries that hold a twentieth to an eighth of the index, the one where the niche is rarest."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT country FROM matching_creatorvector WHERE country IN ('GB', 'BE', 'CA', 'CH', 'DE', 'ES')"
            " GROUP BY country ORDER BY avg((topics[1] = %s)::int), country LIMIT 1",
            [niche],
        )
        return str(cursor.fetchone()[0])


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = call()
    return (time.perf_counter() - start) * 1000, answer


@cache
def backend() -> Any:
    """The PostgreSQL process of this connection, None when it runs elsewhere."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return psutil.Process(pid) if psutil.pid_exists(pid) else None


def cpu() -> float:
    """Milliseconds of processor used so far by this process and its PostgreSQL backend: steady on a busy machine."""
    other = backend()
    times = other.cpu_times() if other else None
    return 1000 * (time.process_time() + (times.user + times.system if times else 0.0))


def spread(times: Sequence[float]) -> dict[str, float]:
    return {"p50": round(float(np.percentile(times, 50)), 1), "p95": round(float(np.percentile(times, 95)), 1)}


def measure_class(kind: str, queries: int) -> dict[str, Any]:
    from matching.services.match import answer

    times, recalls, plans, stages, work = [], [], [], [], []
    for niche, text in briefs(queries):
        brief = filtered(kind, niche, text)
        answer(brief=brief)  # the pages of this niche are read once, as for any index in use
        before = cpu()
        for _again in range(REPEATS):
            took, found = timed(lambda brief=brief: answer(brief=brief))
            times.append(took)
        work.append((cpu() - before) / REPEATS)
        stages.append(found.timings_ms)
        plans.append(found.exact)
        best = {fit.creator_id for fit in answer(brief=brief, limit=DEPTH, exact=True).fits}
        near = {fit.creator_id for fit in answer(brief=brief, limit=DEPTH).fits}
        recalls.append(len(best & near) / max(len(best), 1))
    return {
        "class": kind,
        **spread(times),
        "cpu": round(float(np.median(work)), 1),
        "recall_100": round(float(np.mean(recalls)), 3),
        "recall_100_least": round(float(np.min(recalls)), 3),
        "compared_all": round(float(np.mean(plans)), 2),
        "eligible": found.eligible,
        "stages_p50": {name: spread([stage[name] for stage in stages])["p50"] for name in stages[0]},
    }


def measure_discover(queries: int) -> dict[str, Any]:
    from accounts.actors import Actor
    from matching.filters import SearchQuery
    from matching.search import search

    actor = Actor(kind="system", id="bench")
    addresses = [
        {},
        {"country": "FR"},
        {"country": ["FR", "BE"], "tier": "micro", "engagement": "75"},
        {"topic": "yoga", "platform": "instagram", "active": "90"},
        {"order": "followers", "language": "en", "quality": "60"},
        {"country": "LU", "platform": "x"},
    ]
    times, before = [], cpu()
    for address in addresses:
        for _again in range(max(queries // len(addresses), 2)):
            took, _page = timed(lambda address=address: search(actor=actor, query=SearchQuery.parse(address)))
            times.append(took)
    return spread(times) | {"cpu": round((cpu() - before) / len(times), 1)}


def measure_instead(queries: int) -> dict[str, Any]:
    """What one would write first: the ORM ordering the index by distance; and numpy over everything in memory."""
    from django.db.models import F
    from pgvector.django import MaxInnerProduct

    from matching.meaning import meaning_of
    from matching.models import CreatorVector

    rows = CreatorVector.objects.order_by("pk").values_list("embedding", "country").iterator(chunk_size=20_000)
    vectors, countries = [], []
    for vector, country in rows:
        vectors.append(np.asarray(vector, dtype=np.float32))
        countries.append(country)
    matrix, country_of = np.stack(vectors), np.array(countries)
    orm, memory, recall = [], [], []
    for niche, text in briefs(queries):
        brief = filtered("10 %", niche, text)
        asked = meaning_of(brief).vector
        passing = country_of == brief.countries[0]
        took, best = timed(lambda asked=asked, passing=passing: nearest(matrix, asked, passing))
        memory.append(took)
        rows = (
            CreatorVector.objects.filter(country__in=brief.countries)
            .annotate(away=MaxInnerProduct("embedding", asked.tolist()))
            .order_by("away")
        )
        took, found = timed(lambda rows=rows: list(rows.values_list(F("pk"), flat=True)[:DEPTH]))
        orm.append(took)
        ids = set(np.array(sorted(CreatorVector.objects.values_list("pk", flat=True)))[best].tolist())
        recall.append(len(ids & set(found)) / DEPTH)
    return {
        "in memory, nearest 100 only": spread(memory),
        "ORM order_by distance, nearest 100 only": spread(orm) | {"recall_100": round(float(np.mean(recall)), 3)},
    }


def nearest(matrix: np.ndarray, asked: np.ndarray, passing: np.ndarray) -> np.ndarray:
    """Rows of the nearest `DEPTH` that pass."""
    scores = np.where(passing, matrix @ asked, -2.0)
    return np.argpartition(-scores, DEPTH)[:DEPTH]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    import django

    django.setup()
    from matching.retrieval import index_size

    result = {
        "creators": index_size(),
        "match": [measure_class(kind, options.queries) for kind in CLASSES],
        "discover": measure_discover(options.queries),
        "instead": measure_instead(options.queries),
    }
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    print(f"{result['creators']:,} creators")
    for row in result["match"]:
        recall = f"recall@100 {row['recall_100']:.3f} (least {row['recall_100_least']:.2f})"
        plan = f"compared all {row['compared_all']:.0%}  eligible {row['eligible']:,}"
        print(
            f"{row['class']:>14}  p50 {row['p50']:6.1f} ms  p95 {row['p95']:6.1f} ms  cpu {row['cpu']:5.1f} ms  {recall}  {plan}"
        )
        print(f"{'':>16}{row['stages_p50']}")
    print("Discover", result["discover"])
    for name, figures in result["instead"].items():
        print(name, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
