"""What a report is computed from, read once from the database as plain JSON: the only bridge to the pure figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Prefetch

from accounts.actors import Actor
from campaigns.attribution import FORMULA as ATTRIBUTION
from campaigns.attribution import as_json, converted, rate_on
from campaigns.limits import BOUND
from campaigns.links.counts import Counts, counts_of
from campaigns.models import (
    AttributionEntry,
    AttributionRun,
    Campaign,
    Content,
    ContentMetrics,
    Cost,
    CurrencyRate,
    Debrief,
    EmvTable,
    Expectation,
    Offer,
    Partnership,
    Reason,
    TrackedLink,
)
from campaigns.reports.curves import conversation
from campaigns.reports.figures import COUNTERS
from campaigns.reports.mood import mood
from campaigns.services.ledger import rule_of
from matching.models import Comment, PostMetrics, Signals
from matching.ranking import portfolio
from matching.ranking.coverage import audiences_of
from matching.repository.further import read_sketches

MOST_COMMENTS = 2000
SHOWN_SIGNALS = ("engagement_rate", "qualified_share", "comment_ratio", "half_life")


def read_inputs(actor: Actor, campaign: Campaign, *, asof: datetime, whole: bool = True) -> dict[str, Any]:
    """Everything of `campaign` as it stands for `actor` at `asof`; ids and moments as text, amounts as decimal text.

    whole: also what reads every comment (sentiment, who is met twice); pages that show none of it leave it out.
    """
    workspace = campaign.workspace
    money = _Money(workspace.currency, CurrencyRate.visible_to(actor).values_list("currency", "day", "rate"))
    partnerships = list(
        Partnership.visible_to(actor)
        .filter(campaign=campaign, state__in=[*BOUND, "cancelled"], accepted_at__isnull=False)
        .select_related("creator__index")
        .prefetch_related("creator__accounts", Prefetch("offers", Offer.visible_to(actor).filter(state="accepted")))
        .order_by("creator__display_name", "pk")
    )
    costs = list(Cost.visible_to(actor).filter(campaign=campaign).order_by("on", "created_at"))
    rows = _rows(actor, campaign, asof)
    contents = _contents(rows, asof)
    links = list(TrackedLink.visible_to(actor).filter(campaign=campaign))
    counts = counts_of(actor, [link.pk for link in links])
    credit = _Credit(actor, campaign)
    signals = _signals(actor, [row.creator_id for row in partnerships])
    expected, lessons = _expectations(actor, partnerships), _lessons(actor, partnerships)
    emv = EmvTable.visible_to(actor).order_by("-version").first()
    return {
        "asof": _iso(asof),
        "currency": workspace.currency,
        "campaign": {
            "id": str(campaign.pk),
            "name": campaign.name,
            "brand": campaign.brand.name,
            "objective": campaign.objective,
            "state": campaign.state,
            "budget": None if campaign.budget is None else str(campaign.budget),
            "budget_currency": campaign.currency,
            "starts_on": campaign.starts_on.isoformat() if campaign.starts_on else None,
            "ends_on": campaign.ends_on.isoformat() if campaign.ends_on else None,
            "countries": sorted(campaign.countries),
            "kpi_targets": {str(k): str(v) for k, v in sorted(campaign.kpi_targets.items()) if v not in (None, "")},
        },
        "partnerships": [
            {
                "id": str(row.pk),
                "creator": row.creator.display_name,
                "state": row.state,
                **_voice(row),
                "costs": _offer_costs(row, money) + [_cost(c, money) for c in costs if c.partnership_id == row.pk],
                "clicks": _clicks([counts[link.pk] for link in links if link.partnership_id == row.pk]),
                "credited": credit.of(row.pk),
                "contents": [
                    c | {"usual": signals.get(row.creator_id)} for c in contents if c["partnership"] == str(row.pk)
                ],
                "expected": signals.get(row.creator_id),
                "expectation": expected.get(row.pk),
                "lesson": lessons.get(row.pk),
            }
            for row in partnerships
        ],
        "campaign_costs": [_cost(row, money) for row in costs if row.partnership_id is None],
        "campaign_clicks": _clicks([counts[link.pk] for link in links if link.partnership_id is None]),
        "campaign_credited": credit.of(None),
        "attribution": credit.reasons(),
        "earned": [row for row in contents if row["earned"]],
        "emv": {"version": emv.version, "rates": emv.rates, "in_roi": emv.in_roi} if emv and emv.is_on else None,
        "unique": _unique(partnerships, contents) if whole else None,
        "mood": mood(actor, rows, asof=asof) if whole else None,
    }


def _expectations(actor: Actor, partnerships: Sequence[Partnership]) -> dict[UUID, dict[str, Any]]:
    """What each voice was expected to bring when it agreed."""
    rows = Expectation.visible_to(actor).filter(partnership__in=partnerships)
    names = ("engaged", "engaged_low", "engaged_high", "brings")
    return {
        row.partnership_id: {name: _rounded(getattr(row, name)) for name in names}
        | {"overlap_known": row.overlap_known, "engine": row.engine, "at": _iso(row.at)}
        for row in rows
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _lessons(actor: Actor, partnerships: Sequence[Partnership]) -> dict[UUID, dict[str, Any]]:
    """The brand's own debriefs; what a creator wrote is not the report's to show."""
    rows = Debrief.visible_to(actor).filter(partnership__in=partnerships, side="brand")
    return {
        row.partnership_id: {
            "result": row.result,
            "cooperation": row.cooperation,
            "again": row.again,
            "text": row.lesson,
        }
        for row in rows
    }


def _unique(partnerships: Sequence[Partnership], contents: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Measured reach with people met through several voices counted once, by the sketches of those who comment.

    Of each voice the content that reached most counts: its contents reach much the same people. None below two
    voices with measured reach. unknown: voices whose overlap is not known, counted as having none.
    """
    most: dict[str, int] = {}
    for content in contents:
        reach = [reading["reach"] for reading in content["series"] if reading.get("reach") is not None]
        if content["partnership"] and reach:
            most[content["partnership"]] = max(most.get(content["partnership"], 0), reach[-1])
    measured = [row for row in partnerships if str(row.pk) in most]
    if len(measured) < 2:
        return None
    counts = np.array([float(most[str(row.pk)]) for row in measured])
    people, known = audiences_of(read_sketches([row.creator_id for row in measured]), counts)
    brings = portfolio.contributions(people, range(len(measured)))
    return {
        "sum": int(counts.sum()),
        "value": round(portfolio.reach_of(people, range(len(measured)))),
        "voices": len(measured),
        "unknown": int((~known).sum()),
        "alone": {str(row.pk): round(float(part)) for row, part in zip(measured, brings, strict=True)},
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


class _Money:
    """Amounts in the workspace's currency, at the day's rate; None where no rate is known."""

    def __init__(self, currency: str, rates: Iterable[tuple[str, Any, Decimal]]) -> None:
        self.currency = currency
        self.rates: dict[str, list[tuple[Any, Decimal]]] = {}
        for code, day, rate in rates:
            self.rates.setdefault(code, []).append((day, rate))

    def of(self, amount: Decimal, currency: str, day: Any) -> str | None:
        rate = Decimal(1) if currency == self.currency else rate_on(day, self.rates.get(currency, []))
        found = converted(amount, rate)
        return None if found is None else str(found)


def _voice(row: Partnership) -> dict[str, Any]:
    account = max(row.creator.accounts.all(), key=lambda a: a.followers or 0, default=None)
    if account is None:
        return dict.fromkeys(("platform", "followers", "tier", "niche", "form"))
    offer = next(iter(row.offers.all()), None)
    index = getattr(row.creator, "index", None)
    forms = [str(item.get("form") or "") for item in (offer.deliverables if offer else [])]
    return {
        "platform": account.platform,
        "followers": account.followers,
        "tier": index.tier or None if index else None,
        "niche": index.topics[0] if index and index.topics else None,
        "form": forms[0] if forms else None,
    }


def _offer_costs(row: Partnership, money: _Money) -> list[dict[str, Any]]:
    """Fee and value in kind of the accepted offer, on the day of the acceptance."""
    offer = next(iter(row.offers.all()), None)
    if offer is None or row.accepted_at is None:
        return []
    day = row.accepted_at.astimezone(UTC).date()
    told = (("fee", offer.fee), ("in_kind", offer.in_kind_value))
    return [
        {"kind": kind, "amount": money.of(amount, offer.currency, day), "told": str(amount), "currency": offer.currency,
         "on": day.isoformat(), "note": "offer"}
        for kind, amount in told if amount
    ]  # fmt: skip


def _cost(row: Cost, money: _Money) -> dict[str, Any]:
    amount = money.of(row.amount, row.currency, row.on)
    return {
        "kind": row.kind,
        "amount": amount,
        "told": str(row.amount),
        "currency": row.currency,
        "on": row.on.isoformat(),
        "note": row.note,
    }


def _clicks(found: list[Counts]) -> dict[str, int | None]:
    """Unknown (None), not 0, where there is no link to click on."""
    if not found:
        return {"clicks": None, "unique": None, "machines": None}
    return {name: sum(getattr(row, name) for row in found) for name in ("clicks", "unique", "machines")}


class _Credit:
    """What the current ledger credits, by partnership; and how all its entries are explained."""

    def __init__(self, actor: Actor, campaign: Campaign) -> None:
        self.run = AttributionRun.visible_to(actor).filter(is_current=True).first()
        entries = AttributionEntry.visible_to(actor).filter(run=self.run)
        self.mine = list(entries.filter(campaign=campaign).select_related("conversion", "reversal"))
        self.loose = list(entries.filter(campaign=None).select_related("conversion", "reversal"))
        self.told = entries.filter(reversal=None).count()
        self.rule = as_json(rule_of(campaign.workspace))

    def of(self, partnership: UUID | None) -> dict[str, Any]:
        rows = [row for row in self.mine if row.credited and row.partnership_id == partnership]
        amounts: dict[UUID, list[Decimal | None]] = {}
        for row in rows:
            amounts.setdefault(row.conversion_id, []).append(row.amount)
        back: dict[UUID, Decimal] = {}
        for row in rows:
            if row.reversal:
                back[row.conversion_id] = back.get(row.conversion_id, Decimal(0)) + row.reversal.amount
        counts = {"sale": 0, "signup": 0, "lead": 0}
        for row in rows:
            whole = row.conversion_id in back and back[row.conversion_id] >= row.conversion.amount
            if row.reversal is None and not whole:
                counts[row.conversion.kind] += 1
        known = [amount for found in amounts.values() for amount in found if amount is not None]
        return {
            "sales": counts["sale"],
            "signups": counts["signup"],
            "leads": counts["lead"],
            "revenue": str(sum(known, Decimal(0)).quantize(Decimal("0.01"))),
            "unconverted": sum(None in found for found in amounts.values()),
        }

    def reasons(self) -> dict[str, Any]:
        """Entries of this campaign by reason, and the workspace's unattributed ones beside them."""
        found = {}
        for reason in Reason.values:
            rows = [row for row in (*self.mine, *self.loose) if row.reason == reason]
            known = [row.amount for row in rows if row.amount is not None]
            found[reason] = {"n": len(rows), "amount": str(sum(known, Decimal(0)).quantize(Decimal("0.01")))}
        return {
            "reasons": found,
            "rule": self.rule | ({"version": self.run.rule_version} if self.run else {}),
            "run": self.run.number if self.run else None,
            "told": self.told,
            "formula": self.run.formula if self.run else ATTRIBUTION,
        }


def _rows(actor: Actor, campaign: Campaign, asof: datetime) -> list[Content]:
    return list(
        Content.visible_to(actor)
        .filter(campaign=campaign, published_at__lte=asof)
        .select_related("creator", "post")
        .prefetch_related(Prefetch("metrics", ContentMetrics.visible_to(actor).filter(at__lte=asof).order_by("at")))
        .order_by("published_at", "pk")
    )


def _contents(rows: Sequence[Content], asof: datetime) -> list[dict[str, Any]]:
    observed: dict[int, list[PostMetrics]] = {}
    posts = [row.post_id for row in rows if row.post_id]
    for metric in PostMetrics.objects.filter(post__in=posts, observed_at__lte=asof).order_by("observed_at"):
        observed.setdefault(metric.post_id, []).append(metric)
    return [_content(row, observed.get(row.post_id or 0, []), asof) for row in rows]


def _content(row: Content, observed: list[PostMetrics], asof: datetime) -> dict[str, Any]:
    series = [_reading(m.at, m, m.source) for m in row.metrics.all()]
    series += [_reading(m.observed_at, m, "connector") for m in observed]
    if row.post and row.post.observed_at <= asof and not observed:
        series.append(_reading(row.post.observed_at, row.post, "connector"))
    return {
        "id": str(row.pk),
        "partnership": str(row.partnership_id) if row.partnership_id else None,
        "creator": row.creator.display_name,
        "platform": row.platform,
        "form": row.form,
        "url": row.url or (row.post.url if row.post else ""),
        "published_at": _iso(row.published_at),
        "earned": row.earned,
        "series": sorted(series, key=lambda reading: reading["at"]),
        "conversation": _conversation(row, asof),
    }


def _reading(at: datetime, source: Any, how: str) -> dict[str, Any]:
    names = {"comments": "comments_count"} if hasattr(source, "comments_count") else {}
    values = {name: getattr(source, names.get(name, name), None) for name in COUNTERS}
    return {"at": _iso(at), "source": how} | {name: value for name, value in values.items() if value is not None}


def _conversation(row: Content, asof: datetime) -> dict[str, Any] | None:
    """How long the comments went on, where the post was observed with them."""
    if row.post_id is None or row.post is None:
        return None
    comments = Comment.objects.filter(post=row.post_id, is_owner=False, posted_at__isnull=False, posted_at__lte=asof)
    times = comments.order_by("posted_at").values_list("posted_at", flat=True)[:MOST_COMMENTS]
    begin = row.published_at
    age = (min(asof, row.post.observed_at) - begin).total_seconds() / 3600
    found = conversation([(at - begin).total_seconds() / 3600 for at in times], age)
    return found and {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


def _signals(actor: Actor, creators: list[int]) -> dict[int, dict[str, Any]]:
    """What is usual for each creator, as the engine stood: creator id → signal → value, low, high, percentile."""
    found = {}
    for row in Signals.visible_to(actor).filter(creator_id__in=creators, is_current=True):
        kept = {}
        for name in SHOWN_SIGNALS:
            signal = (row.payload or {}).get(name) or {}
            if signal.get("value") is not None:
                kept[name] = {key: signal.get(key) for key in ("value", "low", "high", "percentile", "n", "cell")}
                kept[name]["base"] = (signal.get("details") or {}).get("base")
        found[row.creator_id] = {"engine": row.engine_version, "signals": kept}
    return found
