"""What a creator reads about their own data, and what a form's address says when it is opened by itself."""

import pytest

from accounts.events import record_event
from accounts.history import in_words
from tests.cast import Cast


@pytest.mark.parametrize(("language", "words"), [("en", "Invitation sent"), ("fr", "Invitation envoyée")])
def test_a_creator_reads_words_and_never_the_names_of_a_brands_people(cast: Cast, language: str, words: str) -> None:
    brand = cast.actor(cast.owner)
    for kind in ("partnership.invited", "partnership.noted", "partnership.shortlisted", "contract.some_new_step"):
        record_event(kind, cast.lea, actor=brand, workspace_id=cast.alma.pk, creator_id=cast.lea.pk)
    page = cast.browser(cast.lea_user, language).get("/privacy/").content.decode()
    assert words in page
    assert "Alma" in page
    assert brand.name not in page
    for code in ("partnership.invited", "noted", "shortlisted", "some_new_step"):
        assert code not in page


def test_the_api_tells_a_creator_no_more_than_the_page(cast: Cast) -> None:
    brand = cast.actor(cast.owner)
    for kind in ("partnership.invited", "partnership.noted"):
        record_event(kind, cast.lea, actor=brand, workspace_id=cast.alma.pk, creator_id=cast.lea.pk)
    told = cast.browser(cast.lea_user).get("/api/v1/events").json()["data"]
    assert [(event["kind"], event["actor_name"]) for event in told] == [("partnership.invited", "")]
    whole = cast.api(cast.key).get("/api/v1/events").json()["data"]
    assert {event["actor_name"] for event in whole if event["kind"].startswith("partnership.")} == {brand.name}


def test_no_event_is_told_by_its_code() -> None:
    for kind in ("partnership.accepted", "partnership.unheard_of", "scores.changed", "whatever.happened"):
        assert "." not in in_words(kind)


@pytest.mark.parametrize("address", ["/workspace/switch/", "/privacy/do/object/"])
def test_an_address_that_only_takes_a_form_says_so(cast: Cast, address: str) -> None:
    answer = cast.browser(cast.lea_user, "fr").get(address)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "formulaire" in answer.content.decode()
