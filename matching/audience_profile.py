"""What is known of a creator's audience: told shares with their sample sizes, sampled followers, shared audiences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from scipy.special import betaincinv

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import compact, day, interval, number, percent
from matching.comment_samples import Readings, words_of_languages
from matching.filters import FILTERS
from matching.models import AudienceSample, AudienceShare, Shortlist
from matching.plots.kinds import Bar, bars
from matching.plots.sheet import Figure
from matching.services.audience import AGES, DIMENSIONS
from matching.services.overlap import MOST, overlap_of

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Told:
    """The newest shares of one dimension of one account. n: people sampled, None where not told."""

    dimension: str
    figure: Figure
    n: int | None
    source: str
    observed_at: Any


def shares(actor: Actor, creator: Creator) -> list[Told]:
    """Of the largest account that tells each dimension; newest first."""
    rows = AudienceShare.visible_to(actor).filter(account__creator=creator).select_related("account", "source")
    found: list[Told] = []
    for dimension in DIMENSIONS:
        mine = [row for row in rows if row.dimension == dimension]
        if not mine:
            continue
        best = max(mine, key=lambda row: (row.account.followers or 0, row.observed_at))
        kept = [row for row in mine if row.account_id == best.account_id and row.observed_at == best.observed_at]
        found.append(Told(dimension, _figure(dimension, kept), kept[0].n, kept[0].source.label, best.observed_at))
    return found


def _figure(dimension: str, rows: list[AudienceShare]) -> Figure:
    if dimension == "age":
        ordered = sorted(rows, key=lambda row: AGES.index(row.key) if row.key in AGES else 99)
    else:
        ordered = sorted(rows, key=lambda row: -row.share)[:SHOWN]
    top, n = max(rows, key=lambda row: row.share), rows[0].n
    params = {"share": percent(top.share, 0), "what": key_label(dimension, top.key)}
    title = {
        "country": _("%(share)s live in %(what)s"),
        "age": _("%(share)s are between %(what)s"),
        "gender": _("%(share)s are %(what)s"),
        "language": _("%(share)s speak %(what)s"),
    }[dimension] % params
    bounds = {row.pk: _bounds(row.share, row.n) for row in ordered}
    table = tuple(
        (key_label(dimension, row.key), percent(row.share, 1), interval(*bounds[row.pk], "%") if row.n else "–")
        for row in ordered
    )
    sampled = _("Sample of %(n)s people") % {"n": number(n)} if n else _("Sample size not told: no interval")
    return Figure(
        title=title,
        draw=bars(
            [
                Bar(key_label(dimension, row.key), row.share, *bounds[row.pk], text=percent(row.share, 1))
                for row in ordered
            ]
        ),
        columns=(dimension_label(dimension), _("Share"), _("90 % interval")),
        rows=table,
        note=f"{sampled} · {rows[0].source.label} · {day(rows[0].observed_at)} · @{rows[0].account.handle}",
    )


def _bounds(share: float, n: int | None) -> tuple[float | None, float | None]:
    """90 % Jeffreys interval of a share among n sampled people."""
    if not n:
        return None, None
    a, b = share * n + 0.5, (1 - share) * n + 0.5
    return float(betaincinv(a, b, 0.05)), float(betaincinv(a, b, 0.95))


def dimension_label(dimension: str) -> str:
    return {"country": _("Country"), "age": _("Age"), "gender": _("Gender"), "language": _("Language")}[dimension]


def key_label(dimension: str, key: str) -> str:
    if dimension == "country":
        return FILTERS["country"].choice_label(key)
    if dimension == "language":
        return _("another language") if key == "other" else FILTERS["language"].choice_label(key)
    if dimension == "gender":
        return {"female": _("women"), "male": _("men"), "other": _("other")}.get(key, key)
    return key.replace("-", "–")


def comment_languages(readings: Readings) -> Figure | None:
    """The languages people comment in: observed, where no share of languages was told."""
    told = words_of_languages(readings.languages)
    n = sum(count for _code, count in told)
    if n < 20:
        return None
    bounds = [_bounds(count / n, n) for _code, count in told]
    rows = [(key_label("language", code), count / n, bound) for (code, count), bound in zip(told, bounds, strict=True)]
    return Figure(
        title=_("%(share)s of the comments read are in %(what)s") % {"share": percent(rows[0][1], 0), "what": rows[0][0]},
        draw=bars([Bar(label, share, *bound, text=percent(share, 1)) for label, share, bound in rows[:SHOWN]]),
        columns=(_("Language"), _("Share"), _("90 % interval")),
        rows=tuple((label, percent(share, 1), interval(*bound, "%")) for label, share, bound in rows[:SHOWN]),
        note=_("%(n)s comments whose language is told by their words. Who comments is not everybody who watches.") % {"n": number(n)},
    )  # fmt: skip


def samples(actor: Actor, creator: Creator) -> list[AudienceSample]:
    rows = AudienceSample.visible_to(actor).filter(account__creator=creator).select_related("account", "source")
    return list(rows.defer("people").order_by("-observed_at")[:12])


@dataclass(frozen=True, slots=True)
class Shared:
    """One member of a list: people who comment both. text: "12 % (8–16 %)", "" unknown."""

    creator: Creator
    text: str
    people: str


def overlap_with(actor: Actor, creator: Creator, shortlist: Shortlist) -> tuple[list[Shared], Figure | None]:
    """Overlap of the commenters with everybody on a list, the most shared first."""
    people = [
        entry.creator
        for entry in shortlist.entries.select_related("creator").exclude(state="passed")[:MOST]
        if entry.creator_id != creator.pk and entry.creator.erased_at is None
    ][: MOST - 1]
    if not people:
        return [], None
    found = overlap_of(actor=actor, creator_ids=[creator.pk, *(one.pk for one in people)])
    pairs = [(one, found.of_smaller[0][k], found.shared[0][k]) for k, one in enumerate(people, start=1)]
    pairs.sort(key=lambda pair: (not pair[1].known, -pair[1].value if pair[1].known else 0.0, pair[0].pk))
    rows = [_shared(one, share, count) for one, share, count in pairs]
    known = [(one, share) for one, share, _count in pairs if share.known]
    if not known:
        return rows, None
    drawn = [Bar(one.display_name, s.value, s.low, s.high, percent(s.value, 0)) for one, s in known[:SHOWN]]
    most = known[0]
    title = _("%(share)s of the smaller audience also comments %(name)s") % {
        "share": percent(most[1].value, 0), "name": most[0].display_name,
    }  # fmt: skip
    columns = (_("Creator"), _("Of the smaller audience"), _("People who comment both"))
    table = tuple((row.creator.display_name, row.text or _("unknown"), row.people) for row in rows)
    note = _("Estimated from sketches of the people who comment; below 100 of them on either side it is unknown.")
    # never stretched to fill: a shared per cent must look like one
    most_drawn = max(0.25, *(s.value for _one, s in known))
    return rows, Figure(title, bars(drawn, most=most_drawn), columns, table, note)


def _shared(one: Creator, share: Any, count: Any) -> Shared:
    if not share.known:
        return Shared(one, "", "–")
    return Shared(one, f"{percent(share.value, 0)} ({interval(share.low, share.high, '%')})", compact(count.value))


def lists_for(actor: Actor) -> Sequence[Shortlist]:
    return list(Shortlist.visible_to(actor).filter(archived_at__isnull=True)[:50])
