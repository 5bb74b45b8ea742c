"""The demo world: seeded, varied, and with the patterns that the signals look for."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from campaigns.demo.people import people
from campaigns.demo.persona import traits
from campaigns.demo.world import Row, World

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
CREATORS = 440


@cache
def world() -> World:
    return World(7, CREATORS, NOW)


@cache
def rows(name: str) -> list[Row]:
    return list(getattr(world(), name)())


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@cache
def threads() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows("comments"):
        found[row["post_external_id"]].append(row)
    return found


def people_by_handle() -> dict[str, Any]:
    return {account.name: person for person in world().people for account in person.accounts}


def test_the_same_seed_gives_the_same_rows() -> None:
    first, second = World(3, 300, NOW), World(3, 300, NOW)
    for name in ("accounts", "posts", "comments", "follower_counts"):
        one, two = getattr(first, name)(), getattr(second, name)()
        assert all(next(one) == next(two) for _n in range(400)), name
    assert [p.name for p in people(4, 300)] != [p.name for p in people(3, 300)]


def test_size_networks_niches_languages() -> None:
    folk = world().people
    assert len(folk) == CREATORS
    assert {row["platform"] for row in rows("accounts")} == {"instagram", "tiktok", "youtube", "x"}
    assert len({person.niche for person in folk}) >= 25
    assert sum(len(person.accounts) > 1 for person in folk) > 80
    spoken = Counter("both" if len(p.languages) > 1 else p.languages[0] for p in folk)
    assert spoken["fr"] / CREATORS == pytest.approx(0.55, abs=0.02)
    assert spoken["en"] / CREATORS == pytest.approx(0.35, abs=0.02)
    assert len({row["handle"] for row in rows("accounts")}) == CREATORS
    assert len({person.name for person in folk}) == CREATORS


def test_no_two_captions_are_alike_and_posts_per_account_are_plausible() -> None:
    posts = rows("posts")
    assert len({row["caption"] for row in posts}) == len(posts)
    per_account = Counter((row["platform"], row["handle"]) for row in posts)
    assert all(12 <= n <= 40 for n in per_account.values())
    assert len({(row["platform"], row["external_id"]) for row in posts}) == len(posts)
    oldest = min(when(row["posted_at"]) for row in posts)
    assert NOW - timedelta(days=560) < oldest < NOW - timedelta(days=500)
    assert max(when(row["posted_at"]) for row in posts) <= NOW


def test_texts_are_finished_and_fit_the_network() -> None:
    marks = re.compile(
        r"[{}]|<[a-z]|=>| {2}| [,.](?!\w)|\bde (?:une?|Annecy|Angers|Arles)\b|\bl'(?:harnais|houmous|haie)\b"
    )
    for row in rows("posts"):
        assert row["caption"].strip() == row["caption"]
        assert not marks.search(row["caption"]), row["caption"]
        if row["platform"] == "x":
            assert len(row["caption"]) <= 280
    for row in rows("comments"):
        assert row["text"] and not marks.search(row["text"].replace("@", "")), row["text"]
    for row in rows("accounts"):
        assert row["bio"] and not marks.search(row["bio"]), row["bio"]


def test_people_of_one_niche_do_not_read_alike() -> None:
    """Two creators of the same niche and language share few whole captions' first sentences."""
    firsts: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for post in world().publications:
        first = re.split(r"(?<=[.!?])\s", post.caption.text)[0]
        firsts[post.person.niche, post.language][post.person.index].add(first)
    shares = []
    for writers in firsts.values():
        everyone = list(writers.values())
        for one, two in pairwise(everyone):
            shares.append(len(one & two) / min(len(one), len(two)))
    assert statistics.mean(shares) < 0.08


def test_threads_are_in_order_and_owners_answer() -> None:
    posts = {row["external_id"]: row for row in rows("posts")}
    for post, comments in threads().items():
        by_id = {row["external_id"]: row for row in comments}
        for row in comments:
            moment = when(row["posted_at"])
            assert when(posts[post]["posted_at"]) < moment <= NOW
            assert row["is_owner"] == (row["author"] == posts[post]["handle"])
            if row["parent_external_id"]:
                assert when(by_id[row["parent_external_id"]]["posted_at"]) < moment
                assert by_id[row["parent_external_id"]]["parent_external_id"] is None


def test_comments_arrive_lognormally_with_a_median_of_hours() -> None:
    posts = {row["external_id"]: when(row["posted_at"]) for row in rows("posts")}
    hours = [
        (when(row["posted_at"]) - posts[row["post_external_id"]]).total_seconds() / 3600
        for row in rows("comments")
        if not row["parent_external_id"] and posts[row["post_external_id"]] < NOW - timedelta(days=20)
    ]
    assert 2.5 < statistics.median(hours) < 5
    assert 0.005 < sum(h > 24 * 7 for h in hours) / len(hours) < 0.08


def test_conversations_differ_as_the_profiles_say() -> None:
    folk, posts = people_by_handle(), {row["external_id"]: row for row in rows("posts")}
    questions: dict[str, list[bool]] = defaultdict(list)
    answered: dict[str, list[bool]] = defaultdict(list)
    for post, comments in threads().items():
        profile = folk[posts[post]["handle"]].conversation
        replied = {row["parent_external_id"] for row in comments if row["is_owner"]}
        for row in comments:
            if not row["is_owner"] and not row["parent_external_id"]:
                questions[profile].append("?" in row["text"] and len(row["text"].split()) > 5)
                answered[profile].append(row["external_id"] in replied)
    share = {profile: statistics.mean(values) for profile, values in questions.items()}
    replies = {profile: statistics.mean(values) for profile, values in answered.items()}
    assert share["excellent"] > 2 * share["ordinary"] > 2 * share["shallow"]
    assert replies["excellent"] > 0.3 > replies["ordinary"] > replies["shallow"]
    assert set(share) == set(traits()["conversation"])


def test_the_pod_comments_each_other_within_the_hour() -> None:
    folk = people_by_handle()
    members = {person.accounts[0].name for person in world().people if person.conversation == "pod"}
    assert len(members) == 10
    posts = {row["external_id"]: row for row in rows("posts")}
    early = late = 0
    for row in rows("comments"):
        post = posts[row["post_external_id"]]
        if row["author"] in members and not row["is_owner"] and not row["parent_external_id"]:
            assert folk[post["handle"]].conversation == "pod"
            minutes = (when(row["posted_at"]) - when(post["posted_at"])).total_seconds() / 60
            early, late = early + (minutes < 60), late + (minutes >= 60)
    assert early > 500 and late == 0


def test_bought_followers_come_in_round_numbers_without_engagement() -> None:
    bought = [person for person in world().people if person.growth == "bought"]
    assert len(bought) >= 15
    falls = []
    for person in bought:
        account = person.accounts[0]
        past = world().history(person, account)
        steps = [b - a for a, b in pairwise(past.followers)]
        jump = max(steps)
        assert jump % 100 == 0, person.name
        place = steps.index(jump)
        falls.append(past.engaged[place + 1] / past.followers[place + 1])
    assert max(falls) < 0.85


def test_viral_steps_have_their_post_and_histories_end_today() -> None:
    viral = [person for person in world().people if person.growth == "viral"]
    near = 0
    by_handle = defaultdict(list)
    for row in rows("posts"):
        by_handle[row["platform"], row["handle"]].append(row)
    for person in viral:
        account = person.accounts[0]
        past = world().history(person, account)
        assert past.followers[-1] == account.followers and past.moments[-1] == NOW
        posts = by_handle[account.platform, account.name]
        best = max(posts, key=lambda row: (row["likes"] or 0) + row["comments"])
        near += abs(when(best["posted_at"]) - past.event) < timedelta(days=2)
    assert near / len(viral) > 0.7


def test_engagement_levels_and_unknown_numbers() -> None:
    followers = {(row["platform"], row["handle"]): row["followers"] for row in rows("accounts")}
    rates: dict[str, list[float]] = defaultdict(list)
    for row in rows("posts"):
        if row["likes"] is not None:
            base = row["views"] if row["platform"] != "instagram" else followers[row["platform"], row["handle"]]
            rates[row["platform"]].append((row["likes"] + row["comments"]) / base)
    medians = {platform: statistics.median(values) for platform, values in rates.items()}
    assert 0.01 < medians["instagram"] < 0.035
    assert 0.03 < medians["tiktok"] < 0.08
    assert medians["x"] < medians["tiktok"]
    assert any(row["likes"] is None for row in rows("posts"))
    assert all(row["likes"] != 0 for row in rows("posts"))
    assert all(
        row["views"] is None
        for row in rows("posts")
        if row["kind"] in ("image", "carousel") and row["platform"] == "instagram"
    )


def test_paid_posts_are_labelled_hidden_or_denied() -> None:
    posts = rows("posts")
    declared = [row for row in posts if row["is_sponsored"]]
    hidden = [row for row in posts if row["tagged"] and not row["is_sponsored"]]
    assert all(row["sponsors"] for row in declared)
    assert len(declared) > 300 and len(hidden) > 100
    denials = re.compile(r"non sponsorisé|n'est pas sponsorisé|not sponsored|no partnership|aucun partenariat", re.I)
    assert sum(bool(denials.search(row["caption"])) for row in posts) > 80
    assert all(row["is_sponsored"] is None for row in posts if row["platform"] == "x")


def test_minors_are_few_and_advertise_nothing() -> None:
    folk = people_by_handle()
    minors = [person for person in world().people if person.minor]
    assert 2 <= len(minors) <= 8
    assert not any(row["tagged"] for row in rows("posts") if folk[row["handle"]].minor)
    assert not any(person.claimed for person in minors)
