"""Measures the match at scale: latency, recall against the exact plan, Discover, and what one would take instead.

    manage.py bench_match --creators 100000 [--queries 20] [--json]      (an empty database, or one seeded so)

Briefs are the taxonomy's own captions, in both languages. Every class of filter is measured apart, among them
one that runs against the brief: a country where its niche is rare. Recall@100 compares the first hundred of the
final ranking with the same engine after comparing every passing row. Synthetic creators: speed only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Memory:
    """All vectors of the index in this process. ids: (n,) ascending; vectors: float32 (n, 256)."""

    ids: np.ndarray
    vectors: np.ndarray

    @classmethod
    def read(cls) -> Memory:
        from matching.cells import AT_ONCE, read_vectors

        parts, after = [], 0
        while len((part := read_vectors("", f"WHERE v.creator_id > {after} ORDER BY v.creator_id LIMIT {AT_ONCE}"))[0]):
            parts.append(part)
            after = int(part[0][-1])
        return cls(np.concatenate([ids for ids, _ in parts]), np.concatenate([vectors for _, vectors in parts]))

    def passing(self, brief: Any) -> np.ndarray:
        """(n,) rows that the brief's filters let in, by the engine's own conditions."""
        from matching.conditions import Sql, requirements
        from matching.retrieval import read_floats

        head, tail = (
            Sql("COPY (SELECT v.creator_id::float8 FROM matching_creatorvector v WHERE "),
            Sql(") TO STDOUT (FORMAT binary)"),
        )
        found = read_floats(Sql.join("", [head, requirements(brief, "v"), tail]), 1)[:, 0].astype(np.int64)
        return np.isin(self.ids, found, assume_unique=True)

    def nearest(self, asked: np.ndarray, passing: np.ndarray) -> np.ndarray:
        """Ids of the nearest `DEPTH` that pass: the truth, and the exact scan."""
        scores = np.where(passing, self.vectors @ asked, -2.0)
        best = np.argpartition(-scores, DEPTH)[:DEPTH]
        return self.ids[best[scores[best] > -2.0]]


def measure_instead(queries: int, *, graph: bool) -> dict[str, Any]:
    """Neighbours only, without limits, ranking or reasons: exact in memory, faiss, the ORM as one would write it
    first, and (graph) pgvector's HNSW with its defaults and with iterative scan."""
    import faiss

    faiss.omp_set_num_threads(1)
    memory = Memory.read()
    size, lists = memory.vectors.shape[1], max(int(np.sqrt(len(memory.ids))), 16)
    coarse = faiss.IndexFlatIP(size)
    index = faiss.IndexIVFScalarQuantizer(
        coarse, size, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    drawn = np.random.default_rng(1).permutation(len(memory.ids))[: 40 * lists]
    built, _ = timed(lambda: (index.train(memory.vectors[drawn]), index.add(memory.vectors)))
    ways: dict[str, Callable[[Any, np.ndarray, np.ndarray], np.ndarray]] = {
        "exact scan in memory": lambda _brief, asked, mask: memory.nearest(asked, mask),
        "faiss IVF-SQ8 with a bitmap": lambda _brief, asked, mask: _faiss(index, memory, asked, mask, lists),
        "ORM, order_by distance": lambda brief, asked, _mask: _orm("matching_creatorvector", brief, asked),
    }
    if graph:
        _build_graph()
        ways["pgvector HNSW, defaults"] = lambda brief, asked, _mask: _orm("bench_graph", brief, asked)
        ways["pgvector HNSW, iterative scan"] = lambda brief, asked, _mask: _orm("bench_graph", brief, asked, walk=True)
    found: dict[str, Any] = {name: {} for name in ways} | {"faiss build, s": round(built / 1000, 1)}
    for kind in CLASSES:
        times: dict[str, list[float]] = {name: [] for name in ways}
        recall: dict[str, list[float]] = {name: [] for name in ways}
        for niche, text in briefs(queries):
            brief = filtered(kind, niche, text)
            asked, mask = _asked(brief), memory.passing(brief)
            truth = set(memory.nearest(asked, mask).tolist())
            for name, way in ways.items():
                took, ids = timed(lambda way=way, brief=brief, asked=asked, mask=mask: way(brief, asked, mask))
                times[name].append(took)
                recall[name].append(len(truth & set(ids.tolist())) / max(len(truth), 1))
        for name in ways:
            found[name][kind] = spread(times[name]) | {"recall_100": round(float(np.mean(recall[name])), 3)}
    return found


def _asked(brief: Any) -> np.ndarray:
    from matching.meaning import meaning_of

    return meaning_of(brief).vector


def _faiss(index: Any, memory: Memory, asked: np.ndarray, mask: np.ndarray, lists: int) -> np.ndarray:
    """Probes follow selectivity: the rarer who passes, the more cells are looked at."""
    import faiss

    share = max(mask.mean(), 1e-6)
    probes = int(min(max(lists * 0.02 / share, lists * 0.02), lists))
    keep = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
    _, places = index.search(asked[None], DEPTH, params=faiss.SearchParametersIVF(sel=keep, nprobe=probes))
    return memory.ids[places[0][places[0] >= 0]]


def _orm(table: str, brief: Any, asked: np.ndarray, *, walk: bool = False) -> np.ndarray:
    """What `Model.objects.filter(…).order_by(distance)[:100]` asks of PostgreSQL."""
    from django.db import connection, transaction

    from matching.conditions import requirements
    from matching.retrieval import vector_literal

    where = requirements(brief, "v")
    with transaction.atomic(), connection.cursor() as cursor:
        if walk:
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
            cursor.execute("SET LOCAL hnsw.max_scan_tuples = 200000")
        cursor.execute(
            f"SELECT v.creator_id FROM {table} v WHERE {where.text} ORDER BY v.embedding <#> %s::halfvec LIMIT %s",
            [*where.params, vector_literal(asked), DEPTH],
        )
        return np.array([row[0] for row in cursor.fetchall()], np.int64)


def _build_graph() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_graph")
        cursor.execute("CREATE TEMP TABLE bench_graph AS SELECT * FROM matching_creatorvector")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("CREATE INDEX ON bench_graph USING hnsw (embedding halfvec_ip_ops)")
        cursor.execute("ANALYZE bench_graph")


def run(queries: int, *, instead: bool = True, graph: bool = False) -> dict[str, Any]:
    """Everything measured, as JSON. instead: the other ways too; graph: HNSW among them, which takes long to build."""
    from matching.retrieval import index_size

    return {
        "creators": index_size(),
        "match": [measure_class(kind, queries) for kind in CLASSES],
        "discover": measure_discover(queries),
        **({"instead": measure_instead(queries, graph=graph)} if instead else {}),
    }


def lines(result: dict[str, Any]) -> list[str]:
    """The same for reading."""
    out = [f"{result['creators']:,} creators"]
    for row in result["match"]:
        recall = f"recall@100 {row['recall_100']:.3f} (least {row['recall_100_least']:.2f})"
        plan = f"compared all {row['compared_all']:.0%}  eligible {row['eligible']:,}"
        took = f"p50 {row['p50']:6.1f} ms  p95 {row['p95']:6.1f} ms  cpu {row['cpu']:5.1f} ms"
        out += [f"{row['class']:>14}  {took}  {recall}  {plan}", f"{'':>16}{row['stages_p50']}"]
    out.append(f"Discover {result['discover']}")
    for name, figures in result.get("instead", {}).items():
        out.append(name if isinstance(figures, dict) else f"{name} {figures}")
        out += [f"{kind:>14}  {found}" for kind, found in figures.items()] if isinstance(figures, dict) else []
    return out
