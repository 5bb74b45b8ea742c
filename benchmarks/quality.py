"""The quality table of the engine on real, public sets: `manage.py evaluate_engine --data FOLDER`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.signals import Instagram, Line, comments, engagement, persistence, sponsorship

BUILT_LATER = "not built yet"


def fit(_root: Path) -> Iterator[Line]:
    """Brand → creator: what is reached, what each part adds, and for whom."""
    from benchmarks import fit as measured

    pairs = measured.measure()
    auc, recall = (
        {way: measured.by_brand(pairs, values) for way, values in kind.items()} for kind in (pairs.won, pairs.found)
    )
    brands = len(auc["all"])
    for way in pairs.won:
        reach = "AUC ≥ .70, R@100 ≥ .10" if way == "only meaning" else ""
        yield Line(
            f"Brand → creator, {way} ({brands} brands, {len(pairs.brand):,} creators to find)",
            f"AUC {auc[way].mean():.3f}, R@100 {recall[way].mean():.3f}",
            reach,
        )
    compared = [(f"all − all but {name}", "all", f"all but {name}") for name in measured.WEIGHTS]
    compared += [
        ("common component out of the query − as encoded", "only meaning", "only as encoded"),
        ("out of creators too − out of the query alone", "only both centred", "only meaning"),
    ]
    for name, one, other in compared:
        gaps = [measured.difference(pairs, kind[one], kind[other]) for kind in (pairs.won, pairs.found)]
        told = [
            f"{label} {gap:+.4f} [{low:+.4f}, {high:+.4f}]"
            for label, (gap, low, high) in zip(("AUC", "R@100"), gaps, strict=True)
        ]
        yield Line(f"Ablation, {name}", "; ".join(told), _verdict(gaps))
    for title, column in (("tier", pairs.tier), ("brand's language", pairs.language)):
        for value in sorted(set(column.tolist())):
            keep = column == value
            slices = [measured.by_brand(pairs, kind["all"], keep).mean() for kind in (pairs.won, pairs.found)]
            yield Line(
                f"Slice, {title}: {value} ({keep.sum():,} creators)", f"AUC {slices[0]:.3f}, R@100 {slices[1]:.3f}"
            )


def _verdict(gaps: list[tuple[float, float, float]]) -> str:
    if any(low > 0 for _gap, low, _high in gaps) and not any(high < 0 for _gap, _low, high in gaps):
        return "earns its place"
    return "harms" if any(high < 0 for _gap, _low, high in gaps) else "no evidence"


def languages(_root: Path) -> Iterator[Line]:
    from benchmarks.semantics_quality import measure_agreement

    shared = measure_agreement()["drawn to niches"]
    told = ", ".join(f"{name} {value:.2f}" for name, value in shared.items())
    yield Line("Same brief in French and English: share of the top 20 in common", told, "≥ .70")


def audience(root: Path) -> Iterator[Line]:
    from benchmarks import trust

    yield from trust.sampled_followers(root)
    yield from trust.rings()


def overlap(root: Path) -> Iterator[Line]:
    from benchmarks import trust

    yield from trust.overlap(root)


def sentiment(_root: Path) -> Iterator[Line]:
    from benchmarks import trust

    yield from trust.sentiment()


def portfolio(root: Path) -> Iterator[Line]:
    from matching.ranking.portfolio import Audiences, choose

    listeners: dict[int, set[int]] = defaultdict(set)
    with (root / "lastfm_overlap" / "user_artists.dat").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            user, artist, _plays = line.split("\t")
            listeners[int(artist)].add(int(user))
    known = sorted(artist for artist, users in listeners.items() if len(users) >= 15)
    place = {user: n for n, user in enumerate(sorted(set().union(*(listeners[a] for a in known))))}
    size = np.array([len(listeners[a]) for a in known])
    element = np.array([place[u] for a in known for u in sorted(listeners[a])])
    people = Audiences(np.append(0, np.cumsum(size)), element, np.ones(len(element)), np.ones(len(place)))
    for budget in (1_000, 3_000, 8_000):
        found = choose(people, 20 + 3 * size.astype(float) ** 0.8, budget)
        rule = max(found.tried["size"], found.tried["reach per cost"], found.tried["single"])
        yield Line(
            f"Portfolio on lastfm_overlap, budget {budget:,}",
            f"**{found.reach:,.0f}** (best simple rule {rule:,.0f}; at least {found.certainty:.0%} of the best possible)",
            "≥ 850" if budget == 3_000 else "",
        )


def evaluate(root: Path) -> Iterator[Line]:
    """Every row of the table; a set that is absent, or a part that is not built, says so."""
    sections: list[Callable[[Path], Iterator[Line]]] = [fit, languages, audience, overlap, sentiment, portfolio]
    for section in sections:
        yield from _guarded(section.__name__, lambda section=section: section(root))
    try:
        data = Instagram.read(root / "instagram_2018")
    except OSError as error:
        yield Line("Signals on instagram_2018", f"absent: {error}")
        return
    for name, part in {
        "engagement": lambda: engagement(data),
        "sponsorship": lambda: sponsorship(data),
        "comments": lambda: comments(data, root),
        "persistence": lambda: persistence(data),
    }.items():
        yield from _guarded(name, part)


def _guarded(name: str, part: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    try:
        yield from part()
    except ImportError:
        yield Line(name.capitalize(), BUILT_LATER)
    except OSError as error:
        yield Line(name.capitalize(), f"absent: {error}")
