"""Lists with triage: reasons, two people at once, other workspaces, and clients who hold a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Creator, Event
from matching.models import CreatorIndex, Shortlist, ShortlistEntry, ShortlistLink, ShortlistOpinion
from matching.services import list_guests, lists
from tests.cast import Cast

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def chosen(cast: Cast, add: Callable[..., CreatorIndex]) -> Shortlist:
    actor = cast.actor(cast.owner)
    row = lists.create_list(actor=actor, name="Voices", budget=Decimal(2000))
    people = [
        add(name, tier=tier, followers=followers, er=0.04, er_low=0.03, er_high=0.05, er_base="followers", main_platform="instagram").creator
        for name, tier, followers in (("ana", "nano", 4_000), ("bea", "micro", 20_000), ("cid", "micro", 30_000))
    ]  # fmt: skip
    lists.add_creators(actor=actor, shortlist=row, creators=people)
    return row


def entries(row: Shortlist) -> list[ShortlistEntry]:
    return list(row.entries.select_related("shortlist", "creator").order_by("added_at", "pk"))


def test_passing_needs_a_reason_and_a_second_sorter_is_told(cast: Cast, chosen: Shortlist) -> None:
    actor, [first, *_rest] = cast.actor(cast.owner), entries(chosen)
    for reason in ("", "because", HOSTILE):
        with pytest.raises(InvalidInput):
            lists.triage(actor=actor, entry=first, state="passed", reason=reason)
    lists.triage(actor=actor, entry=first, state="passed", reason="tone", expected="untriaged")
    with pytest.raises(WrongState):
        lists.triage(actor=actor, entry=first, state="shortlisted", expected="untriaged")
    first.refresh_from_db()
    assert (first.state, first.pass_reason) == ("passed", "tone")
    lists.triage(actor=actor, entry=first, state="shortlisted")
    assert first.pass_reason == ""  # a reason stands only while passed
    with pytest.raises(NotAllowed):
        lists.triage(actor=cast.actor(cast.viewer), entry=first, state="untriaged")


def test_a_creator_is_put_on_a_list_once_and_never_when_erased(cast: Cast, chosen: Shortlist) -> None:
    actor, people = cast.actor(cast.owner), [entry.creator for entry in entries(chosen)]
    gone = people[0]
    assert lists.add_creators(actor=actor, shortlist=chosen, creators=people) == []
    chosen.entries.all().delete()
    Creator.objects.filter(pk=gone.pk).update(erased_at=timezone.now())
    gone.refresh_from_db()
    assert len(lists.add_creators(actor=actor, shortlist=chosen, creators=[gone, *people[1:]])) == 2
    lists.archive_list(actor=actor, shortlist=chosen)
    with pytest.raises(WrongState):
        lists.add_creators(actor=actor, shortlist=chosen, creators=people)


def test_the_sums_count_who_is_shortlisted_and_say_what_is_not_known(cast: Cast, chosen: Shortlist) -> None:
    actor, rows = cast.actor(cast.owner), entries(chosen)
    whole = lists.roll_up(actor=actor, shortlist=chosen)
    assert (whole.count, whole.counted, dict(whole.tiers)) == (3, "", {"nano": 1, "micro": 2})
    lists.triage(actor=actor, entry=rows[1], state="shortlisted")
    CreatorIndex.objects.filter(pk=rows[1].creator_id).update(er=None)
    summed = lists.roll_up(actor=actor, shortlist=chosen)
    assert (summed.count, summed.counted) == (1, "shortlisted")
    assert summed.reached is None  # not known is never 0
    assert summed.states == {"untriaged": 2, "shortlisted": 1, "passed": 0}
    assert sum(n for _tier, n in summed.tiers) == summed.count


def test_creators_never_read_that_they_were_listed_or_noted(cast: Cast) -> None:
    """Events name the creator they concern, and creators read events that name them."""
    from matching.services.notes import write_note

    actor = cast.actor(cast.owner)
    row = lists.create_list(actor=actor, name="Secret")
    [entry] = lists.add_creators(actor=actor, shortlist=row, creators=[cast.lea])
    lists.triage(actor=actor, entry=entry, state="passed", reason="tone")
    lists.remove_entry(actor=actor, entry=entry)
    write_note(actor=actor, creator=cast.lea, text="Late twice.")
    assert not Event.objects.filter(creator=cast.lea, kind__regex=r"^(list|note)\.").exists()
    assert Event.objects.filter(workspace=cast.alma, kind="note.written").exists()


def test_another_workspace_reaches_nothing(cast: Cast, chosen: Shortlist) -> None:
    other, [entry, *_rest] = cast.browser(cast.other_owner), entries(chosen)
    for name in ("list_detail", "list_compare"):
        assert other.get(reverse(name, args=[chosen.pk])).status_code == 404
    assert other.get(reverse("list_export", args=[chosen.pk, "csv"])).status_code == 404
    body = {"entry": entry.pk, "state": "shortlisted"}
    assert other.post(reverse("list_step", args=[chosen.pk, "sort"]), body).status_code == 404
    mine = lists.create_list(actor=cast.actor(cast.other_owner), name="Theirs")
    # an entry of another list by the address of one's own
    assert other.post(reverse("list_step", args=[mine.pk, "sort"]), body).status_code == 404
    assert "Voices" not in other.get(reverse("list_list")).content.decode()
    entry.refresh_from_db()
    assert entry.state == "untriaged"


def test_sorting_works_without_javascript_and_by_fragment(cast: Cast, chosen: Shortlist) -> None:
    browser, [first, second, _third] = cast.browser(cast.owner), entries(chosen)
    url = reverse("list_step", args=[chosen.pk, "sort"])
    done = browser.post(url, {"entry": first.pk, "state": "shortlisted", "expected": "untriaged"})
    assert done.status_code == 302
    again = browser.post(url, {"entry": first.pk, "state": "passed", "reason": "tone", "expected": "untriaged"}, headers={"HX-Request": "true"})  # fmt: skip
    assert again.status_code == 409
    part = browser.post(url, {"entry": second.pk, "reason": "price"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert 'id="sums"' in part.content.decode()
    assert "<html" not in part.content.decode()
    for junk in ({"entry": "x"}, {"entry": str(chosen.pk)}, {}):
        assert browser.post(url, junk).status_code == 404
    assert browser.post(reverse("list_step", args=[chosen.pk, "explode"])).status_code == 404


def test_hostile_names_stay_text_in_pages_and_files(cast: Cast, chosen: Shortlist) -> None:
    actor, [entry, *_rest] = cast.actor(cast.owner), entries(chosen)
    lists.change_list(actor=actor, shortlist=chosen, name=HOSTILE)
    lists.mark(actor=actor, entry=entry, note=HOSTILE)
    CreatorIndex.objects.filter(pk=entry.creator_id).update(display_name='=HYPERLINK("http://x")')
    browser = cast.browser(cast.owner, "fr")
    assert "<img src=x" not in browser.get(reverse("list_detail", args=[chosen.pk])).content.decode()
    text = browser.get(reverse("list_export", args=[chosen.pk, "csv"])).content.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "\n=HYPERLINK" not in text


@pytest.fixture
def shared(cast: Cast, chosen: Shortlist) -> tuple[ShortlistLink, str]:
    return list_guests.share_list(actor=cast.actor(cast.owner), shortlist=chosen, name="Client")


def test_a_client_says_their_mind_and_scanners_change_nothing(
    cast: Cast, chosen: Shortlist, shared: tuple[ShortlistLink, str]
) -> None:
    link, token = shared
    first, second, _third = entries(chosen)
    lists.mark(actor=cast.actor(cast.owner), entry=first, flags=["risk"], note="Asks too much")
    lists.triage(actor=cast.actor(cast.owner), entry=second, state="passed", reason="tone")
    assert token not in link.token_hash
    client, url = cast.browser(None), reverse("list_guest", args=[token])
    for _time in range(3):  # mail scanners open links, and ask for their heads
        assert client.head(url).status_code == 200
        page = client.get(url)
    text = page.content.decode()
    assert not ShortlistOpinion.objects.exists()
    assert "Asks too much" not in text
    assert second.creator.display_name not in text  # passed: not the client's business
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]
    for verdict in ("approve", "approve", "reject"):
        assert client.post(url, {"entry": first.pk, "verdict": verdict, "comment": HOSTILE}).status_code == 302
    assert [o.verdict for o in ShortlistOpinion.objects.all()] == ["reject"]
    first.refresh_from_db()
    assert first.state == "untriaged"  # the workspace decides
    refused = ({"entry": second.pk, "verdict": "approve"}, {"entry": "x"}, {"entry": first.pk, "verdict": "buy"}, {"entry": first.pk})  # fmt: skip
    assert [client.post(url, body).status_code for body in refused] == [422] * 4
    assert "<img src=x" not in cast.browser(cast.owner).get(reverse("list_detail", args=[chosen.pk])).content.decode()


def test_a_link_ends(cast: Cast, chosen: Shortlist, shared: tuple[ShortlistLink, str]) -> None:
    link, token = shared
    actor, url = cast.actor(cast.owner), reverse("list_guest", args=[token])
    assert list_guests.open_link(token=token, now=link.expires_at - timedelta(seconds=1)) is not None
    assert list_guests.open_link(token=token, now=link.expires_at) is None
    assert list_guests.open_link(token=token[:-1]) is None
    list_guests.close_link(actor=actor, link=link)
    list_guests.close_link(actor=actor, link=link)
    assert cast.browser(None).get(url).status_code == 404
    assert cast.browser(None).post(url, {"verdict": "approve"}).status_code == 404
    _again, token = list_guests.share_list(actor=actor, shortlist=chosen, name="Client")
    lists.archive_list(actor=actor, shortlist=chosen)
    assert list_guests.open_link(token=token) is None


def test_a_client_is_slowed_down(cast: Cast, shared: tuple[ShortlistLink, str], monkeypatch: Any) -> None:
    from matching.views import lists as view

    monkeypatch.setattr(view, "GUEST_PER_MINUTE", 2)
    url = reverse("list_guest", args=["not-a-token"])
    answers = [cast.browser(None).get(url).status_code for _n in range(4)]
    assert answers[-1] == 429


def test_the_api_sorts_as_the_page_does(cast: Cast, chosen: Shortlist) -> None:
    api, [entry, *_rest] = cast.api(cast.key), entries(chosen)
    url = reverse("api_list_triage", args=[chosen.pk, entry.pk])

    def post(body: dict[str, Any]) -> Any:
        return api.post(url, body, content_type="application/json")

    assert post({"state": "passed"}).status_code == 422
    assert post({"state": "passed", "reason": "price", "flags": ["risk", "risk"]}).json()["flags"] == ["risk"]
    assert post({"state": "shortlisted", "expected": "untriaged"}).status_code == 409
    added = api.post(reverse("api_list_entries", args=[chosen.pk]), {"creators": [entry.creator_id, 2**62, cast.lea.pk]}, content_type="application/json").json()  # fmt: skip
    assert added == {"added": [cast.lea.pk], "there": [entry.creator_id], "refused": [2**62]}
    assert api.get(reverse("api_list_sums", args=[chosen.pk])).json()["states"]["passed"] == 1
    assert cast.api(cast.other_key).get(reverse("api_list_entries", args=[chosen.pk])).status_code == 404


def test_a_shortlist_goes_into_a_campaign(cast: Cast, chosen: Shortlist) -> None:
    from campaigns.models import Partnership
    from campaigns.services.campaigns import create_campaign

    actor, [first, *_rest] = cast.actor(cast.owner), entries(chosen)
    lists.triage(actor=actor, entry=first, state="shortlisted")
    campaign = create_campaign(actor=actor, brand=cast.brand, name="Spring", countries=["FR"])
    browser, url = cast.browser(cast.owner), reverse("list_into_campaign", args=[chosen.pk])
    for _time in range(2):
        assert browser.post(url, {"campaign": campaign.pk}).status_code == 302
    assert list(Partnership.objects.values_list("creator_id", "state")) == [(first.creator_id, "shortlisted")]
    assert cast.browser(cast.other_owner).post(url, {"campaign": campaign.pk}).status_code == 404
