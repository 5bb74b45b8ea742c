"""A forgotten password: the mail, its link, and that nobody learns who has an account."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Mail
from tests.cast import PASSWORD, Cast

NEW = "another long password"


@pytest.fixture(autouse=True)
def own_outbox_and_own_counters(settings: Any) -> None:
    """pytest-django puts another mail backend in place; the counters of tries are shared by the test processes."""
    settings.EMAIL_BACKEND = "accounts.mail.RecordingBackend"
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}


def ask(address: str, language: str = "en") -> Mail:
    client = Client(headers={"Accept-Language": language})
    answer = client.post("/account/password/reset/", {"email": address})
    assert answer["Location"] == "/account/password/reset/done/"
    return Mail.objects.latest("pk")


def test_the_link_of_the_mail_opens_once_and_changes_the_password(cast: Cast) -> None:
    mail = ask(cast.owner.email)
    assert mail.to == cast.owner.email
    link = re.search(r"http://testserver(/\S+)", mail.text)
    assert link
    client = Client()
    form = client.get(link[1], follow=True)
    url = form.redirect_chain[-1][0]
    answer = client.post(url, {"password1": "short", "password2": "short"})
    assert 'id="id_password1_error"' in answer.content.decode()
    client.post(url, {"password1": NEW, "password2": NEW})
    assert Client().post("/account/login/", {"login": cast.owner.email, "password": NEW}).status_code == 302
    spent = Client().get(link[1], follow=True)
    assert "This link no longer works" in spent.content.decode()


def test_the_mail_is_in_the_language_of_the_page(cast: Cast) -> None:
    mail = ask(cast.owner.email, "fr")
    assert mail.subject == "Choisissez un nouveau mot de passe"
    assert "Bonjour," in mail.text
    assert "&#" not in mail.text


def test_an_unknown_address_is_answered_alike_and_told_by_mail_only(cast: Cast) -> None:
    mail = ask("nobody@example.org")
    assert (mail.to, mail.subject) == ("nobody@example.org", "No account with this address")
    known, unknown = Client(), Client()
    pages = [
        client.post("/account/password/reset/", {"email": address}, follow=True).content
        for client, address in ((known, cast.owner.email), (unknown, "nobody2@example.org"))
    ]
    assert re.sub(rb"[0-9a-zA-Z]{16,64}", b"", pages[0]) == re.sub(rb"[0-9a-zA-Z]{16,64}", b"", pages[1])


def test_many_wrong_passwords_close_the_door_for_a_while_even_to_the_right_one(cast: Cast) -> None:
    client = Client()
    answers = [
        client.post("/account/login/", {"login": cast.owner.email, "password": f"wrong {i}"}).content.decode()
        for i in range(6)
    ]
    assert "not correct" in answers[0]
    assert "Too many failed login attempts" in answers[-1]
    client.post("/account/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
