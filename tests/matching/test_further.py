"""What is known beside posts: samples, ties, looks at counters, sketches, past partnerships, from table to signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput
from accounts.models import Creator, Provenance, SocialAccount
from accounts.secrets import pseudonym
from matching import history
from matching.history import Answers, PartnershipHistory
from matching.models import (
    AudienceSample,
    AudienceSketch,
    Comment,
    CreatorTies,
    FittedCalibration,
    Post,
    PostMetrics,
    RescoreRequest,
)
from matching.services import recompute
from matching.services.audience import record_audience_sample
from matching.services.calibration import current_calibration, refresh_calibration
from matching.services.network import refresh_ties
from matching.services.overlap import overlap_of
from matching.signals.further import FEATURES
from tests.matching.test_recompute import NOW, person, signals_of, source  # noqa: F401  (fixtures)

Person = Callable[..., Creator]
FOLLOWER = {"posts": 40, "following": 300, "followers": 250, "picture": "yes", "private": 0, "name": "camille_b"}


def account_of(creator: Creator) -> SocialAccount:
    return creator.accounts.get()


def test_a_sample_keeps_numbers_and_no_name(person: Person, source: Provenance) -> None:  # noqa: F811
    lea = person("lea")
    RescoreRequest.objects.all().delete()
    sample = record_audience_sample(
        actor=SYSTEM, account=account_of(lea), people=[FOLLOWER] * 250, source=source, observed_at=NOW
    )
    kept = np.frombuffer(bytes(sample.people), np.float32).reshape(-1, len(FEATURES))
    assert kept.shape == (250, 8) and kept[0].tolist() == [40, 300, 250, 1, 0, 9, 0, 0]
    assert b"camille" not in bytes(sample.people) and RescoreRequest.objects.filter(creator=lea).exists()
    record_audience_sample(actor=SYSTEM, account=account_of(lea), people=[FOLLOWER], source=source, observed_at=NOW)
    assert AudienceSample.objects.get().n == 1
    recompute.recompute_creators([lea.pk], asof=NOW)
    told = signals_of(lea)["audience_authenticity"]
    assert told["details"]["withheld"] == "few" and told["details"]["people"] == 1


@pytest.mark.parametrize("bad", [{"posts": -1}, {"posts": "many"}, {"followers": 1e30}, {"picture": "nan?"}])
def test_a_bad_row_is_named_and_nothing_kept(person: Person, source: Provenance, bad: dict[str, Any]) -> None:  # noqa: F811
    account = account_of(person("lea"))
    with pytest.raises(InvalidInput) as refused:
        record_audience_sample(
            actor=SYSTEM, account=account, people=[FOLLOWER, FOLLOWER | bad], source=source, observed_at=NOW
        )
    assert "2" in str(refused.value.fields["people"]) and not AudienceSample.objects.exists()


def test_the_command_reads_a_file_and_says_what_is_wrong(person: Person, tmp_path: Path, capsys: Any) -> None:  # noqa: F811
    person("lea")
    path = tmp_path / "sample.csv"
    path.write_text("posts,following,followers,picture,private,name\n3,10,4,true,false,abc99\n,,,,,x\n", "utf-8")
    call_command("import_audience", str(path), "--account", "instagram:Lea")
    assert AudienceSample.objects.get().n == 2
    for arguments in (
        [str(path), "--account", "tiktok:lea"],
        [str(tmp_path / "none.csv"), "--account", "instagram:lea"],
    ):
        with pytest.raises(CommandError):
            call_command("import_audience", *arguments)


def test_looks_at_counters_reach_the_half_life(person: Person, source: Provenance) -> None:  # noqa: F811
    lea = person("lea")
    post = Post.objects.get(external_id="lea-0")
    for hours, likes in ((2, 210), (8, 330), (30, 415), (80, 460)):
        PostMetrics.objects.create(
            post=post, observed_at=post.posted_at + timedelta(hours=hours), likes=likes, comments_count=3, source=source
        )
    recompute.recompute_creators([lea.pk], asof=NOW)
    told = signals_of(lea)["half_life"]
    assert told["details"]["watched"] == 1 and 0.5 < told["low"] < told["value"] < told["high"] < 60


def comment(post: Post, by: str, number: int, source: Provenance) -> None:  # noqa: F811
    Comment.objects.create(
        post=post, external_id=f"{by}{number}", author_hash=pseudonym("instagram", by), text="hi", source=source,
        observed_at=NOW,
    )  # fmt: skip


def test_ties_are_counted_by_pseudonym_and_told(person: Person, source: Provenance) -> None:  # noqa: F811
    names = [f"c{k}" for k in range(6)]
    for name in names:
        person(name)
    for target in names:
        for post in Post.objects.filter(account__handle=target):
            for k, by in enumerate(names):
                if by != target:
                    comment(post, by, k, source)
    assert refresh_ties() == 6 and refresh_ties() == 6
    ties = CreatorTies.objects.get(creator__display_name="C0")
    assert (ties.inbound, ties.mutual, ties.group) == (5, 5, 6)
    creator = ties.creator
    recompute.recompute_creators([creator.pk], asof=NOW)
    told = signals_of(creator)["reciprocity"]
    assert told["n"] == 5 and told["details"]["group"] == 6
    Creator.objects.filter(pk=creator.pk).update(erased_at=NOW)
    assert refresh_ties() == 5


def test_sketches_give_overlaps_and_strangers_nothing(person: Person, source: Provenance) -> None:  # noqa: F811
    lea, tom = person("lea"), person("tom")
    for creator, people in ((lea, range(150)), (tom, range(50, 260))):
        post = Post.objects.filter(account__creator=creator).first()
        Comment.objects.bulk_create(
            Comment(post=post, external_id=f"x{k}", author_hash=f"h{k}", text="ok", source=source, observed_at=NOW)
            for k in people
        )
    recompute.recompute_creators([lea.pk, tom.pk], asof=NOW)
    assert AudienceSketch.objects.get(creator=lea).people == 153  # with the three of the fixture
    desk = Actor.for_tests() if hasattr(Actor, "for_tests") else SYSTEM
    found = overlap_of(actor=desk, creator_ids=[lea.pk, tom.pk])
    if desk is SYSTEM:  # the system sees no workspace's index: nothing is told
        assert not found.unique.known
    with pytest.raises(InvalidInput):
        overlap_of(actor=desk, creator_ids=[lea.pk, lea.pk])


def test_past_partnerships_become_reliability(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    lea, tom = person("lea"), person("tom")
    told = [PartnershipHistory(creator_id=tom.pk, invited=4, answered=4, timed=4, log_hours=4.0, due=3, on_time=3)]
    monkeypatch.setattr(history, "_histories", lambda ids: [one for one in told if one.creator_id in set(ids)])
    recompute.recompute_creators([lea.pk, tom.pk], asof=NOW)
    assert signals_of(lea)["deadlines"]["value"] is None
    assert signals_of(tom)["deadlines"]["value"] > 0.8 and signals_of(tom)["answer_rate"]["n"] == 4


def test_calibration_is_kept_and_read(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_calibration().n == 0
    chance = np.full(200, 0.5)
    monkeypatch.setattr(history, "_answers", lambda: Answers(chance, np.arange(200) % 10 == 0))
    assert refresh_calibration().shift < -0.8 and current_calibration().n == 200
    assert refresh_calibration() == current_calibration() and FittedCalibration.objects.count() == 1


def test_a_batch_reads_further_parts_in_as_many_queries_whatever_its_size(person: Person) -> None:  # noqa: F811
    ids = [person(f"p{k}").pk for k in range(4)]
    recompute.recompute_creators(ids, asof=NOW)
    counted = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            recompute.recompute_creators(some, asof=NOW)
        counted.append(len(queries))
    assert counted[0] == counted[1]
