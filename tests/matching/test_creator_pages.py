"""A creator's pages: who may read them, unknown is a dash, hostile texts stay text."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from matching import reasons
from matching.models import Comment, FollowerCount, Post
from tests.cast import Cast

PAGES = ("creator_detail", "creator_content", "creator_conversation", "creator_panel")
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
@pytest.mark.parametrize("name", PAGES)
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
