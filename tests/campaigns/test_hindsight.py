"""What was expected beside what came; how people speak; clicks that arrive together; pages of ours without https."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.ids import uuid7
from campaigns.links import storing
from campaigns.models import Click, Content, Expectation, LandingPage, Partnership
from campaigns.reports import hindsight, mood
from campaigns.reports.figures import compute
from campaigns.services import reports, results, tracking
from campaigns.services.answers import accept
from campaigns.services.expectations import record_expectation
from matching.models import Comment, CreatorIndex, Post
from tests.campaigns.conftest import Stage, utc
from tests.campaigns.hand import NOW, Told

GOOD = ("I love it, so happy with this, really great quality", "Wonderful, thank you, this is amazing and so useful")
BAD = ("Terrible, I hate it, awful and disappointing", "So bad, broken after a day, worst thing I bought, never again")


def accepted(stage: Stage) -> Partnership:
    row = stage.invite(stage.cast.lea)
    accept(actor=stage.link_actor(row), partnership=row)
    row.refresh_from_db()
    return row


def post_with(stage: Stage, name: str, at: Any, good: float, n: int) -> Post:
    account = stage.cast.lea.accounts.get()
    post = Post.objects.create(
        account=account, platform="instagram", external_id=name, posted_at=at, language="en", url=f"https://x.test/{name}",
        source=stage.cast.source, observed_at=NOW,
    )  # fmt: skip
    rng = random.Random(name)
    Comment.objects.bulk_create(
        Comment(
            post=post, external_id=f"{name}-{k}", author_hash=f"{name}{k}"[:24], posted_at=at + timedelta(hours=k % 40),
            text=rng.choice(GOOD if rng.random() < good else BAD), source=stage.cast.source, observed_at=NOW,
        )
        for k in range(n)
    )  # fmt: skip
    return post


def content_of(stage: Stage, partnership: Partnership, post: Post) -> Content:
    row = results.add_content(
        actor=stage.owner, campaign=stage.campaign, partnership=partnership, platform="instagram",
        published_at=post.posted_at, url=post.url, now=NOW,
    )  # fmt: skip
    assert row.post_id == post.pk, "an observed post at this address is found by itself"
    return row


def test_sentiment_is_told_against_other_posts_and_withheld_when_thin(stage: Stage) -> None:
    partnership = accepted(stage)
    out = utc(2026, 3, 10)
    post_with(stage, "before", out - timedelta(days=20), 0.5, 230)
    post_with(stage, "meanwhile", out + timedelta(days=1), 0.4, 230)
    content = content_of(stage, partnership, post_with(stage, "ours", out, 0.9, 230))
    found = mood.mood(stage.owner, [content], asof=NOW)
    assert found and found["told"] and found["low"] > 0 and found["n"] == {"after": 230, "others": 230, "before": 230}
    # Both changes are against the same posts before: their difference is what is told.
    assert found["value"] == pytest.approx(found["contents_change"] - found["others_change"], abs=0.001)
    assert [row[0] for row in found["trend"]] == sorted(row[0] for row in found["trend"])
    Comment.objects.filter(post__external_id="meanwhile", external_id__gte="meanwhile-5").delete()
    thin = mood.mood(stage.owner, [content], asof=NOW)
    assert thin and not thin["told"] and thin["value"] is None and thin["missing"] == "thin"


def test_what_was_expected_is_kept_once_and_held_against_what_came(stage: Stage) -> None:
    partnership = accepted(stage)
    CreatorIndex.objects.update_or_create(
        creator=stage.cast.lea,
        defaults={"display_name": "Léa", "indexed_at": NOW, "followers": 10_000, "main_platform": "instagram", "er": 0.03, "er_low": 0.02,
                  "er_high": 0.04, "er_base": "followers"},
    )  # fmt: skip
    first = record_expectation(partnership=partnership, now=NOW)
    assert first and (first.engaged, first.engaged_low, first.engaged_high) == (300.0, 200.0, 400.0)
    CreatorIndex.objects.filter(creator=stage.cast.lea).update(er=0.5)
    again = record_expectation(partnership=partnership, now=NOW + timedelta(days=1))
    assert again and again.pk == first.pk and Expectation.objects.get().engaged == 300.0
    content = results.add_content(
        actor=stage.owner, campaign=stage.campaign, partnership=partnership, platform="instagram", published_at=utc(2026, 3, 8)
    )  # fmt: skip
    results.record_metrics(
        actor=stage.owner, content=content, values={"likes": 420, "comments": 30}, at=utc(2026, 4, 1), now=NOW
    )
    found = reports.live(actor=stage.owner, campaign=stage.campaign, now=NOW)["figures"]
    after = found["partnerships"][0]["after"]
    assert (after["expected"], after["brought"], after["inside"]) == (300.0, "450.00", False)
    assert found["calibration"] == {"n": 1, "judged": 1, "inside": 0, "ratio": "1.50"}


def test_reports_frozen_by_the_formulas_before_are_still_computed(told: Told) -> None:
    inputs = reports.live(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)["inputs"]
    old = {name: value for name, value in inputs.items() if name not in ("unique", "mood")}
    old["partnerships"] = [
        {name: value for name, value in row.items() if name not in ("expectation", "lesson")}
        for row in inputs["partnerships"]
    ]
    found = compute(old)
    assert found["whole"]["roi"] == compute(inputs)["whole"]["roi"]
    assert found["calibration"]["n"] == 0 and found["mood"] is None


def test_the_second_return_stands_beside_the_real_one(told: Told) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    plain = reports.live(actor=owner, campaign=campaign, now=NOW)["figures"]["whole"]
    browser = told.stage.cast.browser(told.stage.cast.owner)
    form = {"instagram-view": "0,01", "instagram-like": "<b>", "is_on": "on", "in_roi": "on"}
    assert browser.post("/conversions/emv/", form).status_code == 422
    assert browser.post("/conversions/emv/", form | {"instagram-like": "0.1"}).status_code == 302
    found = reports.live(actor=owner, campaign=campaign, now=NOW)["figures"]["whole"]
    assert found["roi"] == plain["roi"] and "roi_with_emv" not in plain
    # 20,000 views at 0.01 and 1,000 likes at 0.1 are 300.00.
    assert found["emv"]["value"] == "300.00" and float(found["roi_with_emv"]["value"]) > float(found["roi"]["value"])
    assert told.stage.cast.browser(told.stage.cast.viewer).post("/conversions/emv/", form).status_code == 403


def test_people_met_through_two_voices_are_counted_once() -> None:
    found = hindsight.unique_reach({"sum": 1000, "value": 800, "voices": 3, "unknown": 1, "alone": {}})
    assert found["unique_reach"]["value"] == 800 and found["unique_reach"]["missing"] == "overlap_partly"
    assert found["frequency"]["value"] == "1.25"
    assert hindsight.unique_reach(None)["unique_reach"]["missing"] == "one_voice"
    alone = hindsight.unique_reach({"sum": 5, "value": 5, "voices": 2, "unknown": 2, "alone": {}})
    assert alone["unique_reach"]["value"] is None


def test_a_page_of_ours_is_reached_without_https_too(stage: Stage) -> None:
    page = LandingPage.objects.create(
        workspace=stage.cast.alma, brand=stage.cast.brand, title="Soap", text="Bar", button="Go", destination="https://shop.example.com/"
    )  # fmt: skip
    link = tracking.create_link(actor=stage.owner, campaign=stage.campaign, landing=page, slug="page", resolve=False)
    assert link.target.startswith("/l/page/?utm_") and tracking.target(link).endswith(link.target)
    browser = stage.cast.browser(None)
    assert b"Soap" in browser.get(link.target).content
    tracking.change_link(actor=stage.owner, link=link, expires_at=timezone.now() + timedelta(seconds=1))
    type(link).objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(link.target).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_clicks_that_come_together_are_each_answered_for_themselves(stage: Stage) -> None:
    """Twelve threads at once, two of them on a paused link and two on none: everybody hears of theirs alone."""
    make = {
        "actor": stage.owner,
        "campaign": stage.campaign,
        "destination": "https://shop.example.com/",
        "resolve": False,
    }
    tracking.create_link(**make, slug="open")
    tracking.pause_link(actor=stage.owner, link=tracking.create_link(**make, slug="shut"))
    now, slugs = timezone.now(), ["open"] * 8 + ["shut"] * 2 + ["none"] * 2
    start, found = threading.Barrier(len(slugs)), dict[int, str]()

    def ask(number: int) -> None:
        hit = {
            "id": str(uuid7()), "minute": now, "hour": now, "country": "", "device": "phone", "referrer": "", "is_bot": False,
            "bot_reason": "", "now": now,
        }  # fmt: skip
        start.wait()
        try:
            found[number] = storing.store(slugs[number], hit, bytes([10, 0, number % 4])).status
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(slugs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(12)] == ["open"] * 8 + ["paused"] * 2 + ["unknown"] * 2
    # Eight clicks of four visitors: four first ones, four told to be their repeats.
    assert (Click.objects.count(), Click.objects.filter(dedup_of=None).count()) == (8, 4)
