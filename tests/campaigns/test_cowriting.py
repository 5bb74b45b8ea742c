"""Suggestions and amendments: both sides, every state, and eight answers at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import creator_actor
from accounts.errors import DomainError, InvalidInput, NotAllowed, WrongState
from accounts.models import Event
from campaigns.cowriting import compare, values, word_pieces
from campaigns.models import Brief, Partnership, Suggestion
from campaigns.services import answers, cowriting, invitations
from campaigns.services.links import new_link
from campaigns.states import SUGGESTION
from tests.campaigns.conftest import SENTENCES, Stage, build
from tests.campaigns.test_races import fresh, race, winners
from tests.cast import Cast


@pytest.fixture
def deal(stage: Stage) -> Partnership:
    return stage.invite(stage.cast.lea)


def ask(stage: Stage, deal: Partnership, **changes: Any) -> Suggestion:
    return cowriting.suggest(actor=stage.link_actor(deal), partnership=fresh(deal), changes=changes, reason="Softer.")


def same(row: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("partnership__campaign", "partnership__creator").get(pk=row.pk)


@pytest.mark.django_db
def test_an_accepted_suggestion_is_a_version_for_this_creator_only(stage: Stage, deal: Partnership) -> None:
    other = stage.invite(stage.cast.tom, SENTENCES[1])
    before = stage.brief
    row = ask(stage, deal, must="The bottle comes back to you, refilled.", freedom=5)
    assert set(row.changes) == {"must", "freedom"} and not row.amendment
    cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row))
    deal.refresh_from_db()
    other.refresh_from_db()
    assert deal.brief.version == 2 and deal.brief.must.startswith("The bottle comes back") and deal.brief.freedom == 5
    assert deal.brief.made_for_id == deal.pk and deal.brief.fee == before.fee and deal.brief.locked_at is None
    assert other.brief_id == before.pk
    assert Brief.objects.filter(campaign=stage.campaign).current() == before
    assert [change.field for change in compare(values(before), values(deal.brief))] == ["must", "freedom"]


@pytest.mark.django_db
def test_the_brand_may_keep_it_for_later_invitations(stage: Stage, deal: Partnership) -> None:
    row = ask(stage, deal, message="One ingredient, and we tell you where it grows.")
    cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row), for_later=True)
    current = Brief.objects.filter(campaign=stage.campaign).current()
    assert current.version == 3 and current.made_for is None and current.message.endswith("grows.")
    later = stage.invite(stage.cast.tom, SENTENCES[1])
    assert later.brief_id == current.pk


@pytest.mark.django_db
def test_after_the_agreement_it_is_an_amendment_of_a_locked_version(stage: Stage, deal: Partnership) -> None:
    answers.accept(actor=stage.link_actor(deal), partnership=deal)
    locked = Brief.objects.get(pk=deal.brief_id)
    assert locked.locked_at
    row = cowriting.suggest(actor=stage.owner, partnership=fresh(deal), changes={"review_rounds": 2})
    assert row.amendment
    with pytest.raises(NotAllowed):  # whoever proposes does not answer
        cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row))
    cowriting.accept_suggestion(actor=stage.link_actor(deal), suggestion=same(row))
    deal.refresh_from_db()
    assert deal.brief.locked_at and deal.brief.review_rounds == 2 and deal.brief_id != locked.pk
    assert Brief.objects.get(pk=locked.pk).review_rounds == locked.review_rounds
    kinds = Event.objects.filter(object_type="suggestion").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["suggestion.open", "suggestion.accepted"]
    assert all(
        e.workspace_id == stage.cast.alma.pk and e.creator_id == deal.creator_id
        for e in Event.objects.filter(object_type="suggestion")
    )


@pytest.mark.django_db
def test_terms_go_into_a_counter_offer_and_nothing_new_is_no_suggestion(stage: Stage, deal: Partnership) -> None:
    for wrong in ({"fee": 900}, {"deliverables": []}, {"made_for": 1}, {"freedom": 9}, {"not_before": "soon"}):
        with pytest.raises(InvalidInput) as caught:
            ask(stage, deal, **wrong)
        assert set(caught.value.fields) == set(wrong)
    for nothing in ({}, {"must": stage.brief.must}, {"must": f"  {stage.brief.must}\r\n"}):
        with pytest.raises(InvalidInput) as caught:
            ask(stage, deal, **nothing)
        assert caught.value.code == "unchanged"
    with pytest.raises(InvalidInput):
        ask(stage, deal, must="Hello {{first_name}}, say this.")
    ask(stage, deal, freedom=5)
    with pytest.raises(WrongState):
        ask(stage, deal, freedom=5)
    stage.shortlist(stage.cast.tom)
    listed = Partnership.objects.get(creator=stage.cast.tom)
    with pytest.raises(WrongState):
        cowriting.suggest(actor=stage.owner, partnership=listed, changes={"freedom": 5})


@pytest.mark.django_db
def test_two_changes_of_one_part_the_second_is_outdated(stage: Stage, deal: Partnership) -> None:
    one, two = ask(stage, deal, must="First."), ask(stage, deal, must="Second.")
    three = ask(stage, deal, freedom=5)
    cowriting.accept_suggestion(actor=stage.owner, suggestion=same(one))
    with pytest.raises(WrongState) as caught:
        cowriting.accept_suggestion(actor=stage.owner, suggestion=same(two))
    assert caught.value.code == "outdated"
    cowriting.accept_suggestion(actor=stage.owner, suggestion=same(three))  # another part is still free
    deal.refresh_from_db()
    assert (deal.brief.must, deal.brief.freedom, deal.brief.version) == ("First.", 5, 3)


@pytest.mark.django_db
@pytest.mark.parametrize("state", SUGGESTION.states)
@pytest.mark.parametrize("verb", ["accept", "reject", "withdraw"])
@pytest.mark.parametrize("side", ["brand", "creator"])
def test_every_answer_in_every_state(stage: Stage, deal: Partnership, state: str, verb: str, side: str) -> None:
    """The creator proposed: the brand accepts or rejects, the creator takes back, and only once."""
    row = ask(stage, deal, freedom=5)
    Suggestion.objects.filter(pk=row.pk).update(state=state)
    actor = stage.owner if side == "brand" else stage.link_actor(deal)
    call = {
        "accept": cowriting.accept_suggestion,
        "reject": cowriting.reject_suggestion,
        "withdraw": cowriting.withdraw_suggestion,
    }[verb]
    allowed = state == "open" and (side == "creator") == (verb == "withdraw")
    if allowed:
        assert call(actor=actor, suggestion=same(row)).state == SUGGESTION.transition(verb).target
    else:
        with pytest.raises((WrongState, NotAllowed)):
            call(actor=actor, suggestion=same(row))
        assert same(row).state == state and Brief.objects.count() == 1


@pytest.mark.django_db
def test_when_it_is_over_nothing_is_answered_any_more(stage: Stage, deal: Partnership) -> None:
    row = ask(stage, deal, freedom=5)
    invitations.withdraw(actor=stage.owner, partnership=deal, message="Plans have changed, sorry.")
    with pytest.raises(WrongState):
        cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row))
    with pytest.raises(WrongState):
        ask(stage, deal, freedom=4)


@pytest.mark.django_db
def test_strangers_neither_read_nor_answer(stage: Stage, deal: Partnership) -> None:
    row = ask(stage, deal, freedom=5)
    cast = stage.cast
    for who in (cast.actor(cast.other_owner), creator_actor(cast.tom), cast.actor(cast.staff)):
        assert not Suggestion.visible_to(who).exists()
    with pytest.raises(NotAllowed):
        cowriting.accept_suggestion(actor=cast.actor(cast.viewer), suggestion=same(row))
    with pytest.raises(NotAllowed):
        cowriting.suggest(actor=creator_actor(cast.tom), partnership=fresh(deal), changes={"freedom": 5})
    page = reverse("partnership_suggestion", args=[deal.pk, row.pk, "accept"])
    assert cast.browser(cast.other_owner).post(page).status_code == 404
    other = stage.invite(cast.tom, SENTENCES[1])
    crossed = reverse("partnership_suggestion", args=[other.pk, row.pk, "accept"])
    assert cast.browser(cast.owner).post(crossed).status_code == 404


@pytest.mark.django_db
def test_both_sides_on_their_pages_and_hostile_words_stay_words(stage: Stage, deal: Partnership) -> None:
    link = new_link(deal)
    creator = stage.cast.browser(None, "fr")
    brand = stage.cast.browser(stage.cast.owner)
    evil = '"><img src=x onerror=alert(1)> & “quotes”'
    form = {"message": stage.brief.message, "must": evil, "must_not": "", "freedom": 4, "review_rounds": 1}
    page = reverse("invitation_suggest", args=[link])
    assert creator.post(page, form | {"reason": "<b1>Because"}).status_code == 302
    assert creator.post(page, form).status_code == 422  # the second click finds it open
    row = Suggestion.objects.get()
    html = brand.get(reverse("partnership_detail", args=[deal.pk])).content.decode()
    assert "<img src=x" not in html and "onerror" in html and "&lt;b1&gt;Because" in html
    accept = reverse("partnership_suggestion", args=[deal.pk, row.pk, "accept"])
    assert brand.get(accept).status_code == 405
    assert brand.post(accept).status_code == brand.post(accept).status_code == 302
    deal.refresh_from_db()
    assert deal.brief.must == evil
    html = creator.get(reverse("invitation", args=[link])).content.decode()
    assert "<img src=x" not in html
    compared = brand.get(reverse("brief_compare", args=[stage.campaign.pk, 2, 1]))
    assert compared.status_code == 200 and "<img src=x" not in compared.content.decode()


def test_words_are_compared_word_by_word() -> None:
    pieces = word_pieces("Dire le prix exact.\nRien d'autre.", "Dire le prix.\nRien d'autre.")
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [("gone", " exact")]
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "Dire le prix.\nRien d'autre."


@pytest.mark.django_db(transaction=True)
def test_eight_answers_at_once_make_one_version(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    deal = stage.invite(cast.lea)
    row = ask(stage, deal, must="Raced.")
    link = stage.link_actor(deal)

    def accept() -> Any:
        return cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row))

    def reject() -> Any:
        return cowriting.reject_suggestion(actor=stage.owner, suggestion=same(row))

    def withdraw() -> Any:
        return cowriting.withdraw_suggestion(actor=link, suggestion=same(row))

    results = race(accept, reject, withdraw, accept, reject, withdraw, accept, accept)
    assert len(winners(results)) == 1, results
    state = same(row).state
    assert Brief.objects.count() == (2 if state == "accepted" else 1)
    assert (
        Event.objects.filter(kind__in=["suggestion.accepted", "suggestion.rejected", "suggestion.withdrawn"]).count()
        == 1
    )


@pytest.mark.django_db(transaction=True)
def test_accepting_the_offer_while_a_suggestion_is_taken_over_locks_what_both_read(
    transactional_db: None, cast: Cast
) -> None:
    stage = build(cast)
    deal = stage.invite(cast.lea)
    row = ask(stage, deal, must="Raced.")
    link = stage.link_actor(deal)
    results = race(
        lambda: answers.accept(actor=link, partnership=fresh(deal)),
        lambda: cowriting.accept_suggestion(actor=stage.owner, suggestion=same(row)),
    )
    assert not [one for one in results if isinstance(one, DomainError)]
    deal.refresh_from_db()
    assert deal.brief.must == "Raced." and deal.brief.locked_at is not None
