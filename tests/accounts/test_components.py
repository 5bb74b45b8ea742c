"""Numbers, strips, fields and pages of refusal, as a reader meets them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone, translation

from accounts.context import demo_people, navigation
from accounts.templatetags.charts import chart
from accounts.templatetags.figures import ago, compact, day, interval, money, number, percent, signed
from accounts.templatetags.score import measure
from config import refusals
from tests.cast import Cast

NARROW, NO_BREAK = "\u202f", "\u00a0"


def render(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("english", "french", "write"),
    [
        ("1,234,567", f"1{NARROW}234{NARROW}567", lambda: number(1234567)),
        ("0", "0", lambda: number(0)),
        ("3.5", "3,5", lambda: number("3.46", 1)),
        ("3.4%", f"3,4{NO_BREAK}%", lambda: percent(0.0344)),
        ("12.4K", f"12,4{NO_BREAK}k", lambda: compact(12_400)),
        ("€1,480.50", f"1{NARROW}480,50{NO_BREAK}€", lambda: money(Decimal("1480.50"))),
        ("€400", f"400{NO_BREAK}€", lambda: money(Decimal("400.00"))),
        ("£12", f"12{NO_BREAK}£GB", lambda: money(12, "GBP")),
        ("+3.2", "+3,2", lambda: signed(3.2)),
        ("−1.5", "−1,5", lambda: signed(-1.5)),
        ("2.1–3.4%", f"2,1–3,4{NO_BREAK}%", lambda: interval(0.021, 0.034, "%")),
        ("2.1%", f"2,1{NO_BREAK}%", lambda: interval(0.021, 0.0211, "%")),
        ("22 Nov 2025", "22 nov. 2025", lambda: day(datetime(2025, 11, 22, 9, tzinfo=UTC))),
    ],
)
def test_figures_are_written_as_the_reader_writes_them(english: str, french: str, write: Any) -> None:
    with translation.override("en"):
        assert write() == english
    with translation.override("fr"):
        assert write() == french


@pytest.mark.parametrize("unknown", [None, "", "n/a", float("nan"), float("inf"), True, object()])
def test_a_missing_figure_is_a_dash_and_never_zero(unknown: Any) -> None:
    for write in (number, compact, percent, money, signed):
        assert write(unknown) == "–"
    assert interval(unknown, 3) == "–"


def test_time_is_told_from_now() -> None:
    now = datetime(2026, 1, 10, 12, tzinfo=UTC)
    with translation.override("fr"):
        assert ago(now - timedelta(days=3), now) == "il y a 3 jours"
        assert ago(now + timedelta(hours=2), now) == "dans 2 heures"
    with translation.override("en"):
        assert ago(now - timedelta(days=3), now) == "3 days ago"


def strip(value: Any, low: Any, high: Any, band: Any = None, **scale: Any) -> Any:
    settings = {"label": "Match", "size": "sm", "floor": 0, "ceiling": 100, "unit": ""} | scale
    return measure(value, low, high, band, **settings)


def test_a_strip_places_estimate_interval_and_band_on_one_scale() -> None:
    drawn = strip(50, 25, 75, [10, 25, 50, 75, 90])
    assert drawn.dot == drawn.median == drawn.width / 2
    assert (drawn.bar_x, drawn.bar_width) == (drawn.inner_x, drawn.inner_width)
    assert drawn.outer_x < drawn.inner_x
    assert drawn.text == "Match: 50, 90% interval 25 to 75"


@pytest.mark.parametrize("value", [-40, 0, 100, 250])
def test_a_strip_never_leaves_its_frame(value: float) -> None:
    drawn = strip(value, value - 30, value + 30)
    assert drawn.start <= drawn.dot <= drawn.end
    assert drawn.start <= drawn.bar_x
    assert drawn.bar_x + drawn.bar_width <= drawn.end + 2


@pytest.mark.parametrize("band", [None, [], [1, 2, 3], [None] * 5, ["a"] * 5])
def test_an_unknown_score_is_hatched_and_says_so(band: Any) -> None:
    with translation.override("en"):
        html = render("{% score None None None band label='Match' %}", band=band)
    assert "Match: not enough data" in html
    assert "strip-hatch" in html
    assert "strip-dot" not in html
    assert ">–<" in html


def test_svg_numbers_keep_their_points_in_french() -> None:
    with translation.override("fr"):
        html = render("{% score 33.3 20.1 47.7 band label='Accord' %}", band=[11.1, 22.2, 33.3, 44.4, 55.5])
    numbers = re.findall(r' (?:x|cx|width|y|r|x1)="([^"]*)"', html)
    assert numbers
    assert not [found for found in numbers if "," in found]


class Example(forms.Form):
    name = forms.CharField(label="Name", help_text="Only for you.", max_length=5)
    places = forms.MultipleChoiceField(label="Places", choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)


def test_a_field_ties_label_help_and_error_together() -> None:
    html = render("{% fields form %}", form=Example({"name": "<b>too long</b>"}))
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    for identifier in described[1].split():
        assert f'id="{identifier}"' in html
    assert 'for="id_name"' in html
    assert 'aria-invalid="true"' in html
    assert "<b>too long" not in html
    assert 'href="#id_name"' in html, "the summary leads to the field"
    assert "<fieldset" in html


def test_data_of_a_chart_cannot_close_their_element() -> None:
    hostile = {"series": [{"name": "</script><script>alert(1)</script>", "data": [float("nan"), 1.5]}]}
    written = chart("x", "Title", hostile)["data"]
    assert "<" not in written
    assert json.loads(written)["series"][0] == {"name": "</script><script>alert(1)</script>", "data": [None, 1.5]}


def test_paging_keeps_the_other_parameters() -> None:
    request = RequestFactory().get("/x", {"q": "lin & bois", "cursor": "old"})
    html = render("{% pagination next_cursor='new' %}", request=request)
    assert 'href="?q=lin+%26+bois&amp;cursor=new"' in html


def test_texts_of_others_are_escaped_everywhere() -> None:
    bad = "<img src=x onerror=alert(1)>"
    now = timezone.now()
    html = render(
        "{% reason bad evidence=items %}{% badge bad %}{% timeline events %}{% empty 'inbox' bad bad %}"
        "{% copy bad bad %}{% breadcrumbs bad '/' bad %}{% progress 1 2 label=bad detail=bad %}{% avatar 1 bad %}",
        bad=bad,
        items=[{"text": bad, "author": bad, "note": bad, "url": 'x" onclick="y', "kind": "comment", "at": now}],
        events=[{"at": now, "title": bad, "text": bad, "who": bad}],
    )
    assert "<img src=x" not in html
    assert 'onclick="y' not in html


def test_a_poll_ends_with_the_job() -> None:
    running = render("{% progress 1 2 label='Import' poll_url='/jobs/1' %}")
    done = render("{% progress 2 2 label='Import' state='done' poll_url='/jobs/1' %}")
    assert "hx-trigger" in running
    assert "hx-trigger" not in done


def test_each_kind_of_reader_has_their_own_way_around() -> None:
    member = [entry["section"].url_name for entry in navigation("member", "glossary")]
    creator = [entry["section"].url_name for entry in navigation("creator", "")]
    assert "settings_members" in member
    assert "creator_profile" in creator
    assert not {"settings_members", "discover", "import_list"} & set(creator)
    assert [entry["section"].url_name for entry in navigation("member", "glossary") if entry["current"]] == ["glossary"]
    assert [entry["section"].url_name for entry in navigation("anonymous", "")] == ["glossary"]


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (refusals.bad_request, 400),
        (refusals.forbidden, 403),
        (refusals.csrf_failure, 403),
        (refusals.not_found, 404),
        (refusals.too_many, 429),
        (refusals.server_error, 500),
        (refusals.unavailable, 503),
    ],
)
def test_a_refusal_needs_no_database_and_tells_the_number_of_the_request(view: Any, status: int) -> None:
    """Without the `db` fixture any query would fail this test."""
    request = RequestFactory().get("/x")
    request.request_id = "abcdef0123456789"  # type: ignore[attr-defined]
    for language, home in (("en", "To the home page"), ("fr", "Vers l’accueil")):
        with translation.override(language):
            answer = view(request)
        page = answer.content.decode()
        assert answer.status_code == status
        assert "abcdef0123456789" in page
        assert home in page
        assert f'<html lang="{language}"' in page


def test_a_broken_error_page_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> str:
        raise RuntimeError

    monkeypatch.setattr(refusals, "render_to_string", broken)
    assert refusals.server_error(RequestFactory().get("/x")).status_code == 500


@override_settings(DEBUG=False)
def test_an_unknown_address_is_answered_in_the_readers_language(cast: Cast) -> None:
    answer = cast.browser(cast.owner, "fr").get("/nulle-part/")
    assert answer.status_code == 404
    assert answer["X-Request-Id"] in answer.content.decode()
    assert "Il n’y a rien ici" in answer.content.decode()


def test_a_form_without_token_is_refused_with_a_page(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "fr"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_sign_up_stays_closed_and_says_how_to_come_in(db: None) -> None:
    answer = Client().get("/account/signup/")
    assert "Accounts are opened by invitation" in answer.content.decode()
    Client().post(
        "/account/signup/", {"email": "new@example.org", "password1": "long enough 1", "password2": "long enough 1"}
    )
    from accounts.models import User

    assert not User.objects.filter(email="new@example.org").exists()


def test_creators_land_on_their_side_after_signing_in(cast: Cast) -> None:
    from tests.cast import PASSWORD

    answer = Client().post("/account/login/", {"login": cast.lea_user.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] in ("/deals/", "/profile/")


def test_every_page_forbids_what_is_inline(db: None) -> None:
    policy = Client().get("/account/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


def test_a_database_that_is_away_is_told_as_passing() -> None:
    try:
        raise OperationalError("server closed the connection")
    except OperationalError:
        answer = refusals.server_error(RequestFactory().get("/x"))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"


def test_an_avatar_is_drawn_for_those_who_may_see_the_person(cast: Cast) -> None:
    url = f"/avatars/{cast.lea.pk}.svg"
    first, again = (cast.browser(cast.owner).get(url) for _ in range(2))
    assert first.content == again.content
    assert first["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in first["Content-Security-Policy"]
    assert cast.browser(None).get(url).status_code == 302
    assert cast.browser(cast.tom_user).get(url).status_code == 404


def test_the_demo_logins_are_named_in_the_readers_language(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.DEMO_MODE, settings.VAR_DIR = True, tmp_path
    entries = [{"role": role, "email": "a@example.org", "password": "x"} for role in ("Brand owner", "Somebody new")]
    (tmp_path / "demo_logins.json").write_text(json.dumps(entries))
    with translation.override("fr"):
        assert [str(person["label"]) for person in demo_people()] == ["Propriétaire d’une marque", "Somebody new"]
