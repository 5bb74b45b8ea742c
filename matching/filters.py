"""What Discover can filter by: one table, read by the address bar, the facets, the relaxer and the SQL.

A filter belongs to a facet and turns one chosen value into SQL over the index row `i`. Values come from
strangers: what is not understood is dropped and said (`problems`), never an error page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.codes import country_code, language_code, platform_code
from matching.conditions import PRICE_EUR, Sql
from matching.tiers import NAMES as TIERS
from matching.tiers import Tiers

MOST_VALUES = 30
LONGEST_QUESTION = 4_000


@dataclass(frozen=True, slots=True)
class Filter:
    """One facet. read: raw value → value or None. sql: chosen values → condition. steps: choices offered, in order."""

    name: str
    label: str | Promise
    read: Callable[[str], str | None]
    sql: Callable[[Sequence[str], Context], Sql]
    many: bool = True
    steps: tuple[str, ...] = ()
    choice_label: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Context:
    """What a condition may need besides its values. contacted: creators this workspace already wrote to.
    tiers: where its sizes begin."""

    today: date
    contacted: tuple[int, ...] = ()
    tiers: Tiers = field(default_factory=Tiers)

    def ago(self, days: int) -> datetime:
        return datetime.combine(self.today - timedelta(days=days), time(), tzinfo=ZoneInfo("UTC"))


def _overlaps(column: str) -> Callable[[Sequence[str], Context], Sql]:
    return lambda values, _context: Sql(f"i.{column} && %s::varchar[]", (list(values),))


def _among(column: str) -> Callable[[Sequence[str], Context], Sql]:
    return lambda values, _context: Sql(f"i.{column} = ANY(%s)", (list(values),))


def _at_least(expression: str, scale: float = 1.0) -> Callable[[Sequence[str], Context], Sql]:
    return lambda values, _context: Sql(f"{expression} >= %s", (min(map(float, values)) * scale,))


def _at_most(expression: str, scale: float = 1.0) -> Callable[[Sequence[str], Context], Sql]:
    return lambda values, _context: Sql(f"{expression} <= %s", (max(map(float, values)) * scale,))


def _active(values: Sequence[str], context: Context) -> Sql:
    return Sql("i.last_post_at >= %s", (context.ago(max(map(int, values))),))


def _available(_values: Sequence[str], context: Context) -> Sql:
    free = "(i.unavailable_until IS NULL OR i.unavailable_until < %s) AND i.capacity_per_month IS DISTINCT FROM 0"
    return Sql(f"({free} AND NOT i.is_minor)", (context.today,))


def _contacted(_values: Sequence[str], context: Context) -> Sql:
    return Sql("i.creator_id <> ALL(%s::bigint[])", (list(context.contacted),))


def _size(values: Sequence[str], context: Context) -> Sql:
    return Sql(f"{context.tiers.sql()} = ANY(%s)", (list(values),))


def _city(values: Sequence[str], _context: Context) -> Sql:
    return Sql("lower(i.city) = ANY(%s)", ([value.lower() for value in values],))


def _step(*steps: str) -> Callable[[str], str | None]:
    return lambda text: text if text in steps else None


def _whole(text: str) -> str | None:
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _slug(text: str) -> str | None:
    return text if 0 < len(text) <= 60 and all(c.isalnum() or c in "-_ &'" for c in text) else None


def _city_name(text: str) -> str | None:
    text = " ".join(text.split())
    return text if 0 < len(text) <= 60 and text.isprintable() else None


def _lower(known: Sequence[str]) -> Callable[[str], str | None]:
    return lambda text: text.lower() if text.lower() in known else None


def _yes(text: str) -> str | None:
    return "1" if text in ("1", "true", "on", "yes") else None


def _country_label(code: str) -> str:
    from accounts.templatetags.figures import locale

    return str(locale().territories.get(code, code))


def _language_label(code: str) -> str:
    from accounts.templatetags.figures import locale

    return str(locale().languages.get(code, code)).capitalize()


def _topic_label(slug: str) -> str:
    from matching.reasons import topic_label

    return topic_label(slug)


def _tier_label(tier: str) -> str:
    return {"nano": _("Nano"), "micro": _("Micro"), "mid": _("Mid"), "macro": _("Macro"), "mega": _("Mega")}.get(
        tier, tier
    )


def _platform_label(code: str) -> str:
    return {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "x": "X"}.get(code, code)


def _top_label(percentile: str) -> str:
    from accounts.templatetags.figures import percent

    return _("Top %(share)s of comparable creators") % {"share": percent((100 - int(percentile)) / 100, 0)}


def _score_label(points: str) -> str:
    return _("%(points)s of 100 or more") % {"points": points}


def _days_label(days: str) -> str:
    return _("Last %(days)s days") % {"days": days}


def _share_label(percentage: str) -> str:
    from accounts.templatetags.figures import percent

    return _("At most %(share)s") % {"share": percent(int(percentage) / 100, 0)}


def _growth_label(percentage: str) -> str:
    from accounts.templatetags.figures import percent

    return (
        _("Growing")
        if percentage == "0"
        else _("%(share)s or more in 90 days") % {"share": percent(int(percentage) / 100, 0)}
    )


def _disclosed_label(percentage: str) -> str:
    from accounts.templatetags.figures import percent

    return _("%(share)s of partnerships or more are declared") % {"share": percent(int(percentage) / 100, 0)}


def _authentic_label(percentage: str) -> str:
    from accounts.templatetags.figures import percent

    return _("%(share)s usual accounts at least") % {"share": percent(int(percentage) / 100, 0)}


def _like_label(pk: str) -> str:
    from matching.models import CreatorIndex

    row = CreatorIndex.objects.filter(pk=int(pk), creator__erased_at__isnull=True).only("display_name").first()
    return row.display_name if row else "–"


def _price_label(euros: str) -> str:
    from accounts.templatetags.figures import money

    return _("Up to %(amount)s") % {"amount": money(int(euros))}


def _number_label(word: str | Promise) -> Callable[[str], str]:
    from accounts.templatetags.figures import number

    return lambda value: str(word) % {"n": number(int(value))}


ER_STEPS, SCORE_STEPS, DAY_STEPS = ("50", "75", "90"), ("50", "60", "70"), ("30", "90", "180")
DISCLOSED_STEPS, AUTHENTIC_STEPS = ("80", "95"), ("60", "75", "85")
SHARE_STEPS, GROWTH_STEPS, PRICE_STEPS = ("10", "20", "30"), ("0", "5"), ("100", "250", "500", "1000")

FILTERS: dict[str, Filter] = {
    f.name: f
    for f in (
        Filter(
            "platform", gettext_lazy("Network"), platform_code, _overlaps("platforms"), choice_label=_platform_label
        ),
        Filter("tier", gettext_lazy("Size"), _lower(TIERS), _size, steps=TIERS, choice_label=_tier_label),
        Filter("country", gettext_lazy("Country"), country_code, _among("country"), choice_label=_country_label),
        Filter("city", gettext_lazy("City"), _city_name, _city),
        Filter(
            "language", gettext_lazy("Language"), language_code, _overlaps("languages"), choice_label=_language_label
        ),
        Filter("topic", gettext_lazy("Topics"), _slug, _overlaps("topics"), choice_label=_topic_label),
        Filter(
            "engagement",
            gettext_lazy("Engagement"),
            _step(*ER_STEPS),
            _at_least("i.er_percentile"),
            False,
            ER_STEPS,
            _top_label,
        ),
        Filter(
            "quality",
            gettext_lazy("Audience quality"),
            _step(*SCORE_STEPS),
            _at_least("i.audience_score"),
            False,
            SCORE_STEPS,
            _score_label,
        ),
        Filter(
            "posture",
            gettext_lazy("Editorial posture"),
            _step(*SCORE_STEPS),
            _at_least("i.posture_score"),
            False,
            SCORE_STEPS,
            _score_label,
        ),
        Filter(
            "growth",
            gettext_lazy("Growth"),
            _step(*GROWTH_STEPS),
            _at_least("i.growth_90d", 0.01),
            False,
            GROWTH_STEPS,
            _growth_label,
        ),
        Filter("active", gettext_lazy("Last post"), _step(*DAY_STEPS), _active, False, DAY_STEPS, _days_label),
        Filter(
            "sponsored",
            gettext_lazy("Sponsored share"),
            _step(*SHARE_STEPS),
            _at_most("i.sponsored_share", 0.01),
            False,
            SHARE_STEPS,
            _share_label,
        ),
        Filter(
            "disclosed",
            gettext_lazy("Disclosure record"),
            _step(*DISCLOSED_STEPS),
            _at_least("i.disclosed", 0.01),
            False,
            DISCLOSED_STEPS,
            _disclosed_label,
        ),
        Filter(
            "authentic",
            gettext_lazy("Authenticity"),
            _step(*AUTHENTIC_STEPS),
            _at_least("i.authentic", 0.01),
            False,
            AUTHENTIC_STEPS,
            _authentic_label,
        ),
        Filter("price", gettext_lazy("Expected price"), _whole, _at_most(PRICE_EUR), False, PRICE_STEPS, _price_label),
        Filter("available", gettext_lazy("Available"), _yes, _available, False, ("1",), lambda _v: _("Available now")),
        Filter(
            "contactable",
            gettext_lazy("Contact"),
            _yes,
            lambda _v, _c: Sql("i.contactable"),
            False,
            ("1",),
            lambda _v: _("Can be contacted"),
        ),
        Filter(
            "claimed",
            gettext_lazy("Profile"),
            _yes,
            lambda _v, _c: Sql("i.is_claimed"),
            False,
            ("1",),
            lambda _v: _("Claimed by the creator"),
        ),
        Filter("new", gettext_lazy("Contacted"), _yes, _contacted, False, ("1",), lambda _v: _("Not contacted yet")),
        Filter(
            "calm",
            gettext_lazy("Risk"),
            _yes,
            lambda _v, _c: Sql("cardinality(i.risk_flags) < 2"),
            False,
            ("1",),
            lambda _v: _("Nothing unusual"),
        ),
        Filter(
            "followers_min",
            gettext_lazy("Followers"),
            _whole,
            _at_least("i.followers"),
            False,
            (),
            _number_label(gettext_lazy("At least %(n)s followers")),
        ),
        Filter(
            "followers_max",
            gettext_lazy("Followers"),
            _whole,
            _at_most("i.followers"),
            False,
            (),
            _number_label(gettext_lazy("At most %(n)s followers")),
        ),
        Filter(
            "like",
            gettext_lazy("Like"),
            _whole,
            lambda values, _context: Sql("i.creator_id <> %s", (int(values[-1]),)),
            False,
            (),
            _like_label,
        ),
    )
}
ORDERS: dict[str, tuple[str, str, str | Promise]] = {
    "fit": ("", "", gettext_lazy("Best fit")),
    "similar": ("", "", gettext_lazy("Most alike")),
    "quality": ("i.audience_score", "desc", gettext_lazy("Audience quality")),
    "engagement": ("i.er_percentile", "desc", gettext_lazy("Engagement")),
    "posture": ("i.posture_score", "desc", gettext_lazy("Editorial posture")),
    "qualified": ("i.qualified_percentile", "desc", gettext_lazy("Qualified comments")),
    "followers": ("i.followers", "desc", gettext_lazy("Most followers")),
    "small": ("i.followers", "asc", gettext_lazy("Fewest followers")),
    "recent": ("i.last_post_at", "desc", gettext_lazy("Last post")),
    "growth": ("i.growth_90d", "desc", gettext_lazy("Growth")),
}
"""Name → (SQL, direction, label). Unknown values always come last."""


@dataclass(frozen=True)
class SearchQuery:
    """A search as typed and ticked. text: plain words or a brand text. filters: name → chosen values."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = ""
    cursor: str = ""
    limit: int = 25
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, data: Any) -> SearchQuery:
        """From `request.GET` or a plain mapping; anything not understood is left out and named in `problems`."""
        problems: list[str] = []
        chosen = {name: found for name, f in FILTERS.items() if (found := _chosen(f, _all(data, name), problems))}
        text, order = _clean(_one(data, "q"), problems), _one(data, "order")
        if order and order not in ORDERS:
            problems.append(_("There is no order “%(order)s”.") % {"order": order[:40]})
            order = ""
        limit = _whole(_one(data, "limit") or "25") or "25"
        return cls(text, chosen, order, _one(data, "cursor")[:200], min(max(int(limit), 1), 100), tuple(problems))

    @cached_property
    def sorting(self) -> str:
        possible = {"fit": bool(self.text), "similar": "like" in self.filters}
        if self.order and possible.get(self.order, True):
            return self.order
        return "similar" if possible["similar"] else "fit" if possible["fit"] else "quality"

    def without(self, name: str, value: str | None = None) -> SearchQuery:
        """The same search with one filter, or one of its values, taken off; from the first page."""
        kept = {
            n: tuple(v for v in values if n != name or (value is not None and v != value))
            for n, values in self.filters.items()
        }
        return replace(self, filters={n: values for n, values in kept.items() if values}, cursor="")

    def conditions(self, context: Context, *, but: str = "") -> Sql:
        """All filters (but one) as one boolean expression."""
        parts = [FILTERS[name].sql(values, context) for name, values in self.filters.items() if name != but]
        return Sql.join(" AND ", parts) if parts else Sql("TRUE")

    def parameters(self) -> list[tuple[str, str]]:
        """(name, value) pairs of the address of this search, without the cursor."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        return pairs + ([("order", self.order)] if self.order else [])


def _chosen(f: Filter, raw: Sequence[str], problems: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in raw[:MOST_VALUES]:
        if not text.strip():
            continue
        value = f.read(text.strip()[:80])
        if value is None:
            problems.append(
                _("%(label)s: “%(value)s” is not known and was left out.") % {"label": f.label, "value": text[:40]}
            )
        else:
            found.append(value)
    distinct = list(dict.fromkeys(found))
    return tuple(distinct if f.many else distinct[-1:])


def _clean(text: str, problems: list[str]) -> str:
    text = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text).strip()
    if len(text) > LONGEST_QUESTION:
        problems.append(_("Only the first %(n)s characters of the text were read.") % {"n": LONGEST_QUESTION})
    return text[:LONGEST_QUESTION]


def _all(data: Any, name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return [str(v) for v in data.getlist(name)]
    value = data.get(name, ())
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _one(data: Any, name: str) -> str:
    values = _all(data, name)
    return values[-1] if values else ""
