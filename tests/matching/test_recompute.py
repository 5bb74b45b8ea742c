"""Scores in the background: loaded, computed, versioned, shared between workers, resumed after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.errors import NotAllowed
from accounts.models import Creator, CreatorTerms, Job, JobState, Provenance, SocialAccount
from matching import repository
from matching.models import (
    Comment,
    CreatorDocument,
    CreatorIndex,
    FollowerCount,
    Post,
    PostVectors,
    Priors,
    RescoreRequest,
    Signals,
)
from matching.ranking.families import standing
from matching.repository import queue
from matching.repository.loading import with_texts
from matching.repository.versions import save_priors
from matching.services import recompute
from matching.signals import said
from matching.signals.priors import default_priors
from matching.signals.text import SEPARATOR
from tests.matching.test_signals_text import column

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUESTION = "Where did you find the ceramic lamp on the left?"
CAPTIONS = (
    "A quiet morning with oak, linen and the smell of coffee in a small living room",
    "Un salon minimaliste : murs clairs, bois brut et plantes d'intérieur",
    "Before and after of the hallway, painted over a weekend #interiordesign",
    "Collaboration commerciale avec @maison : la lampe en céramique du salon",
)


@pytest.fixture
def source(db: None) -> Provenance:
    return Provenance.objects.create(kind="demo", label="test", basis="fiction", retrieved_at=NOW)


@pytest.fixture
def person(source: Provenance) -> Callable[..., Creator]:
    """`person("lea", posts=4, **creator columns)`: a creator with an account, posts, comments and a history."""

    def make(name: str, *, posts: int = 4, followers: int = 12_000, **columns: Any) -> Creator:
        seen = {"source": source, "observed_at": NOW}
        creator = Creator.objects.create(display_name=name.title(), **{"bio": "Homes and wood", **columns}, **seen)
        account = SocialAccount.objects.create(
            creator=creator, platform="instagram", handle=name, handle_key=name, followers=followers, **seen
        )
        for k in range(posts):
            post = Post.objects.create(
                account=account,
                platform="instagram",
                external_id=f"{name}-{k}",
                posted_at=NOW - timedelta(days=4 + 6 * k),
                caption=CAPTIONS[k % 4],
                likes=None if k == 3 else 400 + 10 * k,
                comments_count=3,
                **seen,
            )
            for j, text in enumerate((QUESTION, "So pretty 😍", "Trop beau")):
                Comment.objects.create(
                    post=post,
                    external_id=str(j),
                    author_hash=f"a{j}",
                    text=text,
                    posted_at=post.posted_at + timedelta(hours=1 + j),
                    **seen,
                )
        for ago in (90, 60, 30, 1):
            FollowerCount.objects.create(
                account=account,
                observed_at=NOW - timedelta(days=ago),
                followers=round(followers * (1 - ago / 600)),
                source=source,
            )
        return creator

    return make


def signals_of(creator: Creator) -> dict[str, Any]:
    return Signals.objects.get(creator=creator, is_current=True).payload


def test_a_batch_is_what_the_tables_hold(person: Callable[..., Creator]) -> None:
    lea, tom = person("lea"), person("tom", posts=2, followers=800)
    erased = person("gone", erased_at=NOW)
    Post.objects.filter(external_id="lea-0").update(caption=f"weird {SEPARATOR} caption\twith\nbreaks \\N", views=9_000)
    parent = Comment.objects.get(post__external_id="lea-0", external_id="0")
    answer = Comment.objects.create(
        post=parent.post,
        external_id="answer",
        parent_external_id="0",
        author_hash="me",
        is_owner=True,
        text="From a flea market",
        posted_at=parent.posted_at + timedelta(hours=2),
        source=parent.source,
        observed_at=NOW,
    )
    loaded = repository.load_batch([tom.pk, lea.pk, erased.pk, 10**9], asof=NOW)
    batch = with_texts(loaded, np.arange(len(loaded.batch.posts.id))).batch
    assert batch.creator_id.tolist() == [lea.pk, tom.pk] and loaded.names == ["Lea", "Tom"]
    stored = {post.pk: post for post in Post.objects.all()}
    assert sorted(batch.posts.id.tolist()) == sorted(
        pk for pk, post in stored.items() if post.account.creator_id != erased.pk
    )
    for k, pk in enumerate(batch.posts.id.tolist()):
        post = stored[pk]
        likes = batch.posts.likes[k]
        assert (np.isnan(likes) and post.likes is None) or likes == post.likes
        assert batch.posts.posted_at[k] == post.posted_at.timestamp()
        assert batch.creator_id[batch.post_creator[k]] == post.account.creator_id
        assert batch.posts.caption.to_list()[k] == post.caption.replace(SEPARATOR, " ")
    said = batch.comments
    place = said.id.tolist().index(answer.pk)
    assert said.id[said.parent[place]] == parent.pk and bool(said.is_owner[place]) and bool(said.is_reply[place])
    assert batch.counts.followers.tolist()[:4] == [10_200, 10_800, 11_400, 11_980]


def test_signals_and_the_index_row_are_written_together(person: Callable[..., Creator]) -> None:
    lea = person("lea", country="FR", claimed_at=NOW)
    CreatorTerms.objects.create(
        creator=lea,
        refused_sectors=["Jeux d'argent"],
        minimum_fee={"post": "250", "*": "180.50"},
        accepts_in_kind=False,
    )
    stored = recompute.recompute_creators([lea.pk], asof=NOW)
    assert (stored.versions, stored.rows) == (1, 1)
    row, payload = CreatorIndex.objects.get(creator=lea), signals_of(lea)
    assert row.er == payload["engagement_rate"]["value"] and row.er_low < row.er < row.er_high
    assert payload["engagement_rate"]["n"] == 3 and payload["engagement_rate"]["details"]["hidden_likes"] == 1
    assert (
        row.qualified == payload["qualified_share"]["value"]
        and payload["qualified_share"]["details"]["kinds"]["question"] == 0.3333
    )
    assert payload["sponsorship_load"]["details"]["sponsored"] == 1 and row.sponsored_share is not None
    assert (row.tier, row.main_platform, row.followers, row.posts_n, row.comments_n) == (
        "micro",
        "instagram",
        12_000,
        4,
        12,
    )
    assert row.handles == ["lea"] and row.refused_sectors == ["jeux_d_argent"] and float(row.min_fee) == 180.5
    assert row.is_claimed and row.accepts_in_kind is False and row.country == "FR"
    assert set(row.languages) == {"en", "fr"} and row.topics and row.topic_shares
    assert row.last_post_at == NOW - timedelta(days=4) and row.fresh_at == NOW
    assert np.linalg.norm(np.array(row.embedding)) == pytest.approx(1, abs=0.01)
    assert len(PostVectors.objects.get(creator=lea).post_ids) == 4


def test_the_families_of_the_row_are_those_an_explanation_shows(person: Callable[..., Creator]) -> None:
    lea, tom = person("lea"), person("tom", posts=1)
    recompute.recompute_creators([lea.pk, tom.pk], asof=NOW)
    from matching.evidence import current_signals

    for creator, signals in current_signals([lea.pk, tom.pk]).items():
        row = CreatorIndex.objects.get(creator=creator)
        for family in ("audience", "posture"):
            score = standing(family, signals).score
            shown = [getattr(row, f"{family}_{name}") for name in ("score", "low", "high")]
            wanted = [None] * 3 if score is None else [score.value, score.low, score.high]
            assert shown == [w if w is None else pytest.approx(w, abs=0.2) for w in wanted]


def test_the_same_data_are_never_scored_into_a_second_version(person: Callable[..., Creator]) -> None:
    creators = [person(name).pk for name in ("lea", "tom", "max")]
    first = recompute.recompute_creators(creators, asof=NOW)
    again = recompute.recompute_creators(list(reversed(creators)), asof=NOW + timedelta(hours=3))
    assert (first.versions, again.versions, again.rows) == (3, 0, 0)
    Post.objects.filter(external_id="tom-1").update(likes=9_000)
    third = recompute.recompute_creators(creators, asof=NOW + timedelta(hours=4))
    assert third.versions == 1 and Signals.objects.count() == 4
    history = Signals.objects.filter(creator_id=creators[1]).order_by("computed_at")
    assert [row.is_current for row in history] == [False, True]
    assert history[0].payload["engagement_rate"]["value"] < history[1].payload["engagement_rate"]["value"]


def test_every_kind_of_input_makes_a_new_version(person: Callable[..., Creator]) -> None:
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    changes: list[Callable[[], Any]] = [
        lambda: Post.objects.filter(external_id="lea-0").update(caption="Something else entirely"),
        lambda: Post.objects.filter(external_id="lea-0").update(views=7_000),
        lambda: Comment.objects.filter(post__external_id="lea-0", external_id="0").update(text="Nice"),
        lambda: Comment.objects.filter(post__external_id="lea-1", external_id="0").delete(),
        lambda: SocialAccount.objects.filter(creator=lea).update(followers=13_000),
        lambda: FollowerCount.objects.filter(account__creator=lea).first().delete(),  # type: ignore[union-attr]
        lambda: Post.objects.filter(external_id="lea-2").delete(),
    ]
    for number, change in enumerate(changes, start=2):
        change()
        assert recompute.recompute_creators([lea.pk], asof=NOW).versions == 1
        assert Signals.objects.filter(creator=lea).count() == number
    assert Signals.objects.filter(creator=lea, is_current=True).count() == 1


def test_an_edited_caption_is_read_again(person: Callable[..., Creator]) -> None:
    lea = person("lea", posts=2)
    recompute.recompute_creators([lea.pk], asof=NOW)
    before = PostVectors.objects.get(creator=lea)
    Post.objects.filter(external_id="lea-0").update(caption="Trail running in the mountains, thirty kilometres of mud")
    recompute.recompute_creators([lea.pk], asof=NOW)
    after = PostVectors.objects.get(creator=lea)
    old, new = (np.frombuffer(bytes(row.vectors), np.float16).reshape(-1, 256) for row in (before, after))
    assert before.post_ids == after.post_ids
    assert not np.array_equal(old[0], new[0]) and np.array_equal(old[1], new[1])
    found = CreatorDocument.objects.extra(where=["document @@ plainto_tsquery('english', 'mountain')"])
    assert found.get().creator_id == lea.pk


def test_kept_readings_score_like_fresh_ones(person: Callable[..., Creator]) -> None:
    """A new version of the priors scores everyone again without reading a caption: nothing else may change."""
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    fresh = signals_of(lea)
    renamed = replace(default_priors(), version="renamed")
    assert recompute.recompute_creators([lea.pk], asof=NOW, priors=renamed).versions == 1
    assert signals_of(lea) == fresh
    PostVectors.objects.update(captions=b"", vectors=b"")  # damaged: read anew
    again = replace(default_priors(), version="again")
    assert recompute.recompute_creators([lea.pk], asof=NOW, priors=again).versions == 1
    assert signals_of(lea) == fresh and len(bytes(PostVectors.objects.get().captions)) == 4 * 24


def test_limits_change_the_row_without_a_new_version(person: Callable[..., Creator]) -> None:
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    CreatorTerms.objects.create(creator=lea, refused_sectors=["Alcool"], capacity_per_month=0)
    stored = recompute.recompute_creators([lea.pk], asof=NOW)
    row = CreatorIndex.objects.get(creator=lea)
    assert (stored.versions, stored.rows) == (0, 1)
    assert (row.refused_sectors, row.capacity_per_month) == (["alcool"], 0)
    assert CreatorDocument.objects.filter(creator=lea).exists() and row.embedding is not None


def test_a_comment_is_read_once(person: Callable[..., Creator], monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters, a new comment, an edited one, a text that became common: only new words are read again."""
    lea, read, counted = person("lea"), said.read, []

    def counting(texts: Any, *args: Any) -> Any:
        counted.append(texts.n)
        return read(texts, *args)

    monkeypatch.setattr(said, "read", counting)
    recompute.recompute_creators([lea.pk], asof=NOW)
    assert counted == [12]
    first = signals_of(lea)["qualified_share"]["details"]["kinds"]
    Post.objects.update(likes=900)
    recompute.recompute_creators([lea.pk], asof=NOW)
    assert counted == [12] and signals_of(lea)["qualified_share"]["details"]["kinds"] == first
    Comment.objects.filter(post__external_id="lea-1", external_id="1").update(
        text="Which colour of paint did you choose?"
    )
    recompute.recompute_creators([lea.pk], asof=NOW)
    assert counted == [12, 1]
    kept = signals_of(lea)["qualified_share"]
    assert kept["details"]["kinds"]["question"] > first["question"]
    PostVectors.objects.update(comments=None)
    Signals.objects.all().delete()
    recompute.recompute_creators([lea.pk], asof=NOW)
    assert counted == [12, 1, 12] and signals_of(lea)["qualified_share"] == kept


def test_a_lost_index_row_comes_back(person: Callable[..., Creator]) -> None:
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    kept = CreatorIndex.objects.filter(creator=lea).values("er", "languages", "topics").get()
    words = CreatorDocument.objects.get(creator=lea).document
    CreatorIndex.objects.all().delete()
    assert not CreatorDocument.objects.exists()
    assert recompute.recompute_creators([lea.pk], asof=NOW).rows == 1
    assert CreatorIndex.objects.filter(creator=lea).values("er", "languages", "topics").get() == kept
    assert CreatorDocument.objects.get(creator=lea).document == words
    assert Signals.objects.count() == 1


def test_a_result_computed_earlier_never_replaces_a_later_one(person: Callable[..., Creator]) -> None:
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    Post.objects.filter(external_id="lea-0").update(likes=1)
    assert recompute.recompute_creators([lea.pk], asof=NOW - timedelta(days=1)).versions == 0


def test_creators_with_nothing_are_in_the_index_as_unknown(source: Provenance) -> None:
    bare = Creator.objects.create(display_name="Bare")
    account = Creator.objects.create(display_name="Only an account", bio="Céramique et bois")
    SocialAccount.objects.create(
        creator=account, platform="youtube", handle="atelier", handle_key="atelier", source=source
    )
    recompute.recompute_creators([bare.pk, account.pk], asof=NOW)
    row = CreatorIndex.objects.get(creator=bare)
    assert (row.er, row.tier, row.platforms, row.embedding, row.audience_score) == (None, "", [], None, None)
    known = CreatorIndex.objects.get(creator=account)
    assert (known.platforms, known.followers) == (["youtube"], None) and known.embedding is not None


@pytest.mark.parametrize(
    "word", ["minimaliste", "CÉRAMIQUE", "plantes", "oak", "painting", "interiordesign", "Lea", "hallways"]
)
def test_documents_answer_as_postgresql_would(person: Callable[..., Creator], word: str) -> None:
    """A word finds the stored document whenever it finds the text itself, in French, English or as written."""
    lea = person("lea")
    recompute.recompute_creators([lea.pk], asof=NOW)
    from matching.codes import fold

    text, plain = fold(" ".join([lea.display_name, *CAPTIONS, lea.bio])), fold(word)
    with connection.cursor() as cursor:
        for language in ("french", "english", "simple"):
            cursor.execute(
                "SELECT to_tsvector(%s, %s) @@ q, document @@ q FROM matching_creatordocument, plainto_tsquery(%s, %s) q",
                [language, text, language, plain],
            )
            direct, stored = cursor.fetchone()
            assert stored >= direct
    assert column(plain).n == 1


def test_priors_are_fitted_on_the_index_and_named_by_content(person: Callable[..., Creator]) -> None:
    for k in range(70):
        person(f"creator{k}", posts=1 + k % 3, followers=2_000 + 900 * k)
    fitted = recompute.refresh_priors()
    assert fitted.n == 70 and fitted.engagement["instagram:followers"].n == 70
    assert recompute.refresh_priors(force=True).version == fitted.version and Priors.objects.count() == 1
    assert not save_priors(fitted, creators=70)
    person("one-more")
    assert recompute.refresh_priors().version == fitted.version  # not enough growth to fit again


def test_requests_are_shared_leased_and_kept_if_asked_again(person: Callable[..., Creator]) -> None:
    ids = [person(f"c{k}", posts=0).pk for k in range(5)]
    queue.request(ids)
    first, second = queue.claim(3), queue.claim(3)
    assert first is not None and second is not None and queue.claim(3) is None
    assert sorted(first.ids + second.ids) == ids
    queue.request([first.ids[0]])  # new data while it is being scored
    queue.done(first)
    assert sorted(RescoreRequest.objects.values_list("pk", flat=True)) == sorted([first.ids[0], *second.ids])
    again = queue.claim(3)
    assert again is not None and again.ids == [first.ids[0]]
    RescoreRequest.objects.filter(pk__in=second.ids).update(leased_until=timezone.now() - timedelta(seconds=1))
    third = queue.claim(3)  # its worker died: the lease ran out
    assert third is not None and third.ids == second.ids
    queue.done(second)  # the dead one wakes up: it no longer holds anything
    assert set(RescoreRequest.objects.values_list("pk", flat=True)) >= set(third.ids)


def test_one_creator_that_fails_does_not_hold_up_the_others(
    person: Callable[..., Creator], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [person(f"c{k}", posts=1).pk for k in range(6)]
    bad, real = ids[2], recompute.recompute_creators

    def sometimes(creator_ids: Any, **more: Any) -> Any:
        if bad in creator_ids:
            raise RuntimeError("unreadable")
        return real(creator_ids, **more)

    monkeypatch.setattr(recompute, "recompute_creators", sometimes)
    queue.request(ids)
    recompute.rescore_stale(seconds=5)
    left = RescoreRequest.objects.get()
    assert left.pk == bad and left.error == "RuntimeError: unreadable" and left.leased_until > timezone.now()
    assert CreatorIndex.objects.count() == 5
    for _ in range(queue.MAX_ATTEMPTS):
        RescoreRequest.objects.update(leased_until=None)
        recompute.rescore_stale(seconds=5)
    assert queue.waiting() == 0 and queue.given_up() == 1
    queue.request([bad])  # new data give it another chance
    monkeypatch.undo()
    recompute.rescore_stale(seconds=5)
    assert queue.given_up() == 0 and CreatorIndex.objects.count() == 6


def test_the_whole_index_as_a_job_that_pauses_and_goes_on(person: Callable[..., Creator]) -> None:
    ids = [person(f"c{k}", posts=1).pk for k in range(4)]
    job = recompute.start_recompute(actor=SYSTEM, started=False)
    assert recompute.start_recompute(actor=SYSTEM, started=False).pk == job.pk
    assert recompute.run_recompute(job.pk, seconds=-1)
    job.refresh_from_db()
    assert (job.state, job.total) == (JobState.RUNNING, 4) and not job.is_over
    seen: list[tuple[int, int]] = []
    assert recompute.run_recompute(job.pk, report=lambda done, total: seen.append((done, total)))
    job.refresh_from_db()
    assert (job.state, job.done, job.rejected) == (JobState.SUCCEEDED, 4, 0) and seen[-1] == (4, 4)
    assert CreatorIndex.objects.count() == len(ids) and not recompute.run_recompute(job.pk)


def test_only_the_installation_recomputes_everything(cast: Any) -> None:
    for user in (cast.owner, cast.viewer, cast.lea_user):
        with pytest.raises(NotAllowed):
            recompute.start_recompute(actor=cast.actor(user))
    assert not Job.objects.exists()


def test_a_fresh_creator_is_scored_within_seconds(
    person: Callable[..., Creator], django_capture_on_commit_callbacks: Any
) -> None:
    for k in range(30):
        person(f"c{k}", posts=2)
    lea = person("lea", posts=30)
    begin = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        recompute.request_rescore(creator_ids=[lea.pk])
    assert CreatorIndex.objects.filter(creator=lea).exists() and not RescoreRequest.objects.exists()
    assert time.monotonic() - begin < 5


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_creators_write_one_version(person: Callable[..., Creator]) -> None:
    ids = [person(f"c{k}", posts=2).pk for k in range(6)]
    recompute.recompute_creators(ids[:1], asof=NOW)  # the space is loaded before the race
    problems: list[BaseException] = []

    def work() -> None:
        try:
            recompute.recompute_creators(ids, asof=NOW)
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (
        Signals.objects.count() == 6 == Signals.objects.filter(is_current=True).count() == CreatorIndex.objects.count()
    )


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_and_doubles_nothing(
    person: Callable[..., Creator], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [person(f"c{k}", posts=1).pk for k in range(40)]
    monkeypatch.setattr(recompute, "BATCH", 5)
    queue.request(ids)
    worker = _worker()
    try:
        deadline = time.monotonic() + 60
        while Signals.objects.count() == 0 and time.monotonic() < deadline:
            time.sleep(0.005)
    finally:
        worker.kill()
        worker.wait()
    scored = Signals.objects.count()
    assert 0 < scored <= 40
    RescoreRequest.objects.update(leased_until=timezone.now() - timedelta(seconds=1))  # three minutes later
    recompute.rescore_stale(seconds=60)
    assert Signals.objects.count() == 40 == CreatorIndex.objects.count() and not RescoreRequest.objects.exists()
    assert set(Signals.objects.values_list("creator_id", flat=True)) == set(ids)


def _worker() -> subprocess.Popen[bytes]:
    """A second process at the test database, five creators at a time."""
    settings = connection.settings_dict
    address = f"postgres://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    code = (
        "import django; django.setup(); from matching.services import recompute; recompute.BATCH = 5;"
        "import functools; recompute.rescore_some = functools.partial(recompute.rescore_some, most=5);"
        "recompute.rescore_stale(seconds=60)"
    )
    root = Path(__file__).resolve().parent.parent.parent
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment)
