"""The campaign of tests/data/hand_computed_campaign.csv, told through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.ids import uuid7
from campaigns.models import (
    Click,
    Conversion,
    CurrencyRate,
    Partnership,
)
from campaigns.services import codes, conversions, results, tracking
from campaigns.services.answers import accept
from tests.campaigns.conftest import SENTENCES, Stage, utc

HAND = Path(__file__).parent.parent / "data" / "hand_computed_campaign.csv"
NOW = utc(2026, 4, 20, 12)


@dataclass
class Told:
    stage: Stage
    lea: Partnership
    tom: Partnership


def clicks(link: Any, people: int, unique: int, machines: int) -> None:
    at = utc(2026, 3, 10, 9)
    first = uuid7()
    rows = [Click(id=first, link=link, minute=at, hour=at)]
    rows += [Click(link=link, minute=at, hour=at) for _n in range(unique - 1)]
    rows += [Click(link=link, minute=at, hour=at, dedup_of=first) for _n in range(people - unique)]
    rows += [Click(link=link, minute=at, hour=at, is_bot=True, bot_reason="crawler") for _n in range(machines)]
    Click.objects.bulk_create(rows)


def tell(stage: Stage) -> Told:
    """Everything that tests/data/hand_computed_campaign.csv says, through the services."""
    owner, campaign, cast = stage.owner, stage.campaign, stage.cast
    people = {}
    for creator, sentence, fee in ((cast.lea, SENTENCES[0], "400"), (cast.tom, SENTENCES[1], "300")):
        partnership = stage.invite(creator, sentence, terms={"fee": fee})
        accept(actor=stage.link_actor(partnership), partnership=partnership)
        people[creator.pk] = partnership
    lea, tom = people[cast.lea.pk], people[cast.tom.pk]
    CurrencyRate.objects.create(workspace=cast.alma, currency="USD", day=date(2026, 3, 1), rate=Decimal("0.80"))
    cost: dict[str, Any] = {"actor": owner, "campaign": campaign, "on": date(2026, 3, 5)}
    results.add_cost(**cost, partnership=lea, kind="shipping", amount="12,50")
    results.add_cost(**cost, partnership=tom, kind="boost", amount="100", currency="USD")
    results.add_cost(**cost, kind="hours", amount="90")
    counters = (
        (
            lea,
            {"reach": 9000, "views": 12000, "likes": 600, "comments": 60, "shares": 30, "saves": 10, "qualified": 24},
        ),
        (tom, {"views": 8000, "likes": 400, "comments": 20, "shares": 0, "saves": 0}),
    )
    for partnership, values in counters:
        content = results.add_content(
            actor=owner, campaign=campaign, partnership=partnership, platform="instagram", published_at=utc(2026, 3, 8)
        )
        results.record_metrics(actor=owner, content=content, values=values, at=utc(2026, 4, 1), now=NOW)
    make: dict[str, Any] = {
        "actor": owner,
        "campaign": campaign,
        "destination": "https://shop.example.com/",
        "resolve": False,
    }
    tracking.create_link(**make, partnership=lea, slug="lea")
    tracking.create_link(**make, partnership=tom, slug="tom")
    clicks(lea.tracked_links.get(), 50, 40, 5)
    clicks(tom.tracked_links.get(), 30, 30, 2)
    codes.create_code(actor=owner, campaign=campaign, partnership=lea, code="LEA10", value=Decimal(10))
    at = utc(2026, 3, 12, 10)

    def order(name: str, amount: str, **more: Any) -> Conversion:
        values = {"order_id": name, "amount": amount, "currency": "EUR", "at": at} | more
        return conversions.record_conversion(actor=owner, workspace=cast.alma, source="api", now=NOW, **values)[0]

    order("o1", "50.00", code="lea-10")
    order("o2", "80.00", link="tom", clicked_at=at - timedelta(days=3))
    order("o3", "70.00", link="tom", clicked_at=at - timedelta(days=40))
    order("o4", "100.00", currency="USD", code="LEA10", link="tom", clicked_at=at)
    order("o5", "30.00")
    order("o1", "50.00", external_id="again", code="LEA10")
    conversions.reverse_conversion(actor=owner, conversion=order("o6", "40.00", code="LEA10"), now=NOW)
    conversions.reverse_conversion(actor=owner, conversion=order("o7", "60.00", code="LEA10"), amount="15", now=NOW)
    order("s1", "0", kind="signup", link="https://go.example.com/r/tom", clicked_at=at)
    order("o8", "10.00", currency="GBP", code="LEA10")
    return Told(stage, lea, tom)
