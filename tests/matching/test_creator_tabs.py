"""Tabs of a creator's page: what a workspace adds is checked and private; figures add up; the sheet is one page."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Creator, CreatorTerms
from matching import advice, audience_profile, creator_figures
from matching.contracts import Signal
from matching.forms.creator import rows_of
from matching.models import AudienceSample, AudienceShare, CreatorIndex, CreatorNote, Post, Signals
from matching.plots.axes import ticks
from matching.ranking.families import INPUTS
from matching.services import notes
from matching.values_shown import values_shown
from matching.what_if import what_is_missing, what_would_change
from tests.cast import Cast

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def post_shares(cast: Cast, text: str, **more: str) -> int:
    account = cast.lea.accounts.get()
    body = {"kind": "shares", "account": account.pk, "pasted": text, "observed_on": "2026-06-01", "source": "Screenshot", "basis": "consent"}  # fmt: skip
    return cast.browser(cast.owner).post(reverse("creator_audience", args=[cast.lea.pk]), body | more).status_code


def test_shares_are_kept_with_their_sample_and_shown_with_an_interval(cast: Cast) -> None:
    text = "dimension;key;share;n\ncountry;FR;62%;400\ncountry;BE;0,2;400\nage;25–34;0.4;400\n"
    assert [post_shares(cast, text), post_shares(cast, text)] == [302, 302]
    assert sorted(AudienceShare.objects.values_list("key", "share", "n")) == [("25-34", 0.4, 400), ("BE", 0.2, 400), ("FR", 0.62, 400)]  # fmt: skip
    page = cast.browser(cast.owner).get(reverse("creator_audience", args=[cast.lea.pk])).content.decode()
    assert "62% live in France" in page
    assert "58–65.9%" in page  # 90 % of 248 in 400
    told = audience_profile.shares(cast.actor(cast.lea_user), cast.lea)
    assert {one.dimension for one in told} == {"country", "age"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dimension,key,share\n",
        "dimension,key,share\ncountry,Atlantis,0.5\n",
        "dimension,key,share\nreligion,any,0.5\n",  # never asked about people
        "dimension,key,share\ncountry,FR,1.2\n",
        "dimension,key,share\ncountry,FR,nan\n",
        "dimension,key,share\ncountry,FR,-1\n",
        "dimension,key,share\ncountry,FR,0.7\ncountry,BE,0.6\n",
        "dimension,key,share\ncountry,FR,0.3\ncountry,fr,0.3\n",
        "dimension,key,share,n\ncountry,FR,0.3,1e9999\n",
        "dimension,key,share,n\ncountry,FR,0.3,-4\n",
        HOSTILE,
        "\x00\x00",
    ],
)
def test_bad_shares_are_refused_whole(cast: Cast, text: str) -> None:
    assert post_shares(cast, text) == 422
    assert not AudienceShare.objects.exists()


def test_what_is_given_has_an_account_a_day_and_a_giver(cast: Cast) -> None:
    good = "dimension,key,share\ncountry,FR,0.5\n"
    assert post_shares(cast, good, observed_on="2999-01-01") == 422
    assert post_shares(cast, good, account=str(cast.max.accounts.get().pk)) == 422  # somebody else's account
    assert post_shares(cast, good, basis="fiction") == 422
    url = reverse("creator_audience", args=[cast.lea.pk])
    assert cast.browser(cast.viewer).post(url, {"pasted": good}).status_code == 403
    assert cast.browser(cast.lea_user).post(url, {"pasted": good}).status_code == 403
    assert not AudienceShare.objects.exists()


def test_a_sample_by_page_and_by_api_keeps_no_name(cast: Cast) -> None:
    rows = "posts,following,followers,picture,private,name\n" + "12,300,200,yes,no,lea.martin92\n" * 20
    assert post_shares(cast, rows, kind="sample") == 302
    assert AudienceSample.objects.get().n == 20
    assert b"martin" not in bytes(AudienceSample.objects.get().people)
    account, api = cast.lea.accounts.get(), cast.api(cast.key)
    url = reverse("api_account_audience_samples", args=[account.pk])
    body = {"source": "panel", "basis": "consent", "people": [{"posts": 3, "followers": 10}] * 5}
    assert api.post(url, body, content_type="application/json").json() == {"kept": 5}
    bad = body | {"people": [{"posts": "many"}]}
    assert api.post(url, bad, content_type="application/json").status_code == 422
    found = api.get(reverse("api_account_audience", args=[account.pk])).json()
    assert [sample["n"] for sample in found["samples"]] == [5, 20]


def test_headings_of_any_mark_are_read() -> None:
    assert rows_of("Dimension\tKey\tShare\nage\t25-34\t0.4\textra") == [{"dimension": "age", "key": "25-34", "share": "0.4"}]  # fmt: skip


def test_notes_belong_to_one_workspace_and_to_who_works_there(cast: Cast) -> None:
    actor, url = cast.actor(cast.owner), reverse("creator_notes", args=[cast.lea.pk])
    note = notes.write_note(actor=actor, creator=cast.lea, text=HOSTILE)
    assert notes.write_note(actor=actor, creator=cast.lea, text=HOSTILE).pk == note.pk  # a second click
    with pytest.raises(InvalidInput):
        notes.write_note(actor=actor, creator=cast.lea, text=" \u200b\u202e ")
    found = {name: cast.browser(user).get(url) for name, user in (("owner", cast.owner), ("guest", cast.viewer), ("creator", cast.lea_user), ("other", cast.other_owner))}  # fmt: skip
    assert {name: page.status_code for name, page in found.items()} == {"owner": 200, "guest": 403, "creator": 403, "other": 200}  # fmt: skip
    assert "&lt;script&gt;" in found["owner"].content.decode()
    assert "alert(1)" not in found["other"].content.decode()
    with pytest.raises(NotAllowed):
        notes.remove_note(actor=cast.actor(cast.manager), note=note)
    remove = reverse("creator_note_remove", args=[cast.lea.pk])
    assert cast.browser(cast.other_owner).post(remove, {"note": note.pk}).status_code == 404
    assert cast.browser(cast.owner).post(remove, {"note": "x"}).status_code in (302, 404)
    assert cast.browser(cast.owner).post(remove, {"note": note.pk}).status_code == 302
    assert not CreatorNote.objects.exists()


def signal(name: str, percentile: float | None, coverage: float = 0.9) -> Signal:
    value = None if percentile is None else percentile / 100
    return Signal(name, "share", value, value, value, 40, coverage, "t", percentile=percentile)


def test_a_waterfall_adds_up_to_the_score() -> None:
    signals = {name: signal(name, 20.0 + 7 * k) for k, name in enumerate(INPUTS["audience"])}
    for standing in creator_figures.families_of(signals).values():
        if standing.score is not None:
            assert 50 + sum(part.points for part in standing.parts) == pytest.approx(standing.score.value, abs=0.01)


def test_what_would_change_only_promises_gains_and_names_the_unknown() -> None:
    signals = {"qualified_share": signal("qualified_share", 20.0), "reply_rate": signal("reply_rate", 99.0)}
    changes = what_would_change(signals)
    assert changes
    assert all(change.points >= 1 for change in changes)
    assert "reply_rate" not in {change.signal for change in changes}  # better than the upper quarter already
    assert {change.signal for change in changes if change.known} == {"qualified_share"}
    assert "Coherence" in what_is_missing(signals)
    assert what_would_change({}) == []


def test_declared_values_stand_beside_posts_and_prove_nothing(cast: Cast) -> None:
    CreatorTerms.objects.update_or_create(creator=cast.lea, defaults={"values": ["environment", HOSTILE]})
    creator = Creator.objects.get(pk=cast.lea.pk)
    found = {value.said: value for value in values_shown(cast.actor(cast.owner), creator, {})}
    assert (found["environment"].posts, found["environment"].proofs) == (0, [])
    assert found[HOSTILE].label == ""


@pytest.mark.parametrize("low, high", [(0.0, 0.0), (0.0, 1.0), (3.0, 3.0001), (-5.0, 17.0), (0.0, 1e12)])
def test_marks_of_an_axis_are_few_and_inside(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 1 <= len(found) <= 6
    assert all(low - 1e-9 <= value <= high * (1 + 1e-9) + 1e-9 for value in found)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sheet_is_one_page_whatever_people_write(cast: Cast, language: str) -> None:
    long = "Une très longue présentation \U0001f600 <b>&amp; " * 200
    Creator.objects.filter(pk=cast.lea.pk).update(bio=long, display_name="Léa <b>" + "M" * 120)
    account = cast.lea.accounts.get()
    for n in range(40):
        Post.objects.create(
            account=account, platform="instagram", external_id=f"p{n}", posted_at=NOW.replace(day=1 + n % 28), likes=300 + n,
            comments_count=9, caption=HOSTILE, source=cast.source, observed_at=NOW,
        )  # fmt: skip
    payload = {
        "qualified_share": signal("qualified_share", 60.0).to_json()
        | {"details": {"kinds": {"question": 0.4, "generic": 0.6}}}
    }
    CreatorIndex.objects.create(creator=cast.lea, display_name="Léa", followers=12_000, er=0.03, indexed_at=NOW)
    Signals.objects.create(
        creator=cast.lea, engine_version="t", input_hash="0", payload=payload, as_of=NOW, computed_at=NOW
    )
    answer = cast.browser(cast.owner, language).get(reverse("creator_sheet", args=[cast.lea.pk]))
    read = PdfReader(io.BytesIO(answer.content))
    assert len(read.pages) == 1
    assert ("Made on" if language == "en" else "Fait le") in read.pages[0].extract_text()
    assert cast.browser(cast.tom_user).get(reverse("creator_sheet", args=[cast.lea.pk])).status_code == 404


def test_svg_holds_no_script_and_no_style(cast: Cast) -> None:
    assert post_shares(cast, "dimension,key,share,n\ncountry,FR,0.62,400\n") == 302
    page = cast.browser(cast.owner).get(reverse("creator_audience", args=[cast.lea.pk])).content.decode()
    drawn = "".join(re.findall(r"<svg class=\"plot.*?</svg>", page, re.DOTALL))
    assert drawn
    assert "style=" not in drawn
    assert "<script" not in drawn
    assert page.count('role="img"') >= 2  # wide and narrow, each with its title


def test_advice_says_nothing_where_little_is_known_and_cites(cast: Cast) -> None:
    actor = cast.actor(cast.owner)
    for objective, _label in advice.objectives():
        found = advice.advise(actor=actor, objective=objective)
        assert found.best == ()
        assert found.figure is None
        assert found.lines
        assert all(line.source for line in found.lines)
    assert advice.advise(actor=actor, objective=HOSTILE).objective == "awareness"
    assert cast.browser(cast.owner, "fr").get(reverse("advice"), {"objective": HOSTILE}).status_code == 200
