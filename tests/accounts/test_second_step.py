"""The whole way of a second step: turned on, asked at sign-in, replaced by a recovery code, turned off."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def own_counters(settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def signed_in(cast: Cast) -> Client:
    client = Client()
    client.post("/account/login/", {"login": cast.owner.email, "password": PASSWORD})
    return client


def test_the_second_step_from_on_to_off(cast: Cast) -> None:
    client = signed_in(cast)
    asked = client.get("/account/2fa/totp/activate/")
    assert asked["Location"].startswith("/account/reauthenticate/"), "protection changes only for who proves again"
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.search(r'<code class="copy-text">([A-Z2-7]+)</code>', page)
    assert secret, "the secret is shown for those who cannot scan"
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.filter(user=cast.owner).exists()
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret[1])})
    assert Authenticator.objects.filter(user=cast.owner, type="totp").exists()
    codes = re.findall(r"<li><code>([^<]+)</code>", client.get("/account/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10

    stranger = Client()
    answer = stranger.post("/account/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert stranger.get("/settings/members/").status_code == 302, "the password alone opens nothing"
    assert stranger.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert stranger.get("/settings/members/").status_code == 200

    again = Client()
    again.post("/account/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert again.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "a code opens once"

    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=cast.owner).exists()
