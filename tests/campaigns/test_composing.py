"""Drafts that must be finished, sending later exactly once, and follow-ups that stop by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import events
from accounts.errors import InvalidInput, WrongState
from accounts.models import Mail, Membership
from campaigns.drafts import OPENINGS, Said, best_sentence, sketches, unedited
from campaigns.models import Partnership, ScheduledInvitation
from campaigns.services import answers, invitations, scheduling
from campaigns.services.invitations import withdraw
from tests.campaigns.conftest import SENTENCES, Stage, build, days, utc
from tests.campaigns.test_races import fresh, race
from tests.cast import Cast

CAPTIONS = {
    "en": "Cold water only! Ninety days with the same serum and I kept the empty jar. #skincare https://x.example",
    "fr": "Trois hivers avec la même crème, et le pot vide sur l’étagère. Vous me demandez souvent pourquoi.",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_draft_quotes_their_own_words_and_is_refused_until_finished(language: str) -> None:
    posts = [
        Said(CAPTIONS[language], utc(2026, 3, 5)),
        Said(f"{CAPTIONS[language]} {CAPTIONS[language]}", utc(2026, 4, 6)),
    ]
    found = sketches(posts, product="A rosehip serum", language=language)
    assert found and all(draft.quote.rstrip("…") in CAPTIONS[language] for draft in found)
    for draft in found:
        assert unedited(draft.text)
        assert unedited(draft.text.strip() + ".")
        assert unedited(draft.text + "voilà.")
        finished = draft.text + (
            "you keep the disagreement below it visible, which almost nobody in this field does any more."
            if language == "en"
            else "vous laissez les désaccords visibles dessous, ce que presque personne ne fait encore dans ce domaine."
        )
        assert not unedited(finished)


def test_every_opening_is_caught_and_real_sentences_are_not() -> None:
    for openings in OPENINGS.values():
        for opening in openings:
            assert unedited(opening.format(quote="a b c d", day="5 March 2026", product="A rosehip serum, 30 ml"))
    assert not [sentence for sentence in SENTENCES if unedited(sentence)]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300))
def test_no_caption_breaks_a_draft(caption: str) -> None:
    quote = best_sentence(caption)
    assert len(quote.split()) <= 12 and not set(quote) & set("{}<>[]")
    assert len(sketches([Said(caption, utc(2026, 1, 1))], product=caption, language="fr")) <= 1


@pytest.mark.django_db
def test_a_draft_sent_as_it_is_goes_nowhere(stage: Stage) -> None:
    row = stage.shortlist(stage.cast.max)
    draft = sketches([Said(CAPTIONS["en"], utc(2026, 3, 5))], product="A serum", language="en")[0]
    with pytest.raises(InvalidInput) as caught:
        invitations.invite(actor=stage.owner, partnership=row, personal_sentence=draft.text)
    assert caught.value.code == "unedited" and "personal_sentence" in caught.value.fields


@pytest.mark.django_db
def test_the_same_sentence_in_another_campaign_of_the_house_is_refused(stage: Stage) -> None:
    stage.invite(stage.cast.max)
    other = build(stage.cast)
    with pytest.raises(InvalidInput):
        other.invite(stage.cast.tom, SENTENCES[0])
    other.invite(stage.cast.tom, SENTENCES[1])


def later(stage: Stage, row: Partnership, **options: Any) -> ScheduledInvitation:
    return scheduling.schedule_invitation(
        actor=stage.owner,
        partnership=row,
        personal_sentence=options.pop("sentence", SENTENCES[0]),
        send_at=options.pop("send_at", timezone.now() + timedelta(hours=3)),
        **options,
    )


@pytest.mark.django_db
def test_a_scheduled_invitation_goes_out_once_and_in_its_authors_name(stage: Stage) -> None:
    row = stage.shortlist(stage.cast.max)
    later(stage, row, terms={"fee": "450"}, follow_ups=1)
    assert scheduling.send_due() == 0
    due = timezone.now() + timedelta(hours=4)
    assert scheduling.send_due(now=due) == 1 and scheduling.send_due(now=due) == 0
    row.refresh_from_db()
    assert row.state == "invited" and row.invited_by_id == stage.cast.owner.pk and row.offers.get().fee == 450
    assert ScheduledInvitation.objects.get().state == "sent" and row.follow_up_at
    with pytest.raises(WrongState):
        later(stage, row)


@pytest.mark.django_db
def test_what_no_longer_holds_is_refused_with_its_reason(stage: Stage) -> None:
    due = timezone.now() + timedelta(hours=4)
    gone, full = stage.shortlist(stage.cast.max), stage.shortlist(stage.cast.tom)
    later(stage, gone)
    later(stage, full, sentence=SENTENCES[1])
    Membership.objects.filter(user=stage.cast.owner).update(suspended_at=timezone.now())
    assert scheduling.send_due(now=due) == 2
    states = ScheduledInvitation.objects.values_list("state", "refusal")
    assert {state for state, _text in states} == {"refused"} and all("no longer works" in text for _s, text in states)
    assert not Mail.objects.filter(kind="partnership_invited").exists()


@pytest.mark.django_db
def test_scheduling_is_checked_at_once(stage: Stage) -> None:
    row = stage.shortlist(stage.cast.max)
    for moment in (timezone.now() - days(1), timezone.now() + days(90)):
        with pytest.raises(InvalidInput) as caught:
            later(stage, row, send_at=moment)
        assert "send_at" in caught.value.fields
    with pytest.raises(InvalidInput):
        later(stage, row, sentence="Hello there")
    later(stage, row)
    other = stage.shortlist(stage.cast.tom)
    with pytest.raises(InvalidInput):  # what waits to be sent counts as sent
        later(stage, other)
    scheduling.unschedule(actor=stage.owner, partnership=row)
    assert scheduling.send_due(now=timezone.now() + days(1)) == 0
    with pytest.raises(WrongState):
        scheduling.unschedule(actor=stage.owner, partnership=row)


@pytest.mark.django_db
def test_follow_ups_go_twice_at_most_and_stop_at_the_answer(stage: Stage) -> None:
    start = timezone.now() - days(20)
    row = stage.invite(stage.cast.max, now=start, answer_days=12, follow_ups=2)
    quiet = stage.invite(stage.cast.tom, SENTENCES[1], now=start, answer_days=12, follow_ups=2)
    answers.counter_offer(actor=stage.link_actor(quiet), partnership=quiet, fee="500", now=start + days(1))
    for day_ in range(1, 19):
        while scheduling.follow_up_due(now=start + days(day_)):
            pass
    row.refresh_from_db()
    quiet.refresh_from_db()
    assert (row.reminders, row.follow_up_at) == (2, None)
    assert (quiet.reminders, quiet.follow_up_at) == (0, None)
    while events.drain():
        pass
    assert Mail.objects.filter(kind="partnership_reminded", to="max@example.org").count() == 2


@pytest.mark.django_db
def test_a_colleague_who_reminded_today_moves_the_follow_up(stage: Stage) -> None:
    start = timezone.now() - days(10)
    row = stage.invite(stage.cast.max, now=start, answer_days=8, follow_ups=1)
    invitations.remind(actor=stage.owner, partnership=fresh(row), now=start + days(3.8))
    assert scheduling.follow_up_due(now=start + days(4)) == 1
    row.refresh_from_db()
    assert row.reminders == 1 and row.follow_up_at == start + days(5)
    withdraw(actor=stage.owner, partnership=row, message="Plans have changed, sorry.", now=start + days(4.5))
    scheduling.follow_up_due(now=start + days(6))
    row.refresh_from_db()
    assert row.reminders == 1 and row.follow_up_at is None


@pytest.mark.django_db(transaction=True)
def test_eight_pollers_send_once(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    row = stage.shortlist(cast.max)
    later(stage, row)
    due = timezone.now() + timedelta(hours=4)
    results = race(*[lambda: scheduling.send_due(now=due)] * 8)
    assert sum(results) == 1
    while events.drain():
        pass
    assert Mail.objects.filter(kind="partnership_invited").count() == 1
    results = race(*[lambda: scheduling.follow_up_due(now=due + days(60))] * 8)
    assert sum(results) <= 1
