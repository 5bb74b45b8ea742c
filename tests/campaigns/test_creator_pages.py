"""The creator's page behind a link: what a stranger, a scanner, a double click and a late reader find."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import events
from accounts.actors import SYSTEM
from accounts.models import CreatorClaim, CreatorTerms, Event, Mail, Objection
from campaigns.models import Offer, Partnership
from campaigns.proposal import proposal
from campaigns.services import answers, invitations
from campaigns.services.campaigns import close_campaign
from campaigns.services.links import new_link
from matching.reasons import reason_text
from tests.campaigns.conftest import SENTENCES, Stage, build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def phone() -> Client:
    return Client(headers={"Accept-Language": "en"})


def invited(stage: Stage, **options) -> tuple[Partnership, str]:
    partnership = stage.invite(stage.cast.max, **options)
    return partnership, f"/i/{new_link(partnership)}/"


def state_of(partnership: Partnership) -> str:
    return Partnership.objects.get(pk=partnership.pk).state


def test_unknown_and_garbled_links_say_so(phone: Client, stage: Stage) -> None:
    for token in ("abc", "a" * 43, "a" * 500, "../../etc", "%00", "É" * 43, "<script>"):
        response = phone.get(f"/i/{token}/")
        assert response.status_code == 404, token
    assert "opens nothing" in phone.get(f"/i/{'a' * 43}/").text


def test_a_link_opens_one_partnership_and_no_other(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    other = stage.invite(stage.cast.tom, SENTENCES[1])
    body = phone.get(url).text
    assert "Alma Botanica" in body and stage.campaign.name not in body
    assert phone.get(f"/partnerships/{other.pk}/").status_code == 302  # the link is no sign-in
    assert phone.get(f"/partnerships/{partnership.pk}/").status_code == 302


def test_the_page_tells_everything_one_needs_to_answer(phone: Client, stage: Stage) -> None:
    _partnership, url = invited(stage)
    body = phone.get(url).text
    for told in (
        SENTENCES[0],
        "A rosehip serum",
        "One ingredient, nothing hidden.",
        "The bottle is refillable.",
        "1 short video",
        "3 stories",
        "€460",
        "€400",
        "Two bottles",
        "Instagram, 6 months",
        "Collaboration commerciale – Alma Botanica",
        "Not legal advice",
    ):
        assert told in body, told


def test_nobody_is_told_to_be_chosen_for_being_cheap(phone: Client, stage: Stage) -> None:
    partnership, _url = invited(stage)
    said = [
        {"code": "economy.good_value", "sign": 1, "family": "economy", "params": {}},
        {"code": "willingness.claimed", "sign": 1, "family": "willingness", "params": {}},
        {"code": "affinity.far", "sign": -1, "family": "affinity", "params": {}},
    ]
    Partnership.objects.filter(pk=partnership.pk).update(reasons=said)
    partnership.refresh_from_db()
    shown = [reason["text"] for reason in proposal(partnership, SYSTEM).reasons]
    assert shown == [reason_text(said[1])]


def test_a_scanner_changes_nothing_and_a_reader_is_seen(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    for path in (url, f"{url}accept/", f"{url}decline/", f"{url}counter/", f"{url}stop/"):
        assert phone.get(path).status_code == 200
        assert phone.head(path).status_code == 200
    assert phone.get(f"{url}seen/").status_code == 405
    assert state_of(partnership) == "invited"
    assert phone.post(f"{url}seen/").status_code == 204
    assert phone.post(f"{url}seen/").status_code == 204
    assert state_of(partnership) == "seen"
    assert Event.objects.filter(kind="partnership.seen").count() == 1


def test_the_page_is_kept_out_of_caches_indexes_and_other_sites(phone: Client, stage: Stage) -> None:
    _partnership, url = invited(stage)
    response = phone.get(url)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "style=" not in response.text and "onclick" not in response.text


def test_a_second_click_finds_the_settled_state(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    offer = Offer.objects.get(partnership=partnership)
    first = phone.post(f"{url}accept/", {"offer": offer.pk})
    second = phone.post(f"{url}accept/", {"offer": offer.pk})
    assert first.status_code == second.status_code == 302
    page = phone.get(url)
    assert page.status_code == 200 and "Agreed with Alma Botanica" in page.text
    assert Event.objects.filter(kind="partnership.accepted").count() == 1
    for step in ("accept", "decline", "counter"):
        assert phone.get(f"{url}{step}/").status_code == 302  # nothing left to answer
    late = phone.post(f"{url}decline/", {"reason": "fee"})
    assert late.status_code == 409 and "Agreed with Alma Botanica" in late.text


def test_declining_needs_a_reason_and_keeps_the_words(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    response = phone.post(f"{url}decline/", {"note": "Not this spring."})
    assert response.status_code == 422 and "Not this spring." in response.text
    assert phone.post(f"{url}decline/", {"reason": "timing", "note": "Not this spring."}).status_code == 302
    assert state_of(partnership) == "declined"
    assert "You have declined" in phone.get(url).text


def test_a_counter_offer_by_form_says_what_changed(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    form = {"fee": "480,50", "in_kind": "Two bottles", "in_kind_value": "60", "due_on": "2030-05-25"}
    form |= {"rights": "Instagram, 6 months", "item_0": "1", "item_1": "0", "message": "Fewer stories, more care."}
    assert phone.post(f"{url}counter/", form).status_code == 302
    offer = Offer.objects.get(partnership=partnership, state="open")
    assert (str(offer.fee), len(offer.deliverables), offer.side) == ("480.50", 1, "creator")
    body = phone.get(url).text
    assert "Your proposal is with Alma Botanica" in body and "€400 → €480.50" in body
    assert phone.post(f"{url}counter/", form).status_code == 409
    assert phone.post(f"{url}counter/", form | {"fee": "nonsense"}).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"fee": "-3"}, {"fee": "1,200"}, {"item_0": "", "item_1": "x"}, {"item_0": "0", "item_1": "0"}]
)
def test_a_wrong_counter_offer_is_shown_where_it_was_written(phone: Client, stage: Stage, wrong: dict) -> None:
    partnership, url = invited(stage)
    form = {"fee": "480", "item_0": "1", "item_1": "3", "message": "Kept words"} | wrong
    response = phone.post(f"{url}counter/", form)
    assert response.status_code == 422 and "Kept words" in response.text
    assert state_of(partnership) == "invited"


def test_terms_changed_meanwhile_are_not_accepted_unread(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    read = Offer.objects.get(partnership=partnership)
    link = stage.link_actor(partnership)
    answers.counter_offer(actor=link, partnership=partnership, fee="500")
    answers.counter_offer(actor=stage.owner, partnership=partnership, fee="300")
    response = phone.post(f"{url}accept/", {"offer": read.pk})
    assert response.status_code == 409 and "terms have changed" in response.text
    assert state_of(partnership) == "countered"


def test_each_ending_has_its_own_words(phone: Client, stage: Stage, many) -> None:
    withdrawn, expired = (stage.invite(person, SENTENCES[n]) for n, person in enumerate(many(2)))
    invitations.withdraw(actor=stage.owner, partnership=withdrawn, message="The harvest failed this year.")
    invitations.expire_due(now=expired.expires_at)
    body = phone.get(f"/i/{new_link(withdrawn)}/").text
    assert "No longer open" in body and "The harvest failed this year." in body and "Accept" not in body
    assert "The time to answer is over" in phone.get(f"/i/{new_link(expired)}/").text


def test_a_closed_campaign_is_told_kindly(phone: Client, stage: Stage) -> None:
    _partnership, url = invited(stage)
    close_campaign(actor=stage.owner, campaign=stage.campaign)
    response = phone.get(url)
    assert response.status_code == 200 and "nothing to do with you" in response.text


def test_full_places_answer_409_with_the_reason(phone: Client, cast, many) -> None:
    stage = build(cast, places=1)
    people = many(2)
    first, second = (stage.invite(person, SENTENCES[n]) for n, person in enumerate(people))
    answers.accept(actor=stage.link_actor(first), partnership=first)
    response = phone.post(f"/i/{new_link(second)}/accept/")
    assert response.status_code == 409 and "All places of this campaign are taken" in response.text


def test_capacity_is_explained_to_the_creator(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    CreatorTerms.objects.create(creator=stage.cast.max, capacity_per_month=0)
    response = phone.post(f"{url}accept/")
    assert response.status_code == 409 and "at most 0 partnerships a month" in response.text
    assert state_of(partnership) == "invited"


def test_links_stay_readable_for_ninety_days_after_the_end(phone: Client, stage: Stage) -> None:
    partnership, url = invited(stage)
    answers.decline(actor=stage.link_actor(partnership), partnership=partnership, reason="fee")
    assert phone.get(url).status_code == 200
    Partnership.objects.filter(pk=partnership.pk).update(state_changed_at=timezone.now() - timedelta(days=91))
    assert phone.get(url).status_code == 404


def test_every_letter_has_its_own_working_link(stage: Stage, phone: Client) -> None:
    partnership = stage.invite(stage.cast.max, now=timezone.now() - timedelta(days=2))
    invitations.remind(actor=stage.owner, partnership=partnership)
    while events.drain():
        pass
    links = [re.search(r"/i/[^/\s]+/", mail.text)[0] for mail in Mail.objects.filter(to="max@example.org")]
    assert len(set(links)) == 2
    assert all(phone.get(link).status_code == 200 for link in links)


def test_the_creators_language_wins_until_another_is_chosen(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    url = f"/i/{new_link(partnership)}/"
    stage.cast.lea_user.language = "fr"
    stage.cast.lea_user.save(update_fields=["language"])
    english_phone = Client(headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in english_phone.get(url).text
    english_phone.cookies["django_language"] = "en"
    assert '<html lang="en">' in english_phone.get(url).text


def test_saying_stop_is_kept_and_blocks_the_next_invitation(phone: Client, stage: Stage) -> None:
    _partnership, url = invited(stage)
    assert phone.post(f"{url}stop/").status_code == 302
    assert Objection.objects.filter(scope="email").exists()
    assert "No brand can invite you" in phone.get(f"{url}stop/").text
    again = build(stage.cast)
    draft = invitations.draft_invitation(actor=again.owner, partnership=again.shortlist(stage.cast.max))
    assert [block.code for block in draft.blocks] == ["objection"]


def test_an_account_is_offered_only_at_the_persons_own_address(phone: Client, stage: Stage) -> None:
    """A brand may type any address: whoever reads there must not become the creator."""
    partnership = stage.invite(stage.cast.max, email="colleague@alma.example")
    url = f"/i/{new_link(partnership)}/"
    assert "Open my own account" not in phone.get(url).text
    assert phone.post(f"{url}claim/")["Location"] == url
    assert not CreatorClaim.objects.exists()
    Partnership.objects.filter(pk=partnership.pk).update(sent_to="MAX@example.org")
    assert phone.post(f"{url}claim/")["Location"].startswith("/claim/")


def test_guessing_links_is_slowed_down(phone: Client, stage: Stage) -> None:
    codes = [phone.get(f"/i/{'b' * 40}{n}/").status_code for n in range(20)]
    assert codes.count(404) == 15 and codes.count(429) == 5
    assert phone.get(f"/i/{'b' * 43}/")["Retry-After"] == "60"
    _partnership, url = invited(stage)
    assert phone.get(url).status_code == 200  # a real link still opens


def test_a_forged_forwarded_address_does_not_escape_the_limit(stage: Stage, settings) -> None:
    client = Client()
    codes = [
        client.get(f"/i/{'c' * 40}{n}/", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(20)
    ]
    assert codes.count(429) == 5


def test_hostile_words_are_shown_as_words(phone: Client, stage: Stage) -> None:
    hostile = '"><img src=x onerror=alert(1)> your post on cold water is why I write today \u202e really'
    _partnership, url = invited(stage, sentence=hostile)
    body = phone.get(url).text
    assert "&gt;&lt;img src=x onerror=alert(1)&gt;" in body and "<img src=x" not in body and "\u202e" not in body


def test_signed_in_creators_see_their_own_deals_only(stage: Stage) -> None:
    mine = stage.invite(stage.cast.lea)
    other = stage.invite(stage.cast.tom, SENTENCES[1])
    lea = stage.cast.browser(stage.cast.lea_user)
    assert "A rosehip serum" in lea.get("/deals/").text
    assert lea.get(f"/deals/{other.pk}/").status_code == 404
    assert lea.post(f"/deals/{other.pk}/accept/").status_code == 404
    assert stage.cast.browser(stage.cast.owner).get("/deals/").status_code == 403
    assert lea.get(f"/deals/{mine.pk}/").status_code == 200
    assert state_of(mine) == "seen"
    assert lea.post(f"/deals/{mine.pk}/accept/").status_code == 302
    assert state_of(mine) == "accepted"
    assert lea.post(f"/deals/{mine.pk}/cancel/", {"reason": "I have moved abroad."}).status_code == 302
    assert state_of(mine) == "cancelled"
