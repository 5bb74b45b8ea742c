"""Kept searches: an alert tells once of who is new, whoever runs twice; links of mails; files of the whole set."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.http import QueryDict
from django.urls import reverse
from openpyxl import load_workbook

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Mail, Membership
from matching.filters import SearchQuery
from matching.models import CreatorIndex, SavedSearch, SearchNews
from matching.services import searches
from tests.cast import Cast
from tests.matching.conftest import direction

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def query(text: str = "country=FR") -> SearchQuery:
    return SearchQuery.parse(QueryDict(text))


@pytest.fixture
def kept(cast: Cast, add: Callable[..., CreatorIndex]) -> SavedSearch:
    add("old", country="FR")
    return searches.save_search(actor=cast.actor(cast.owner), name="Near", query=query(), alert="daily", now=NOW)


def test_an_alert_tells_once_of_who_is_new(cast: Cast, kept: SavedSearch, add: Callable[..., CreatorIndex]) -> None:
    assert searches.alert_due(NOW + timedelta(hours=23)) == 0  # not yet
    assert searches.alert_due(NOW + timedelta(days=1)) == 1
    assert not Mail.objects.filter(kind="search_alert").exists()  # nobody new: silence
    new = add("new", country="FR")
    add("elsewhere", country="BE")
    later = NOW + timedelta(days=9)  # a week of beat was missed: told once
    assert [searches.alert_due(later), searches.alert_due(later), searches.alert_due(later)] == [1, 0, 0]
    [mail] = Mail.objects.filter(kind="search_alert")
    assert (mail.to, "New" in mail.text) == (cast.owner.email, True)
    assert "Elsewhere" not in mail.text
    assert [row.creator_ids for row in SearchNews.objects.all()] == [[new.pk]]
    assert searches.alert_due(later + timedelta(days=1)) == 1
    assert Mail.objects.filter(kind="search_alert").count() == 1  # known by now


def test_only_its_owner_marks_news_as_read(cast: Cast, kept: SavedSearch, add: Callable[..., CreatorIndex]) -> None:
    add("new", country="FR")
    searches.alert_due(NOW + timedelta(days=1))
    url = reverse("search_open", args=[kept.pk])
    assert "New" in cast.browser(cast.manager).get(url).content.decode()
    assert searches.unread(cast.actor(cast.owner)) == {kept.pk: 1}
    assert "New" in cast.browser(cast.owner).get(url).content.decode()
    assert searches.unread(cast.actor(cast.owner)) == {}
    assert cast.browser(cast.other_owner).get(url).status_code == 404


def test_who_was_suspended_is_told_nothing(cast: Cast, kept: SavedSearch, add: Callable[..., CreatorIndex]) -> None:
    add("new", country="FR")
    Membership.objects.filter(user=cast.owner).update(suspended_at=NOW)
    searches.alert_due(NOW + timedelta(days=1))
    assert not Mail.objects.filter(kind="search_alert").exists()
    kept.refresh_from_db()
    assert (kept.alert, kept.due_at) == ("none", None)


def test_the_way_out_of_the_mail_survives_scanners_and_forgers(cast: Cast, kept: SavedSearch) -> None:
    token = signing.dumps(str(kept.pk), salt=searches.SALT)
    url, stranger = reverse("search_stop", args=[token]), cast.browser(None)
    stranger.get(url)
    stranger.head(url)
    kept.refresh_from_db()
    assert kept.alert == "daily"
    assert stranger.post(url).status_code == 200
    kept.refresh_from_db()
    assert (kept.alert, kept.due_at) == ("none", None)
    for forged in (signing.dumps(str(kept.pk), salt="other"), token[:-1], "x"):
        assert stranger.post(reverse("search_stop", args=[forged])).status_code == 404


def test_what_cannot_be_kept_is_said(cast: Cast, kept: SavedSearch) -> None:
    actor = cast.actor(cast.owner)
    for name, asked, alert in (("", query(), "none"), ("Near", query(), "none"), ("A", query(""), "none"), ("A", query(), "hourly")):  # fmt: skip
        with pytest.raises(InvalidInput):
            searches.save_search(actor=actor, name=name, query=asked, alert=alert)
    with pytest.raises(NotAllowed):
        searches.save_search(actor=cast.actor(cast.viewer), name="A", query=query())
    with pytest.raises(NotAllowed):
        searches.change_alert(actor=cast.actor(cast.manager), search=kept, alert="none")
    api = cast.api(cast.key)

    def post(asked: object) -> int:
        return api.post(reverse("api_saved_searches"), {"name": "P", "query": asked}, content_type="application/json").status_code  # fmt: skip

    assert [post({"country": ["Atlantis"]}), post({}), post("x"), post({"country": ["FR"]})] == [422, 422, 422, 201]


def test_files_hold_the_whole_filtered_set_and_say_what_it_is(cast: Cast, add: Callable[..., CreatorIndex]) -> None:
    for number in range(130):
        add(f"p{number}", country="FR" if number % 2 else "BE", audience_score=float(number))
    browser = cast.browser(cast.owner)
    address = reverse("discover_export", args=["csv"]) + "?country=FR"
    text = browser.get(address).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    about = {row[0]: row[1] for row in rows if row[0].startswith("# ")}
    people = rows[len(about) + 1 :]
    assert len(people) == 65
    assert about["# Rows"] == "65"
    assert "country=FR" in about["# Address"]
    assert about["# Engine"]
    assert [row[1] for row in people] == [row[1] for row in sorted(people, key=lambda row: -float(row[16]))]
    book = load_workbook(io.BytesIO(browser.get(address.replace(".csv", ".xlsx")).content))
    assert book.worksheets[0].max_row == 66
    assert browser.get(reverse("discover_export", args=["exe"])).status_code == 404


def test_more_like_this_keeps_to_the_filters_and_leaves_the_model_out(
    cast: Cast, add: Callable[..., CreatorIndex]
) -> None:
    model = add("model", direction(1.0), country="FR")
    near = add("near", direction(1.0, 0.2), country="FR")
    far = add("far", direction(0.2, 1.0), country="FR")
    add("abroad", direction(1.0, 0.1), country="BE")
    found = cast.browser(cast.owner).get(reverse("discover"), {"like": model.pk, "country": "FR"})
    assert [card.index.pk for card in found.context["cards"]] == [near.pk, far.pk]
    assert "Model" in found.content.decode()  # the chip says like whom
    for junk in ("0", "999999999", "x", str(2**70)):
        assert cast.browser(cast.owner).get(reverse("discover"), {"like": junk}).status_code == 200
