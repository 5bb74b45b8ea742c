"""Inviting one creator: who may, what refuses, what it leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import CreatorTerms, Event
from accounts.services.creators import object_to_contact
from campaigns.models import Offer, Partnership
from campaigns.services import invitations
from campaigns.services.campaigns import create_campaign
from campaigns.services.shortlist import shortlist_creators
from tests.campaigns.conftest import SENTENCES, Stage, build, utc


def test_a_stranger_does_not_see_a_partnership(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    other = stage.cast.actor(stage.cast.other_owner)
    assert not Partnership.visible_to(other).filter(pk=partnership.pk).exists()
    assert not Offer.visible_to(other).exists()
    assert not Partnership.visible_to(stage.cast.actor(stage.cast.tom_user)).exists()


def test_a_guest_reads_and_does_not_invite(stage: Stage) -> None:
    partnership = stage.shortlist(stage.cast.lea)
    guest = stage.cast.actor(stage.cast.viewer)
    assert Partnership.visible_to(guest).filter(pk=partnership.pk).exists()
    with pytest.raises(NotAllowed):
        invitations.invite(actor=guest, partnership=partnership, personal_sentence=SENTENCES[0])


def test_the_creator_sees_nothing_before_the_invitation(stage: Stage) -> None:
    partnership = stage.shortlist(stage.cast.lea)
    lea = stage.cast.actor(stage.cast.lea_user)
    assert not Partnership.visible_to(lea).exists()
    invitations.invite(actor=stage.owner, partnership=partnership, personal_sentence=SENTENCES[0])
    assert Partnership.visible_to(lea).get().state == "invited"


def test_an_invitation_makes_the_first_offer_from_the_brief(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    offer = Offer.objects.get(partnership=partnership)
    assert (offer.number, offer.side, offer.state) == (1, "brand", "open")
    assert (str(offer.fee), str(offer.in_kind_value), offer.due_on.isoformat()) == ("400.00", "60.00", "2030-05-25")
    assert partnership.sent_to == "lea@example.org"
    assert partnership.expires_at - partnership.invited_at == timedelta(days=7)
    assert Event.objects.filter(kind="partnership.invited", object_id=str(partnership.pk)).count() == 1


def test_terms_given_for_one_creator_override_the_brief(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea, terms={"fee": "550,50"}, answer_days=3)
    assert str(Offer.objects.get(partnership=partnership).fee) == "550.50"
    assert partnership.expires_at - partnership.invited_at == timedelta(days=3)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Hello",
        "Great content, love it",
        "love love love love love love love love love love love love",
        "Dear {{name}}, we loved your post about washing with cold water and rosehip.",
        "Bonjour [prénom], nous avons aimé votre publication sur les huiles végétales.",
        "Hi <first name>, your post about cold water and no foam is why I write to you.",
        "Hi %name%, your post about cold water and no foam is why I write to you today.",
        "Hi ${name}, your post about cold water and no foam is why I write to you today.",
        "Hi XXX, your post about cold water and no foam is why I write to you today.",
        "a" * 700,
    ],
)
def test_a_sentence_that_is_not_personal_is_refused(stage: Stage, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        stage.invite(stage.cast.lea, sentence)
    assert list(caught.value.fields) == ["personal_sentence"]
    assert Partnership.objects.get().state == "shortlisted"


@pytest.mark.parametrize(
    "second",
    [
        "Léa, your post about washing with cold water and no foam is why I write to you today.",
        "MAX — your post about washing with cold water, and no foam, is why I write to you today!",
        "Your post about washing with cold water and no foam is why I'm writing to you today.",
    ],
)
def test_the_same_sentence_for_two_people_is_mass_mailing(stage: Stage, second: str) -> None:
    stage.invite(
        stage.cast.lea, "Léa, your post about washing with cold water and no foam is why I write to you today."
    )
    with pytest.raises(InvalidInput):
        stage.invite(stage.cast.max, second)


def test_two_real_sentences_are_fine(stage: Stage, many) -> None:
    for creator, sentence in zip(many(len(SENTENCES)), SENTENCES, strict=True):
        assert stage.invite(creator, sentence).state == "invited"


def code_of(stage: Stage, creator, **options) -> str:
    with pytest.raises(WrongState) as caught:
        stage.invite(creator, **options)
    assert not Offer.objects.filter(partnership__creator=creator, partnership__campaign=stage.campaign).exists()
    return caught.value.code


def test_limits_of_the_creator_refuse_at_the_moment_of_inviting(stage: Stage) -> None:
    lea = stage.cast.lea
    stage.shortlist(lea)
    for limit, code in (
        ({"refused_sectors": ["Cosmetics"]}, "sector_refused"),
        ({"minimum_fee": {"dedicated": "401"}}, "minimum_fee"),
        ({"minimum_fee": {"*": "400.01"}}, "minimum_fee"),
        ({"minimum_fee": {"*": "600"}, "currency": "USD"}, "minimum_fee"),
        ({"capacity_per_month": 0}, "capacity"),
        ({"unavailable_until": timezone.now().date() + timedelta(days=2)}, "unavailable"),
    ):
        CreatorTerms.objects.filter(creator=lea).delete()
        CreatorTerms.objects.create(creator=lea, **limit)
        assert code_of(stage, lea) == code, limit
    CreatorTerms.objects.filter(creator=lea).update(
        unavailable_until=timezone.now().date() - timedelta(days=1), minimum_fee={"dedicated": "400", "*": "900"}
    )
    assert stage.invite(lea).state == "invited"


def test_a_minor_is_never_invited(stage: Stage) -> None:
    stage.cast.lea.is_minor = True
    stage.cast.lea.save(update_fields=["is_minor"])
    assert code_of(stage, stage.cast.lea) == "minor"


def test_reasons_a_creator_hides_stay_hidden(stage: Stage) -> None:
    CreatorTerms.objects.create(creator=stage.cast.lea, minimum_fee={"*": "987"}, shows_reasons=False)
    with pytest.raises(WrongState) as caught:
        stage.invite(stage.cast.lea)
    assert caught.value.code == "creator_limit"
    assert "987" not in caught.value.message + str(caught.value.params)


def test_gifts_only_need_a_creator_who_takes_gifts(stage: Stage) -> None:
    CreatorTerms.objects.create(creator=stage.cast.lea, accepts_in_kind=False)
    assert code_of(stage, stage.cast.lea, terms={"fee": 0}) == "in_kind_refused"


def test_who_objected_is_not_contacted(stage: Stage) -> None:
    object_to_contact(actor=stage.cast.actor(stage.cast.lea_user), creator=stage.cast.lea)
    assert code_of(stage, stage.cast.lea) == "objection"
    # the same address under another record is the same person
    assert code_of(stage, stage.cast.max, email="LEA@example.org") == "objection"


def test_the_same_address_twice_in_a_campaign_is_a_duplicate(stage: Stage) -> None:
    stage.invite(stage.cast.lea)
    assert code_of(stage, stage.cast.max, email="Lea@Example.org", sentence=SENTENCES[1]) == "duplicate_address"


def test_an_invitation_is_sent_once(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    with pytest.raises(WrongState):
        stage.invite(stage.cast.lea, SENTENCES[1])
    assert Offer.objects.filter(partnership=partnership).count() == 1


def test_recent_contact_needs_a_reason(stage: Stage) -> None:
    stage.invite(stage.cast.lea)
    again = build(stage.cast)
    assert code_of(again, stage.cast.lea, sentence=SENTENCES[1]) == "recent_contact"
    partnership = again.invite(
        stage.cast.lea, SENTENCES[1], recent_contact_reason="She asked us to come back with a trail product."
    )
    event = Event.objects.get(kind="partnership.invited", object_id=str(partnership.pk))
    assert "trail product" in event.data["recent_contact_reason"]


def test_after_thirty_days_no_reason_is_needed(stage: Stage) -> None:
    stage.invite(stage.cast.lea, now=timezone.now() - timedelta(days=31))
    assert build(stage.cast).invite(stage.cast.lea, SENTENCES[1]).state == "invited"


def test_another_workspace_is_not_told_of_the_contact(stage: Stage) -> None:
    stage.invite(stage.cast.lea)
    other = stage.cast.actor(stage.cast.other_owner)
    campaign = create_campaign(actor=other, brand=stage.cast.other_brand, name="Lamps")
    [partnership] = shortlist_creators(actor=other, campaign=campaign, creators=[stage.cast.lea])
    draft = invitations.draft_invitation(actor=other, partnership=partnership)
    assert [block.code for block in draft.blocks] == ["no_brief"]


def test_without_an_address_nothing_is_sent(stage: Stage) -> None:
    stage.cast.max.contact_email = ""
    stage.cast.max.save(update_fields=["contact_email"])
    assert code_of(stage, stage.cast.max) == "no_address"
    assert stage.invite(stage.cast.max, email="hello@max.example").sent_to == "hello@max.example"


def test_a_draft_campaign_invites_nobody(stage: Stage) -> None:
    draft = create_campaign(actor=stage.owner, brand=stage.cast.brand, name="Later")
    [partnership] = shortlist_creators(actor=stage.owner, campaign=draft, creators=[stage.cast.lea])
    with pytest.raises(WrongState):
        invitations.invite(actor=stage.owner, partnership=partnership, personal_sentence=SENTENCES[0])


def test_reminders_are_two_and_a_day_apart(stage: Stage) -> None:
    start = timezone.now()
    partnership = stage.invite(stage.cast.lea, now=start)
    with pytest.raises(WrongState) as caught:
        invitations.remind(actor=stage.owner, partnership=partnership, now=start + timedelta(hours=23))
    assert caught.value.code == "reminded_recently"
    invitations.remind(actor=stage.owner, partnership=partnership, now=start + timedelta(days=1))
    invitations.remind(actor=stage.owner, partnership=partnership, now=start + timedelta(days=2))
    with pytest.raises(WrongState) as caught:
        invitations.remind(actor=stage.owner, partnership=partnership, now=start + timedelta(days=4))
    assert caught.value.code == "reminders_spent"
    assert Event.objects.filter(kind="partnership.reminded").count() == 2


def test_a_deadline_moves_forward_only(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    with pytest.raises(InvalidInput):
        invitations.extend_deadline(
            actor=stage.owner, partnership=partnership, until=partnership.expires_at - timedelta(days=1)
        )
    with pytest.raises(InvalidInput):
        invitations.extend_deadline(
            actor=stage.owner, partnership=partnership, until=timezone.now() + timedelta(days=61)
        )
    later = partnership.expires_at + timedelta(days=5)
    assert invitations.extend_deadline(actor=stage.owner, partnership=partnership, until=later).expires_at == later


def test_withdrawing_needs_a_message(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    for message in ("", "no", "[reason to fill in]"):
        with pytest.raises(InvalidInput):
            invitations.withdraw(actor=stage.owner, partnership=partnership, message=message)
    invitations.withdraw(
        actor=stage.owner, partnership=partnership, message="We changed the product, sorry for the time."
    )
    assert partnership.state == "withdrawn"
    assert not Offer.objects.filter(state="open").exists()


def test_expiry_happens_once_and_not_early(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    assert invitations.expire_due(now=partnership.expires_at - timedelta(seconds=1)) == 0
    assert invitations.expire_due(now=partnership.expires_at) == 1
    assert invitations.expire_due(now=partnership.expires_at + timedelta(days=1)) == 0
    partnership.refresh_from_db()
    assert (partnership.state, partnership.closing_code) == ("expired", "creator_silent")


def test_mailing_in_bulk_ends_for_the_day(stage: Stage, many, monkeypatch) -> None:
    monkeypatch.setattr("campaigns.limits.INVITATIONS_A_DAY", 3)
    people = many(4)
    now = timezone.now()
    for person, sentence in zip(people[:3], SENTENCES, strict=False):
        stage.invite(person, sentence, now=now)
    assert code_of(stage, people[3], sentence=SENTENCES[5], now=now) == "daily_limit"
    later = now + timedelta(days=1, seconds=1)
    assert stage.invite(people[3], SENTENCES[5], now=later).state == "invited"


def test_a_day_ends_where_the_brand_is(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea, now=utc(2027, 7, 1, 12))
    day = partnership.expires_at.date() + timedelta(days=3)
    extended = invitations.extend_deadline(
        actor=stage.owner, partnership=partnership, until=day, now=utc(2027, 7, 2, 12)
    )
    assert extended.expires_at == utc(day.year, day.month, day.day, 21, 59)  # 23:59 in Paris, in summer
