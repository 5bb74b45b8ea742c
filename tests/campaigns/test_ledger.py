"""Codes, conversions and the ledger: what counts, what is told twice, what leaks, what a limit does."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.errors import InvalidInput, WrongState
from accounts.events import drain
from accounts.ids import uuid7
from accounts.models import Mail
from campaigns.models import (
    AttributionEntry,
    AttributionRun,
    Conversion,
    PromoCode,
)
from campaigns.services import code_leaks, codes, conversions, ledger, postbacks, tracking
from campaigns.services.answers import accept
from tests.campaigns.conftest import Stage, utc
from tests.campaigns.hand import NOW, Told


def test_a_new_rule_is_read_beside_the_old_one(told: Told) -> None:
    owner, alma = told.stage.owner, told.stage.cast.alma
    before = list(AttributionEntry.objects.order_by("pk").values_list("pk", "reason", "amount"))
    ledger.save_rule(actor=owner, workspace=alma, window_days=60, code_beats_link=False, credit_outside_window=False)
    run = ledger.recompute_attribution(actor=owner, workspace=alma)
    assert (run.number, run.rule_version) == (2, 1)
    assert (
        list(AttributionEntry.objects.filter(run__number=1).order_by("pk").values_list("pk", "reason", "amount"))
        == before
    )
    entries = {e.conversion.order_id: e for e in run.entries.filter(reversal=None).select_related("conversion")}
    assert entries["o3"].reason == "link_last_touch"
    assert (entries["o4"].reason, entries["o4"].partnership_id) == ("link_last_touch", told.tom.pk)
    assert run.entries.filter(conversion__order_id="o1", reason="duplicate", credited=False).count() == 1
    back = {e.conversion.order_id: e.amount for e in run.entries.exclude(reversal=None)}
    assert back == {"o6": Decimal("-40.00"), "o7": Decimal("-15.00")}
    assert AttributionRun.objects.filter(is_current=True).count() == 1


def test_telling_twice_changes_nothing_and_too_much_is_refused(told: Told) -> None:
    owner, alma = told.stage.owner, told.stage.cast.alma
    count = AttributionEntry.objects.count()
    row, created = conversions.record_conversion(actor=owner, workspace=alma, source="api", order_id="o2", amount="999")
    assert (created, row.amount) == (False, Decimal("80.00"))
    part = conversions.reverse_conversion(actor=owner, conversion=row, amount="30", external_id="r1")
    assert conversions.reverse_conversion(actor=owner, conversion=row, amount="30", external_id="r1") == (
        part[0],
        False,
    )
    with pytest.raises(InvalidInput):
        conversions.reverse_conversion(actor=owner, conversion=row, amount="50.01")
    conversions.reverse_conversion(actor=owner, conversion=row)
    with pytest.raises(WrongState):
        conversions.reverse_conversion(actor=owner, conversion=row, external_id="more")
    assert AttributionEntry.objects.count() == count + 2
    assert sum(row.entries.values_list("amount", flat=True)) == 0


def test_a_postback_is_heard_by_its_secret_alone(told: Told) -> None:
    cast = told.stage.cast
    row, secret = postbacks.open_postback(actor=told.stage.owner, workspace=cast.alma, name="Shop")
    shop, address = Client(), f"/postbacks/{row.pk}"
    order = {"order_id": "p1", "amount": "25.00", "code": "LEA10", "at": "2026-04-01T10:00:00Z"}
    assert shop.post(address, order | {"secret": "guess"}).status_code == 403
    assert shop.post(f"/postbacks/{uuid7()}", order | {"secret": secret}).status_code == 403
    assert shop.get(address).status_code == 405
    first = shop.post(address, order | {"secret": secret})
    assert (first.status_code, first.json()["stored"]) == (200, True)
    assert shop.post(address, order, headers={"X-Postback-Secret": secret}).json()["stored"] is False
    assert shop.post(address, order | {"order_id": "p2", "amount": "a lot", "secret": secret}).json()["fields"][
        "amount"
    ]
    assert shop.post(address, {"order_id": "p1", "reversal": "all", "secret": secret}).json()["stored"] is True
    assert conversions.amount_left(Conversion.objects.get(order_id="p1")) == 0
    postbacks.revoke_postback(actor=told.stage.owner, postback=row)
    assert shop.post(address, order | {"secret": secret}).status_code == 403


def test_codes_by_pattern_never_collide(told: Told) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    made, had = codes.create_codes_for_all(actor=owner, campaign=campaign, pattern="{first}10", value=Decimal(10))
    assert ([row.code for row in made], [p.pk for p in had]) == (["TOM10"], [told.lea.pk])
    with pytest.raises(WrongState):
        codes.create_code(actor=owner, campaign=campaign, code="t-o-m 10", value=Decimal(5))
    with pytest.raises(InvalidInput):
        codes.create_codes_for_all(actor=owner, campaign=campaign, pattern="SPRING", value=Decimal(10))
    text = (
        "code,handle,percent,max_uses\nÉTÉ20,@tom.trails,20,100\nété20,,20,\n=CMD(),,20,\nX1Y2,nobody,5,\nGOOD1,,abc,\n"
    )
    stored, refused = codes.import_codes(actor=owner, campaign=campaign, text=text)
    assert [row.key for row in stored] == ["ETE20", "CMD"]
    assert [row.row for row in refused] == [3, 5, 6]


def as_of(hour: int) -> datetime:
    return utc(2026, 3, 1) + timedelta(hours=hour)


def test_leaks_are_seen_and_quiet_codes_are_not_accused() -> None:
    from campaigns.links.leaks import Use, burst, signs

    steady = [Use(as_of(hour * 7), "FR") for hour in range(60)]
    assert signs(steady, clicks=40, countries=["FR"]) == []
    assert signs(steady, clicks=None, countries=["FR"]) == []
    assert signs(steady, clicks=0, countries=["FR"]) == ["no_clicks"]
    abroad = [Use(use.at, "US") for use in steady[:40]] + steady[40:]
    assert signs(abroad, clicks=9, countries=["FR"]) == ["elsewhere"]
    leaked = steady + [Use(as_of(500) + timedelta(minutes=n)) for n in range(30)]
    assert burst(leaked) == as_of(500)
    assert signs(leaked, clicks=9, countries=["FR"]) == ["burst"]
    assert signs(steady[:3], clicks=0, countries=["FR"]) == []


def test_a_code_counts_only_within_its_limits(stage: Stage) -> None:
    owner, workspace = stage.owner, stage.campaign.workspace
    lea = stage.invite(stage.cast.lea)
    accept(actor=stage.link_actor(lea), partnership=lea)
    code = codes.create_code(
        actor=owner, campaign=stage.campaign, partnership=lea, code="SPRING", value=Decimal(10), max_uses=2,
        starts_at=utc(2026, 3, 1), ends_at=utc(2026, 3, 31, 23),
    )  # fmt: skip

    def order(name: str, at: datetime) -> AttributionEntry:
        values = {"order_id": name, "amount": "10", "at": at, "code": "spring"}
        moment = NOW + timedelta(minutes=Conversion.objects.count())
        row, _new = conversions.record_conversion(actor=owner, workspace=workspace, source="api", now=moment, **values)
        return row.entries.get(run__is_current=True, reversal=None)

    found = {
        name: (entry.reason, entry.detail, entry.credited)
        for name, at in (
            ("early", utc(2026, 2, 28)), ("first", utc(2026, 3, 1)), ("second", utc(2026, 3, 31, 23)),
            ("third", utc(2026, 3, 20)), ("late", utc(2026, 4, 1)),
        )
        for entry in [order(name, at)]
    }  # fmt: skip
    assert found == {
        "early": ("unattributed", "code_early", False), "first": ("code", "", True), "second": ("code", "", True),
        "third": ("unattributed", "code_used_up", False), "late": ("unattributed", "code_late", False),
    }  # fmt: skip
    undone = Conversion.objects.get(order_id="first")
    conversions.reverse_conversion(actor=owner, conversion=undone, now=NOW + timedelta(minutes=4, seconds=30))
    assert order("fourth", utc(2026, 3, 21)).reason == "code", "an order undone frees its use"
    codes.pause_code(actor=owner, code=code, now=utc(2026, 3, 22))
    assert order("paused", utc(2026, 3, 23)).detail == "code_paused"
    codes.resume_code(actor=owner, code=code)

    def entries(run: AttributionRun) -> set[tuple[str, str, str]]:
        rows = run.entries.exclude(conversion__order_id="paused").select_related("conversion")
        return {(row.conversion.order_id, row.reason, row.detail) for row in rows}

    before = entries(AttributionRun.objects.get(is_current=True))
    assert entries(ledger.recompute_attribution(actor=owner, workspace=workspace, now=NOW)) == before
    with pytest.raises(InvalidInput):
        codes.change_code(actor=owner, code=code, starts_at=utc(2026, 5, 1), ends_at=utc(2026, 4, 1), max_uses=None)
    codes.change_code(actor=owner, code=code, starts_at=None, ends_at=None, max_uses=None)
    assert PromoCode.objects.get(pk=code.pk).max_uses is None


def test_a_leak_is_told_once_a_week_to_those_who_run_campaigns(stage: Stage) -> None:
    lea = stage.invite(stage.cast.lea)
    accept(actor=stage.link_actor(lea), partnership=lea)
    codes.create_code(actor=stage.owner, campaign=stage.campaign, partnership=lea, code="LEAK1", value=Decimal(10))
    make = {
        "actor": stage.owner,
        "campaign": stage.campaign,
        "destination": "https://shop.example.com/",
        "resolve": False,
    }
    tracking.create_link(**make, partnership=lea, slug="leaky")
    for number in range(6):
        conversions.record_conversion(
            actor=stage.owner, workspace=stage.campaign.workspace, source="api", order_id=f"l{number}", amount="5",
            code="leak1", at=utc(2026, 3, 1 + number), now=NOW,
        )  # fmt: skip
    assert code_leaks.tell_leaks(now=NOW) == 1
    assert code_leaks.tell_leaks(now=NOW + timedelta(days=1)) == 0
    drain()
    letters = Mail.objects.filter(kind="code_leaking")
    assert letters.count() == 2 and "LEAK1" in letters.first().text  # owner and manager, not the viewer
    assert code_leaks.tell_leaks(now=NOW + timedelta(days=8)) == 1
