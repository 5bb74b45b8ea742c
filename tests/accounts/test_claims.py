"""A creator proves an account by a code in its biography: the whole way, and every way round it."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.errors import NotAllowed, WrongState
from accounts.models import Creator, CreatorClaim, Event, Mail, Provenance, SocialAccount, User
from accounts.services import claims
from accounts.services.claims import CLAIM_LIFE
from tests.cast import Cast

PASSWORD = "a long and odd sentence"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def ask(handle: str = "@Max.Blum", email: str = "max@example.org", language: str = "en") -> str:
    """The path of the mailed link, "" where the message holds none."""
    page = Client(headers={"Accept-Language": language})
    answer = page.post("/claim/", {"platform": "instagram", "handle": handle, "email": email})
    assert answer.status_code == 200
    assert email in answer.content.decode()
    found = re.search(r"/claim/code/\S+", Mail.objects.filter(kind="creator_claim").latest("pk").text)
    return found[0] if found else ""


def come_in(link: str) -> Client:
    visitor = Client()
    answer = visitor.post(link, {"full_name": "Max Blum", "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/claim/mine/"
    return visitor


def claimed(cast: Cast) -> bool:
    return Creator.objects.get(pk=cast.max.pk).user_id is not None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_a_handle_to_ones_own_profile(cast: Cast, language: str) -> None:
    max_phone = come_in(ask(language=language))
    claim = CreatorClaim.objects.get()
    page = max_phone.get("/claim/mine/")
    assert claim.code in page.content.decode()
    assert max_phone.get("/profile/").status_code == 403  # the code is not seen yet
    staff = cast.browser(cast.staff, language)
    desk = staff.get("/staff/").content.decode()
    assert "max.blum" in desk
    assert claim.code in desk
    early = staff.post(f"/staff/claims/{claim.pk}/confirm/", {"biography": "Potter in Kent"})
    assert early.status_code == 409
    assert not claimed(cast)
    done = staff.post(f"/staff/claims/{claim.pk}/confirm/", {"biography": f"Potter in Kent {claim.code}"})
    assert done.status_code == 302
    assert max_phone.get("/claim/mine/")["Location"] == "/profile/"
    assert max_phone.get("/profile/").status_code == 200
    assert Event.objects.filter(kind="claim.confirmed", actor_id=str(cast.staff.pk)).exists()
    assert staff.post(f"/staff/claims/{claim.pk}/confirm/", {"biography": claim.code}).status_code == 404


def test_who_asks_learns_nothing_about_who_is_kept_here(cast: Cast) -> None:
    pages = []
    for handle in ("max.blum", "nobody.of.that.name", "lea.cuisine"):  # unclaimed, unknown, claimed
        body = {"platform": "instagram", "handle": handle, "email": "asks@example.org"}
        answer = Client().post("/claim/", body)
        pages.append((answer.status_code, answer.content.decode().split("<main")[1].split("</main")[0]))
    assert pages[0] == pages[1] == pages[2]
    assert [bool("/claim/code/" in mail.text) for mail in Mail.objects.order_by("pk")] == [True, False, False]


def test_asking_again_and_again_sends_one_message_a_day_and_then_is_refused(cast: Cast) -> None:
    answers = [
        Client()
        .post("/claim/", {"platform": "instagram", "handle": "max.blum", "email": "max@example.org"})
        .status_code
        for _ in range(14)
    ]
    assert answers[0] == 200
    assert 429 in answers
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"handle": "a b<script>"}, {"platform": "myspace"}, {"email": "x"}, {"handle": ""}])
def test_wrong_input_is_told_beside_the_field(cast: Cast, wrong: dict[str, str]) -> None:
    body = {"platform": "instagram", "handle": "max.blum", "email": "max@example.org"} | wrong
    answer = Client().post("/claim/", body)
    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode().split("<main")[-1].split("</main")[0]
    assert not Mail.objects.exists()


def test_links_that_are_false_old_or_for_somebody_else_open_nothing(cast: Cast, settings) -> None:  # type: ignore[no-untyped-def]
    link = ask()
    assert Client().get(link[:-3] + "zz/").status_code == 404
    assert Client().get("/claim/code/x/").status_code == 404
    assert cast.browser(cast.tom_user).post(link).status_code == 403
    assert cast.browser(cast.owner).post(link).status_code == 403
    assert not CreatorClaim.objects.exists()
    settings.SECRET_KEY = "another secret key of another installation 0123456789"
    assert Client().get(link).status_code == 404


def test_a_brand_cannot_confirm_a_claim_by_importing_the_biography(cast: Cast) -> None:
    """Anybody with a workspace may import any biography: only what the installation itself read counts."""
    come_in(ask())
    claim = CreatorClaim.objects.get()
    account = cast.max.accounts.get()

    def read(when_after: timedelta, **origin: object) -> int:
        source = Provenance.objects.create(label="x", retrieved_at=timezone.now(), **origin)
        SocialAccount.objects.filter(pk=account.pk).update(
            bio=f"Potter {claim.code}", source=source, observed_at=claim.created_at + when_after
        )
        return claims.confirm_from_data()

    minute = timedelta(minutes=1)
    assert read(minute, kind="import", workspace=cast.alma) == 0
    assert read(minute, kind="api", workspace=cast.alma) == 0
    assert read(minute, kind="creator") == 0
    assert read(-minute, kind="connector") == 0  # read before the code existed
    assert not claimed(cast)
    assert read(minute, kind="connector") == 1
    assert claimed(cast)
    assert claims.confirm_from_data() == 0


def test_the_first_proof_wins_and_an_old_code_is_worth_nothing(cast: Cast) -> None:
    staff, account = cast.actor(cast.staff), cast.max.accounts.get()
    one, two = (User.objects.create_user(f"{name}@example.org", PASSWORD) for name in ("one", "two"))
    old = claims.open_code_claim(user=one, account=account)
    first = claims.open_code_claim(user=one, account=account)
    second = claims.open_code_claim(user=two, account=account)
    with pytest.raises(WrongState):
        claims.confirm_claim(actor=staff, claim=old, biography=old.code)
    with pytest.raises(WrongState):
        claims.confirm_claim(actor=staff, claim=first, biography=second.code)
    claims.confirm_claim(actor=staff, claim=first, biography=f"x {first.code}")
    with pytest.raises(WrongState):
        claims.confirm_claim(actor=staff, claim=second, biography=second.code)
    assert Creator.objects.get(pk=cast.max.pk).user == one


def test_a_code_ends_and_a_refusal_is_final(cast: Cast) -> None:
    staff, account = cast.actor(cast.staff), cast.max.accounts.get()
    user = User.objects.create_user("late@example.org", PASSWORD)
    late = claims.open_code_claim(user=user, account=account)
    CreatorClaim.objects.filter(pk=late.pk).update(expires_at=timezone.now() - CLAIM_LIFE)
    with pytest.raises(WrongState):
        claims.confirm_claim(actor=staff, claim=late, biography=late.code)
    refused = claims.open_code_claim(user=user, account=account)
    claims.refuse_claim(actor=staff, claim=refused)
    for again in (claims.refuse_claim, lambda **k: claims.confirm_claim(biography=refused.code, **k)):
        with pytest.raises(WrongState):
            again(actor=staff, claim=refused)
    assert not claimed(cast)


@pytest.mark.parametrize("who", ["owner", "lea_user"])
def test_who_stands_for_somebody_already_takes_no_second_identity(cast: Cast, who: str) -> None:
    with pytest.raises(WrongState):
        claims.open_code_claim(user=getattr(cast, who), account=cast.max.accounts.get())
    with pytest.raises(NotAllowed):
        claims.confirm_claim(actor=cast.actor(getattr(cast, who)), claim=CreatorClaim(code="rsn-1"), biography="rsn-1")
