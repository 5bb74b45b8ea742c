"""Answering: who may accept what, chains of counter-offers, places and capacity, polite endings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import CreatorTerms, Event
from campaigns.actions import actions
from campaigns.models import Brief, Offer, Partnership
from campaigns.services import answers, contract_steps, invitations, progress
from campaigns.services.briefs import save_brief
from campaigns.services.campaigns import cancel_campaign, close_campaign
from tests.campaigns.conftest import SENTENCES, Stage, build


def verbs(actor, partnership: Partnership) -> set[str]:
    return {step.verb for step in actions(actor, partnership)}


def test_strangers_and_readers_answer_nothing(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    tom = stage.cast.actor(stage.cast.tom_user)
    with pytest.raises(NotAllowed):
        answers.accept(actor=tom, partnership=partnership)
    other_link = stage.link_actor(stage.invite(stage.cast.max, SENTENCES[1]))
    with pytest.raises(NotAllowed):
        answers.decline(actor=other_link, partnership=partnership, reason="fee")
    with pytest.raises(NotAllowed):
        answers.accept(actor=stage.cast.actor(stage.cast.viewer), partnership=partnership)
    partnership.refresh_from_db()
    assert partnership.state == "invited"


def test_acceptance_closes_the_chain_and_locks_the_brief(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    assert partnership.state == "accepted" and partnership.accepted_at and partnership.expires_at is None
    assert partnership.seen_at == partnership.answered_at == partnership.accepted_at
    assert Offer.objects.get(partnership=partnership).state == "accepted"
    brief = Brief.objects.get(pk=stage.brief.pk)
    assert brief.locked_at == partnership.accepted_at
    with pytest.raises(IntegrityError), transaction.atomic():
        Brief.objects.filter(pk=brief.pk).update(message="Something else")
    later = save_brief(actor=stage.owner, campaign=stage.campaign, message="Something else")
    assert (later.version, later.message, later.product) == (2, "Something else", brief.product)


def test_a_brief_somebody_reads_is_followed_not_rewritten(stage: Stage) -> None:
    assert save_brief(actor=stage.owner, campaign=stage.campaign, message="Before anybody reads it.").version == 1
    partnership = stage.invite(stage.cast.lea)
    later = save_brief(actor=stage.owner, campaign=stage.campaign, message="For those who come after.", fee="900")
    assert later.version == 2
    partnership.refresh_from_db()
    assert partnership.brief.message == "Before anybody reads it."
    assert stage.invite(stage.cast.max, SENTENCES[1]).brief == later


def test_saving_over_a_colleagues_work_is_refused(stage: Stage) -> None:
    read_at = stage.brief.saved_at
    save_brief(actor=stage.owner, campaign=stage.campaign, based_on=read_at, message="The colleague's words.")
    with pytest.raises(WrongState) as caught:
        save_brief(actor=stage.owner, campaign=stage.campaign, based_on=read_at, message="Mine, written meanwhile.")
    assert caught.value.code == "stale"


def test_the_proposer_waits_for_the_other_side(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    lea = stage.link_actor(partnership)
    with pytest.raises(WrongState):
        answers.accept(actor=stage.owner, partnership=partnership)
    with pytest.raises(WrongState):
        answers.counter_offer(actor=stage.owner, partnership=partnership, fee="500")
    assert verbs(stage.owner, partnership) == {"withdraw"}
    assert verbs(lea, partnership) == {"accept", "counter", "decline"}
    answers.counter_offer(actor=lea, partnership=partnership, fee="520", message="With a fourth story.")
    assert verbs(stage.owner, partnership) == {"accept", "counter", "withdraw"}
    assert verbs(lea, partnership) == {"decline"}
    with pytest.raises(WrongState):
        answers.accept(actor=lea, partnership=partnership)


def test_three_counter_offers_a_side(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    lea = stage.link_actor(partnership)
    for step in range(3):
        answers.counter_offer(actor=lea, partnership=partnership, fee=600 - step)
        answers.counter_offer(actor=stage.owner, partnership=partnership, fee=450 + step)
    with pytest.raises(WrongState) as caught:
        answers.counter_offer(actor=lea, partnership=partnership, fee=999)
    assert caught.value.code == "rounds_spent"
    assert verbs(lea, partnership) == {"accept", "decline"}
    answers.accept(actor=lea, partnership=partnership)
    assert Offer.objects.get(partnership=partnership, state="accepted").fee == Decimal("452")
    assert Offer.objects.filter(partnership=partnership).count() == 7


def test_a_counter_offer_changes_only_what_it_names(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    offer = answers.counter_offer(
        actor=stage.link_actor(partnership),
        partnership=partnership,
        in_kind="Three bottles",
        in_kind_value="90",
        due_on="2030-06-15",
    )
    assert (str(offer.fee), offer.in_kind, offer.rights) == ("400.00", "Three bottles", "Instagram, 6 months")
    event = Event.objects.get(kind="partnership.countered")
    assert event.data["changes"]["due_on"] == ["2030-05-25", "2030-06-15"]
    assert set(event.data["changes"]) == {"in_kind", "in_kind_value", "due_on"}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({}, ""),
        ({"fee": "400.00"}, ""),
        ({"fee": "-1"}, "fee"),
        ({"fee": "1,200"}, "fee"),
        ({"fee": "many"}, "fee"),
        ({"fee": "1e12"}, "fee"),
        ({"fee": "NaN"}, "fee"),
        ({"fee": True}, "fee"),
        ({"fee": 0, "in_kind": "", "in_kind_value": 0}, "fee"),
        ({"in_kind": "A trip", "in_kind_value": 0}, "in_kind_value"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({"deliverables": []}, "deliverables"),
        ({"deliverables": [{"quantity": 99}]}, "deliverables"),
        ({"deliverables": "two reels"}, "deliverables"),
        ({"deliverables": [{"form": "nonsense"}]}, "deliverables"),
        ({"fee": "450", "message": "Dear {{brand}}, please."}, "message"),
    ],
)
def test_a_proposal_that_is_none_names_its_fault(stage: Stage, terms: dict, field: str) -> None:
    partnership = stage.invite(stage.cast.lea)
    with pytest.raises(InvalidInput) as caught:
        answers.counter_offer(actor=stage.link_actor(partnership), partnership=partnership, **terms)
    assert list(caught.value.fields) == [field]
    partnership.refresh_from_db()
    assert partnership.state == "invited" and Offer.objects.count() == 1


def test_only_the_terms_that_were_read_are_accepted(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    lea = stage.link_actor(partnership)
    read = Offer.objects.get(partnership=partnership)
    answers.counter_offer(actor=lea, partnership=partnership, fee="500")
    answers.counter_offer(actor=stage.owner, partnership=partnership, fee="410")
    with pytest.raises(WrongState) as caught:
        answers.accept(actor=lea, partnership=partnership, offer_id=read.pk)
    assert caught.value.code == "terms_changed"
    assert answers.accept(actor=lea, partnership=partnership).state == "accepted"


def test_the_brands_counter_offer_respects_the_creators_minimum(stage: Stage) -> None:
    CreatorTerms.objects.create(creator=stage.cast.lea, minimum_fee={"*": "390"})
    partnership = stage.invite(stage.cast.lea)
    answers.counter_offer(actor=stage.link_actor(partnership), partnership=partnership, fee="500")
    with pytest.raises(WrongState) as caught:
        answers.counter_offer(actor=stage.owner, partnership=partnership, fee="389")
    assert caught.value.code == "minimum_fee"


def test_declining_needs_a_known_reason_and_is_the_creators(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    lea = stage.link_actor(partnership)
    with pytest.raises(InvalidInput):
        answers.decline(actor=lea, partnership=partnership, reason="because")
    with pytest.raises(NotAllowed):
        answers.decline(actor=stage.owner, partnership=partnership, reason="fee")
    answers.decline(actor=lea, partnership=partnership, reason="values", note="Not with palm oil.")
    assert (partnership.state, partnership.decline_reason) == ("declined", "values")
    for late in (
        lambda: answers.accept(actor=lea, partnership=partnership),
        lambda: answers.decline(actor=lea, partnership=partnership, reason="fee"),
        lambda: invitations.withdraw(actor=stage.owner, partnership=partnership, message="Too late for us, sorry."),
    ):
        with pytest.raises(WrongState):
            late()
    assert Event.objects.filter(object_id=str(partnership.pk), kind="partnership.declined").count() == 1


def test_after_the_deadline_nothing_is_accepted_even_before_beat_comes(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    late = partnership.expires_at + timedelta(seconds=1)
    lea = stage.link_actor(partnership)
    with pytest.raises(WrongState) as caught:
        answers.accept(actor=lea, partnership=partnership, now=late)
    assert caught.value.code == "expired"
    assert answers.accept(actor=lea, partnership=partnership, now=late - timedelta(seconds=2)).state == "accepted"


def test_silence_of_the_brand_is_told_as_such(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.counter_offer(actor=stage.link_actor(partnership), partnership=partnership, fee="500")
    partnership.refresh_from_db()
    invitations.expire_due(now=partnership.expires_at)
    partnership.refresh_from_db()
    assert (partnership.state, partnership.closing_code) == ("expired", "brand_silent")


def test_the_last_place_answers_everybody_else(cast, many) -> None:
    stage = build(cast, places=2)
    first, second, third, fourth = (stage.invite(p, s) for p, s in zip(many(4), SENTENCES, strict=False))
    answers.accept(actor=stage.link_actor(first), partnership=first)
    third.refresh_from_db()
    assert third.state == "invited"
    answers.counter_offer(actor=stage.link_actor(fourth), partnership=fourth, fee="500")
    answers.accept(actor=stage.link_actor(second), partnership=second)
    for waiting in (third, fourth):
        waiting.refresh_from_db()
        assert (waiting.state, waiting.closing_code) == ("withdrawn", "places_full")
    assert not Offer.objects.filter(state="open").exists()
    with pytest.raises(WrongState) as caught:
        stage.invite(cast.lea, SENTENCES[7])
    assert caught.value.code == "places_full"


def test_a_cancelled_partnership_frees_its_place(cast, many) -> None:
    stage = build(cast, places=1)
    one, other = many(2)
    partnership = stage.invite(one)
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    progress.cancel(actor=stage.link_actor(partnership), partnership=partnership, reason="I broke my arm on Sunday.")
    assert (partnership.state, partnership.closing_code) == ("cancelled", "creator")
    assert stage.invite(other, SENTENCES[1]).state == "invited"


def test_capacity_counts_acceptances_of_the_month_across_workspaces(stage: Stage) -> None:
    lea = stage.cast.lea
    CreatorTerms.objects.create(creator=lea, capacity_per_month=1)
    now = timezone.now().replace(day=15)
    first = stage.invite(lea, now=now)
    second_stage = build(stage.cast)
    second = second_stage.invite(lea, SENTENCES[1], now=now, recent_contact_reason="They asked for both products.")
    answers.accept(actor=stage.link_actor(first), partnership=first, now=now)
    with pytest.raises(WrongState) as caught:
        answers.accept(actor=stage.link_actor(second), partnership=second, now=now)
    assert caught.value.code == "capacity"
    invitations.extend_deadline(actor=stage.owner, partnership=second, until=now + timedelta(days=40), now=now)
    next_month = (now + timedelta(days=31)).replace(day=2)
    assert answers.accept(actor=stage.link_actor(second), partnership=second, now=next_month).state == "accepted"


def test_closing_a_campaign_leaves_nobody_without_an_answer(stage: Stage, many) -> None:
    waiting, agreed, considered = many(3)
    open_one = stage.invite(waiting, SENTENCES[0])
    done = stage.invite(agreed, SENTENCES[1])
    stage.shortlist(considered)
    answers.accept(actor=stage.link_actor(done), partnership=done)
    campaign = close_campaign(actor=stage.owner, campaign=stage.campaign, message="The season is full, thank you all.")
    assert campaign.state == "closing"
    open_one.refresh_from_db()
    assert (open_one.state, open_one.closing_note) == ("withdrawn", "The season is full, thank you all.")
    with pytest.raises(WrongState) as caught:
        close_campaign(actor=stage.owner, campaign=campaign)
    assert caught.value.code == "still_running"
    contract_steps.go_without_contract(
        actor=stage.owner, partnership=done, reason="Below the threshold, agreed by mail."
    )
    progress.go_live(actor=stage.owner, partnership=done)
    progress.complete(actor=stage.owner, partnership=done)
    campaign.refresh_from_db()
    assert campaign.state == "closed"
    assert Partnership.objects.get(creator=considered).state == "shortlisted"


def test_cancelling_a_campaign_tells_those_who_agreed(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    with pytest.raises(InvalidInput):
        cancel_campaign(actor=stage.owner, campaign=stage.campaign, reason="")
    cancel_campaign(actor=stage.owner, campaign=stage.campaign, reason="The product is recalled.")
    partnership.refresh_from_db()
    assert (partnership.state, partnership.closing_note) == ("cancelled", "The product is recalled.")


def test_live_content_keeps_a_campaign_from_being_cancelled(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    progress.go_live(actor=stage.owner, partnership=partnership)
    with pytest.raises(WrongState) as caught:
        cancel_campaign(actor=stage.owner, campaign=stage.campaign, reason="The product is recalled.")
    assert caught.value.code == "content_live"
    partnership.refresh_from_db()
    assert partnership.state == "live"
