"""Tracked links as a reader, a robot and somebody hostile meet them: through the WSGI application itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings as SettingsWrapper

from accounts.errors import InvalidInput, WrongState
from campaigns.links import redirect
from campaigns.links.agents import read_agent
from campaigns.links.counts import Counts, counts_of
from campaigns.links.destination import is_number, read_destination, with_utm
from campaigns.links.retention import drop_old_clicks, forget_visitors
from campaigns.links.visitors import forget_salt, network_of
from campaigns.models import Campaign, Click, ClickSalt, TrackedLink
from campaigns.services import tracking
from config.redirects import Redirects
from tests.campaigns.conftest import Stage

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 337.0.2.24.92 (iPhone15,2; iOS 17_5; fr_FR)"
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
)
Ask = Callable[..., tuple[str, dict[str, str], bytes]]


@pytest.fixture
def link(stage: Stage) -> TrackedLink:
    forget_salt()
    redirect.flood.hits.clear()
    return tracking.create_link(
        actor=stage.owner,
        campaign=stage.campaign,
        destination="https://shop.example.com/soap?size=2#top",
        slug="alma-lea",
        resolve=False,
    )


@pytest.fixture
def ask(settings: SettingsWrapper) -> Ask:
    settings.TRUSTED_PROXIES = 0

    def perform(
        path: str, agent: str = PHONE, address: str = "203.0.113.7", method: str = "GET", **headers: str
    ) -> tuple[str, dict[str, str], bytes]:
        seen: dict[str, Any] = {}

        def start(status: str, given: list[tuple[str, str]]) -> None:
            seen["status"], seen["headers"] = status, dict(given)

        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "REMOTE_ADDR": address}
        environ |= {"HTTP_HOST": "testserver", "HTTP_USER_AGENT": agent, "wsgi.input": io.BytesIO()} | headers
        body = b"".join(Redirects(lambda e, s: (s("200 site", []), [b"site"])[1])(environ, start))
        return seen["status"], seen["headers"], body

    return perform


def test_a_click_is_stored_and_nothing_is_set(ask: Ask, link: TrackedLink) -> None:
    status, headers, body = ask("/r/alma-lea", HTTP_REFERER="https://l.instagram.com/secret/path?x=1")
    assert status == "302 Found"
    assert body == b""
    assert headers["Cache-Control"] == "no-store"
    assert not any(name.lower() == "set-cookie" for name in headers)
    goal = urlsplit(headers["Location"])
    assert (goal.scheme, goal.netloc, goal.path, goal.fragment) == ("https", "shop.example.com", "/soap", "top")
    assert dict(parse_qsl(goal.query)) == {
        "size": "2",
        "utm_source": "creator",
        "utm_medium": "influencer",
        "utm_campaign": "spring-serum",
    }
    click = Click.objects.get()
    assert (click.device, click.referrer, click.is_bot, click.dedup_of) == ("phone", "l.instagram.com", False, None)
    assert click.minute.second == 0
    assert b"203.0.113" not in bytes(click.visitor or b"")


def test_doubles_count_once_and_are_kept(ask: Ask, link: TrackedLink, stage: Stage) -> None:
    for _n in range(3):
        ask("/r/alma-lea")
    ask("/r/ALMA-LEA/", address="203.0.113.99")  # the same network, cut short: one visitor
    ask("/r/alma-lea", address="198.51.100.4")
    ask("/r/alma-lea", agent=DESKTOP)
    assert Click.objects.count() == 6
    assert counts_of(stage.owner, [link.pk])[link.pk] == Counts(clicks=6, unique=3, machines=0)
    firsts = set(Click.objects.filter(dedup_of=None).values_list("pk", flat=True))
    assert set(Click.objects.exclude(dedup_of=None).values_list("dedup_of", flat=True)) <= firsts


@pytest.mark.parametrize(
    ("reason", "how"),
    [
        ("head", {"method": "HEAD"}),
        ("prefetch", {"HTTP_SEC_PURPOSE": "prefetch;prerender"}),
        ("prefetch", {"HTTP_X_MOZ": "prefetch"}),
        ("crawler", {"agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("crawler", {"agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}),
        ("preview", {"agent": "WhatsApp/2.23.20.0 A"}),
        ("library", {"agent": "curl/8.5.0"}),
        ("no_agent", {"agent": ""}),
    ],
)
def test_machines_are_answered_kept_and_never_counted(
    ask: Ask, link: TrackedLink, stage: Stage, reason: str, how: dict[str, str]
) -> None:
    assert ask("/r/alma-lea", **how)[0] == "302 Found"
    click = Click.objects.get()
    assert (click.is_bot, click.bot_reason, click.visitor) == (True, reason, None)
    assert counts_of(stage.owner, [link.pk])[link.pk] == Counts(0, 0, 1)


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        DESKTOP,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/437.0.0.33.117]",
        "Mozilla/5.0 (Linux; Android 12; Pixel 6; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0 Mobile Safari/537.36 trill_320503 BytedanceWebview/d8a21c6",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20G75 Twitter for iPhone/10.34",
        "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    ],
)
def test_browsers_inside_applications_are_people(agent: str) -> None:
    assert read_agent(agent).bot == ""


def test_no_parameter_changes_the_target(ask: Ask, link: TrackedLink) -> None:
    plain = ask("/r/alma-lea")[1]["Location"]
    for query in ("url=https://evil.example", "next=//evil.example", "utm_source=x&destination=https://evil.example"):
        assert ask("/r/alma-lea", QUERY_STRING=query)[1]["Location"] == plain
    assert ask("/r/alma-lea/https://evil.example")[0] == "404 Not Found"
    assert ask("/r/alma-lea\r\nLocation: x")[0] == "404 Not Found"


@pytest.mark.parametrize(
    ("language", "words"), [("fr-FR,fr;q=0.9", "en pause"), ("en", "is paused"), ("de", "is paused")]
)
def test_a_paused_link_says_so_from_the_next_click(
    ask: Ask, link: TrackedLink, stage: Stage, language: str, words: str
) -> None:
    assert ask("/r/alma-lea")[0] == "302 Found"
    tracking.pause_link(actor=stage.owner, link=link)
    status, headers, body = ask("/r/alma-lea", HTTP_ACCEPT_LANGUAGE=language)
    assert (status, headers["Cache-Control"]) == ("410 Gone", "no-store")
    assert words in body.decode()
    assert Click.objects.count() == 1
    tracking.resume_link(actor=stage.owner, link=link)
    assert ask("/r/alma-lea")[0] == "302 Found"


def test_expired_over_and_unknown(ask: Ask, link: TrackedLink) -> None:
    TrackedLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert b"expired" in ask("/r/alma-lea")[2]
    TrackedLink.objects.update(expires_at=None)
    Campaign.objects.update(state="closed")
    assert b"over" in ask("/r/alma-lea")[2]
    assert ask("/r/nothing")[0] == "404 Not Found"
    assert ask("/r/alma-lea", method="POST")[0] == "405 Method Not Allowed"
    assert not Click.objects.exists()


def test_a_flood_is_marked_then_refused(ask: Ask, link: TrackedLink, stage: Stage, settings: SettingsWrapper) -> None:
    settings.LINK_HITS_PER_MINUTE = 3
    answers = [ask("/r/alma-lea")[0] for _n in range(32)]
    assert answers.count("302 Found") == 30
    assert answers[-1] == "429 Too Many Requests"
    assert counts_of(stage.owner, [link.pk])[link.pk] == Counts(clicks=3, unique=1, machines=27)


def test_the_links_own_host_answers_nothing_of_the_site(ask: Ask, link: TrackedLink, settings: SettingsWrapper) -> None:
    settings.LINK_HOST = "go.example.com"
    own = {"HTTP_HOST": "go.example.com"}
    assert ask("/r/alma-lea", **own)[0] == "302 Found"
    assert ask("/campaigns/", **own)[0] == "404 Not Found"
    assert ask("/campaigns/")[2] == b"site"
    assert ask("/r/alma-lea")[2] == b"site"  # on the site's own host the address is the site's


def test_salt_and_hashes_are_gone_after_a_day(ask: Ask, link: TrackedLink) -> None:
    ask("/r/alma-lea")
    now = timezone.now()
    assert forget_visitors(now=now) == 0
    assert forget_visitors(now=now + timedelta(hours=25)) == 1
    assert not ClickSalt.objects.exists()
    assert Click.objects.get().visitor is None
    assert drop_old_clicks(now=now + timedelta(days=759)) == 0
    assert drop_old_clicks(now=now + timedelta(days=762)) == 1


@pytest.mark.parametrize(
    ("address", "kept"), [("203.0.113.7", 3), ("2001:db8:1:2::7", 6), ("::ffff:203.0.113.7", 3), ("x", 0)]
)
def test_addresses_are_cut_short(address: str, kept: int) -> None:
    assert len(network_of(address)) == kept


HOSTILE = [
    "http://shop.example.com", "javascript:alert(1)", "//shop.example.com", "https://", "https://user:pass@shop.example.com",
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1", "https://localhost/", "https://shop.localhost/", "https://intranet/", "https://printer.local/",
    "https://shop.example.com:8443/", "https://shop.example.com\\@evil.example/", "https://shop.example.com/\r\nX: 1",
    "https://shop.example.com/ a", "https://1.1.1.1/", "https://①②⑦.0.0.1/", "https://bit.ly/abc", "https://t.co/x",
    "https://localhost.localdomain.test/", "ftp://shop.example.com/", "https://exa_mple.com/", "https://a..b.com/", "x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_destinations_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_destination(text, resolve=False)
    assert list(refusal.value.fields) == ["destination"]


def test_our_own_links_are_no_destination(settings: SettingsWrapper) -> None:
    settings.BASE_URL, settings.LINK_BASE_URL = "https://app.example.com", "https://go.example.com"
    for host in ("go.example.com", "app.example.com"):
        with pytest.raises(InvalidInput):
            read_destination(f"https://{host}/r/other", resolve=False)


def test_a_name_that_leads_to_a_private_network_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_destination("https://localhost.example.invalid/", resolve=True)
    assert is_number("0X7F.1")
    assert not is_number("1.2.example")


def test_destinations_keep_what_they_are() -> None:
    good = "https://www.exämple.com/Prod/é?x=1&utm_source=old&y=%20#part"
    made = with_utm(read_destination(good, resolve=False), {"source": "instagram", "medium": "influencer"})
    assert made == (
        "https://www.xn--exmple-cua.com/Prod/%C3%A9?x=1&y=+&utm_source=instagram&utm_medium=influencer#part"
    )
    assert with_utm("https://a.com/?b=%2B&c", {"term": "t"}) == "https://a.com/?b=%2B&c&utm_term=t"


def test_slugs_never_collide_and_a_taken_wish_is_told(stage: Stage, link: TrackedLink) -> None:
    goal = "https://shop.example.com/a"
    common = {"actor": stage.owner, "campaign": stage.campaign, "destination": goal, "resolve": False}
    names = [tracking.create_link(**common).slug for _n in range(3)]
    assert names == ["alma-botanica-spring-serum", "alma-botanica-spring-serum-2", "alma-botanica-spring-serum-3"]
    assert tracking.create_link(**common, slug="Léa_Martin.fr").slug == "lea-martin-fr"  # only what the redirect reads
    with pytest.raises(WrongState) as refusal:
        tracking.create_link(**common, slug="Alma Léa")
    assert refusal.value.code == "slug_taken"
