"""A creator's pages: who may read them, unknown is a dash, hostile texts stay text."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from matching import creator_figures, profiles, reasons
from matching.contracts import Signal
from matching.models import Comment, FollowerCount, Post
from matching.proofs import shortened
from matching.templatetags.matching import signal_strip, signal_value
from tests.cast import Cast

PAGES = (
    "creator_detail",
    "creator_content",
    "creator_conversation",
    "creator_panel",
    "creator_audience",
    "creator_sheet",
)
HOSTILE = '<script>alert(1)</script>{{ 7|add:7 }}"><img src=x onerror=alert(1)>'


@pytest.fixture
def post(cast: Cast) -> Post:
    account = cast.lea.accounts.get()
    when = datetime(2026, 6, 1, tzinfo=UTC)
    rows = [
        Post.objects.create(
            account=account, platform="instagram", external_id=f"p{n}", posted_at=when, caption=HOSTILE, likes=likes,
            comments_count=4, source=cast.source, observed_at=when,
        )
        for n, likes in enumerate((300, 420, None, 510))
    ]  # fmt: skip
    Comment.objects.create(
        post=rows[0], external_id="c1", author_hash="a" * 24, text=HOSTILE, source=cast.source, observed_at=when
    )
    for day in (1, 8, 15):
        FollowerCount.objects.create(
            account=account, observed_at=when.replace(day=day), followers=12_000 + day, source=cast.source
        )
    return rows[0]


@pytest.mark.parametrize("name", PAGES)
def test_only_brands_and_the_creator_read_a_profile(cast: Cast, post: Post, name: str) -> None:
    url = reverse(name, args=[cast.lea.pk])
    found = {who: cast.browser(user).get(url).status_code for who, user in (
        ("stranger", None), ("other creator", cast.tom_user), ("creator", cast.lea_user), ("guest", cast.viewer), ("staff", cast.staff),
    )}  # fmt: skip
    assert found == {"stranger": 302, "other creator": 404, "creator": 200, "guest": 200, "staff": 403}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", PAGES[:-1])  # the last is a PDF
def test_hostile_texts_stay_text(cast: Cast, post: Post, name: str, language: str) -> None:
    page = cast.browser(cast.owner, language).get(reverse(name, args=[cast.lea.pk])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "14" not in page.split("alert(1)")[-1][:20]


def test_an_erased_creator_is_gone(cast: Cast, post: Post) -> None:
    type(cast.lea).objects.filter(pk=cast.lea.pk).update(erased_at=datetime(2026, 6, 2, tzinfo=UTC))
    assert cast.browser(cast.owner).get(reverse("creator_content", args=[cast.lea.pk])).status_code == 404


def test_hidden_likes_are_a_dash_and_never_zero(cast: Cast, post: Post) -> None:
    page = cast.browser(cast.owner).get(reverse("creator_content", args=[cast.lea.pk])).content.decode()
    assert page.count("<dd>–</dd>") == 2  # the likes and the rate of the post whose likes are hidden


def test_a_forged_cursor_is_refused_with_a_sentence(cast: Cast, post: Post) -> None:
    response = cast.browser(cast.owner).get(reverse("creator_content", args=[cast.lea.pk]), {"cursor": "%%%"})
    assert response.status_code == 400


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_can_be_said_in_both_languages(language: str) -> None:
    """Decimal commas and params of every kind: a sentence never fails where it is read."""
    params = {
        "percentile": 95.9, "value": 0.041, "low": 0.02, "high": 0.08, "unit": "share", "k": 3, "n": 4, "wanted": 12,
        "subjects": ["interior_minimalist"], "terms": ["savon"], "fee": "250.50", "budget": "400", "days": 30,
    }  # fmt: skip
    with translation.override(language):
        for code in reasons.TEXTS:
            assert reasons.reason_text({"code": code, "params": params, "sign": 1})


def test_a_figure_says_its_finding_and_holds_the_same_numbers_as_its_table(cast: Cast, post: Post) -> None:
    figure = creator_figures.engagement(list(profiles.posts_of(cast.actor(cast.owner), cast.lea)))
    assert figure is not None
    assert sorted(row[1] for row in figure.rows) == ["2.53%", "3.53%", "4.28%"]
    assert "3.5%" in figure.title  # the median
    for width in (350.0, 660.0):
        sheet = figure.draw(width)
        dots = [shape for shape in sheet.shapes if shape.kind == "dot"]
        assert len(dots) == 3
        assert all(0 <= x <= width and 0 <= y <= sheet.height for shape in dots for x, y in shape.points)
        assert {shape.text.rpartition(": ")[2] for shape in dots} == {"2.5%", "3.5%", "4.3%"}


def test_tables_of_charts_speak_the_readers_language(cast: Cast, post: Post) -> None:
    page = cast.browser(cast.owner, "fr").get(reverse("creator_content", args=[cast.lea.pk])).content.decode()
    assert "2,53\u00a0%" in page
    assert "abonnés" in page
    assert "2.53 %" not in page


def test_posts_come_newest_first_however_late_they_were_imported(cast: Cast, post: Post) -> None:
    account = cast.lea.accounts.get()
    for n in range(30):  # imported later, published long before
        when = datetime(2025, 1, 1 + n % 28, 5, n, tzinfo=UTC)
        Post.objects.create(
            account=account, platform="instagram", external_id=f"old{n}", posted_at=when, caption=f"old {n}",
            source=cast.source, observed_at=when,
        )  # fmt: skip
    browser, url, seen = cast.browser(cast.owner), reverse("creator_content", args=[cast.lea.pk]), []
    cursor = ""
    while True:
        page = browser.get(url, {"cursor": cursor} if cursor else {})
        seen += [entry for entry, _rate in page.context["posts"]]
        cursor = page.context["next_cursor"]
        if not cursor:
            break
    assert [entry.pk for entry in seen] == [entry.pk for entry in profiles.posts_of(cast.actor(cast.owner), cast.lea)]


def test_a_cursor_of_another_list_is_refused_and_not_a_crash(cast: Cast, post: Post) -> None:
    browser, url = cast.browser(cast.owner), reverse("creator_content", args=[cast.lea.pk])
    for cursor in ("IjEi", "IngnIg", "x", "Im5vdCBhIGRhdGUi", "IjIwMjUtMDEtMDFUMDA6MDA6MDArMDA6MDAgeCI"):
        assert browser.get(url, {"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("unit", "english", "french"),
    [("hours", "5.39 h", "5,39 h"), ("cosine", "5.39", "5,39"), ("posts/week", "5.39 a week", None)],
)
def test_units_are_words_of_the_reader(unit: str, english: str, french: str | None) -> None:
    signal = Signal("half_life", unit, 5.39, 3.6, 8.0, 8, 1.0, "t")
    with translation.override("en"):
        assert signal_value(signal).replace("\u00a0", " ") == english
    with translation.override("fr"):
        assert signal_value(signal).replace("\u00a0", " ") == (french or "5,39 par semaine")


def test_the_strip_shows_the_interval_of_the_percentile() -> None:
    details = {"percentile_low": 60.0, "percentile_high": 95.0}
    signal = Signal("growth", "rate", 0.1, 0.05, 0.2, 8, 1.0, "t", percentile=80.0, details=details)
    assert signal_strip(signal)["strip"].bar_width > 50


@pytest.mark.parametrize(
    ("text", "most", "line"),
    [
        ("Sunday ride\n\nSunday ride: nine kilometres", 280, "Sunday ride: nine kilometres"),
        ("Sunday ride.\nsunday  ride, in the rain", 280, "sunday ride, in the rain"),
        ("Sunday ride\n\nNine kilometres", 280, "Sunday ride Nine kilometres"),
        ("Sunday ride", 280, "Sunday ride"),
        ("…\nHello", 280, "… Hello"),
        ("one two three", 9, "one two…"),
        ("x" * 50, 9, "xxxxxxxx…"),
        (" \n ", 9, ""),
    ],
)
def test_a_proof_says_its_title_once_and_breaks_between_words(text: str, most: int, line: str) -> None:
    assert shortened(text, most) == line
