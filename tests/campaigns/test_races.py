"""Promise 1: exactly one winner of any race, one event, one mail. Eight real threads, eight connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts import events
from accounts.errors import DomainError
from accounts.models import CreatorTerms, Event, Mail
from campaigns.models import Offer, Partnership
from campaigns.services import answers, invitations
from campaigns.services.campaigns import close_campaign
from tests.campaigns.conftest import SENTENCES, Stage, build
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ROUNDS = 4


@pytest.fixture
def racing(transactional_db: None, cast: Cast) -> Stage:
    return build(cast)


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Runs every call in its own thread and connection, all released at once. Results, or the refusals."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:  # connected before the start, so that all really run together
                cursor.execute("SELECT 1")
            barrier.wait(timeout=20)
            results[place] = call()
        except DomainError as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    return results


def winners(results: list[Any]) -> list[Any]:
    assert all(result is not None for result in results), results
    assert all(result.status == 409 for result in results if isinstance(result, DomainError)), results
    return [result for result in results if not isinstance(result, DomainError)]


def fresh(partnership: Partnership) -> Partnership:
    """A copy with its own state, as every request has."""
    return Partnership.objects.select_related("campaign__brand", "creator", "brief").get(pk=partnership.pk)


def settle() -> None:
    while events.drain():
        pass


ENDS = ("accepted", "declined", "withdrawn", "expired")


def test_accept_decline_withdraw_and_expire_have_one_winner(racing: Stage) -> None:
    for turn in range(ROUNDS):
        creator = racing.cast.max if turn == 0 else _person(racing, turn)
        partnership = racing.invite(creator, SENTENCES[turn])
        link = racing.link_actor(partnership)
        late = partnership.expires_at + timedelta(seconds=1)

        def accept(p=partnership, actor=link):
            return answers.accept(actor=actor, partnership=fresh(p))

        def decline(p=partnership, actor=link):
            return answers.decline(actor=actor, partnership=fresh(p), reason="timing")

        def withdraw(p=partnership):
            return invitations.withdraw(actor=racing.owner, partnership=fresh(p), message="Plans have changed, sorry.")

        def expire(p=partnership, now=late):
            return invitations.expire(partnership=fresh(p), now=now) or _lost()

        results = race(accept, decline, withdraw, expire, accept, decline, withdraw, expire)
        assert len(winners(results)) == 1, results
        ended = Event.objects.filter(object_id=str(partnership.pk), kind__in=[f"partnership.{end}" for end in ENDS])
        assert ended.count() == 1
        partnership.refresh_from_db()
        assert ended.get().kind == f"partnership.{partnership.state}"
        offer = Offer.objects.get(partnership=partnership)
        assert offer.state == ("accepted" if partnership.state == "accepted" else "closed")
        settle()
        kind = f"partnership_{partnership.state}"
        to_brand = Mail.objects.filter(kind=kind, dedupe_key__startswith=f"partnership:{ended.get().pk}:brand").count()
        to_creator = Mail.objects.filter(kind=kind, to=partnership.sent_to).count()
        expected = {"accepted": (1, 1), "declined": (1, 0), "withdrawn": (0, 1), "expired": (1, 1)}
        assert (to_brand, to_creator) == expected[partnership.state]


class _Lost(DomainError):
    status = 409


def _lost() -> Any:
    raise _Lost("nothing to expire")


def _person(stage: Stage, number: int) -> Any:
    from accounts.models import Creator

    return Creator.objects.create(
        display_name=f"Person {number}", contact_email=f"person{number}@example.org", source=stage.cast.source
    )


def test_eight_acceptances_of_one_link_are_one(racing: Stage) -> None:
    partnership = racing.invite(racing.cast.max)
    link = racing.link_actor(partnership)
    results = race(*[lambda: answers.accept(actor=link, partnership=fresh(partnership))] * THREADS)
    assert len(winners(results)) == 1
    settle()
    assert Event.objects.filter(kind="partnership.accepted").count() == 1
    assert Mail.objects.filter(kind="partnership_accepted", to="max@example.org").count() == 1


def test_accept_and_counter_never_both_hold(racing: Stage) -> None:
    for turn in range(ROUNDS):
        partnership = racing.invite(_person(racing, turn), SENTENCES[turn])
        link = racing.link_actor(partnership)
        answers.counter_offer(actor=link, partnership=partnership, fee="500")

        def accept(p=partnership):
            return answers.accept(actor=racing.owner, partnership=fresh(p))

        def counter(p=partnership):
            return answers.counter_offer(actor=racing.owner, partnership=fresh(p), fee="450")

        results = race(*[accept, counter] * (THREADS // 2))
        assert len(winners(results)) == 1, results
        states = sorted(Offer.objects.filter(partnership=partnership).values_list("state", flat=True))
        partnership.refresh_from_db()
        if partnership.state == "accepted":
            assert states == ["accepted", "superseded"]
        else:
            assert partnership.state == "countered" and states == ["open", "superseded", "superseded"]


def test_one_place_is_given_once(transactional_db: None, cast: Cast) -> None:
    stage = build(cast, places=1)
    invited = [stage.invite(_person(stage, n), SENTENCES[n]) for n in range(THREADS)]
    calls = [lambda p=p: answers.accept(actor=stage.link_actor(p), partnership=fresh(p)) for p in invited]
    results = race(*calls)
    assert len(winners(results)) == 1, results
    states = sorted(Partnership.objects.values_list("state", flat=True))
    assert states == ["accepted"] + ["withdrawn"] * (THREADS - 1)
    settle()
    polite = Mail.objects.filter(kind="partnership_withdrawn")
    assert polite.count() == THREADS - 1 == polite.values("to").distinct().count()


def test_capacity_is_not_exceeded_by_eight_campaigns_at_once(transactional_db: None, cast: Cast) -> None:
    CreatorTerms.objects.create(creator=cast.max, capacity_per_month=2)
    stages = [build(cast) for _turn in range(THREADS)]
    invited = [
        stage.invite(cast.max, SENTENCES[n], recent_contact_reason="The same question for each of our products.")
        for n, stage in enumerate(stages)
    ]
    calls = [lambda p=p: answers.accept(actor=stages[0].link_actor(p), partnership=fresh(p)) for p in invited]
    results = race(*calls)
    assert len(winners(results)) == 2, results
    assert {r.code for r in results if isinstance(r, DomainError)} == {"capacity"}
    assert Partnership.objects.filter(state="accepted").count() == 2


def test_accepting_while_expiring_gives_one_defined_end(racing: Stage) -> None:
    for turn in range(ROUNDS):
        partnership = racing.invite(_person(racing, turn), SENTENCES[turn])
        link = racing.link_actor(partnership)
        edge = partnership.expires_at

        def accept(p=partnership, actor=link, now=edge - timedelta(microseconds=1)):
            return answers.accept(actor=actor, partnership=fresh(p), now=now)

        def expire(now=edge):
            return invitations.expire_due(now=now) or _lost()

        assert len(winners(race(*[accept, expire] * (THREADS // 2)))) == 1
        partnership.refresh_from_db()
        assert partnership.state in ("accepted", "expired")
        assert (partnership.accepted_at is None) == (partnership.state == "expired")


def test_the_same_creator_is_invited_once(racing: Stage) -> None:
    partnership = racing.shortlist(racing.cast.max)

    def invite(sentence: str) -> Any:
        return invitations.invite(actor=racing.owner, partnership=fresh(partnership), personal_sentence=sentence)

    results = race(*[lambda s=s: invite(s) for s in SENTENCES[:THREADS]])
    assert len(winners(results)) == 1, results
    assert Offer.objects.filter(partnership=partnership).count() == 1
    settle()
    assert Mail.objects.filter(kind="partnership_invited").count() == 1


def test_the_same_sentence_at_once_reaches_one_person(racing: Stage) -> None:
    rows = [racing.shortlist(_person(racing, n)) for n in range(THREADS)]

    def invite(p: Partnership) -> Any:
        return invitations.invite(actor=racing.owner, partnership=fresh(p), personal_sentence=SENTENCES[0])

    results = race(*[lambda p=p: invite(p) for p in rows])
    assert sum(not isinstance(result, DomainError) for result in results) == 1, results
    assert Partnership.objects.filter(state="invited").count() == 1


def test_reminders_at_once_are_one(racing: Stage) -> None:
    partnership = racing.invite(racing.cast.max, now=timezone.now() - timedelta(days=3))
    results = race(*[lambda: invitations.remind(actor=racing.owner, partnership=fresh(partnership))] * THREADS)
    assert len(winners(results)) == 1
    settle()
    assert Mail.objects.filter(kind="partnership_reminded").count() == 1


def test_closing_while_people_answer_ends_every_invitation(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    invited = [stage.invite(_person(stage, n), SENTENCES[n]) for n in range(THREADS - 1)]
    calls: list[Callable[[], Any]] = [
        lambda p=p: answers.accept(actor=stage.link_actor(p), partnership=fresh(p)) for p in invited
    ]
    results = race(*calls, lambda: close_campaign(actor=stage.owner, campaign=stage.campaign))
    assert winners(results)
    assert not Partnership.objects.filter(state__in=["invited", "seen", "countered"]).exists()
    accepted = Partnership.objects.filter(state="accepted").count()
    stage.campaign.refresh_from_db()
    assert stage.campaign.state == ("closing" if accepted else "closed")
    assert Event.objects.filter(kind__in=["partnership.accepted", "partnership.withdrawn"]).count() == THREADS - 1


def test_the_same_event_handled_five_times_writes_one_letter(racing: Stage) -> None:
    from campaigns.reactions import write_letters

    partnership = racing.invite(racing.cast.max)
    event = Event.objects.get(kind="partnership.invited", object_id=str(partnership.pk))
    race(*[lambda: write_letters(event) or True] * 5)
    settle()
    assert Mail.objects.filter(kind="partnership_invited").count() == 1
