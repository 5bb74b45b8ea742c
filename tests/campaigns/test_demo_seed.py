"""Seeding an empty installation: whole or not at all, through the same services as everybody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import WrongState
from accounts.models import Creator, CreatorTerms, Event, Mail, SocialAccount, User, Workspace
from campaigns.demo.seed import seed_demo
from campaigns.models import Campaign, Offer, Partnership
from campaigns.states import CAMPAIGN, PARTNERSHIP
from matching.models import Comment, CreatorIndex, FollowerCount, MatchRun, Post

CREATORS = 320
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]  # the whole seeding happens in the first set-up


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One seeding for all tests of this file; taken back at the end."""
    folder = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), transaction.atomic():
        seed_demo(creators=CREATORS, folder=folder)
        yield folder
        transaction.set_rollback(True)


def test_everything_is_there(demo: Path) -> None:
    assert Creator.objects.count() == CREATORS
    assert SocialAccount.objects.count() > CREATORS
    assert Post.objects.count() > 8000
    assert Comment.objects.count() > 35_000
    assert FollowerCount.objects.count() > 20_000
    assert CreatorIndex.objects.count() == CREATORS
    assert not Creator.objects.exclude(source__basis="fiction").exists()


def test_accounts_of_one_person_belong_together(demo: Path) -> None:
    names = SocialAccount.objects.values_list("handle", "creator_id")
    owners: dict[str, set[int]] = {}
    for handle, creator in names:
        owners.setdefault(handle, set()).add(creator)
    assert all(len(creators) == 1 for creators in owners.values())


def test_commenters_are_pseudonyms_and_owners_are_known(demo: Path) -> None:
    handles = set(SocialAccount.objects.values_list("handle", flat=True))
    assert not Comment.objects.filter(author_hash__in=handles).exists()
    assert Comment.objects.filter(is_owner=True).count() > 2000


def test_every_state_is_played(demo: Path) -> None:
    assert set(Partnership.objects.values_list("state", flat=True)) == set(PARTNERSHIP.states)
    assert set(Campaign.objects.values_list("state", flat=True)) == set(CAMPAIGN.states)
    assert Workspace.objects.count() == 2
    assert Partnership.objects.count() > 45
    assert MatchRun.objects.count() >= 9
    assert Counter(Offer.objects.values_list("side", flat=True))["creator"] >= 3


def test_timelines_are_those_of_a_lived_year(demo: Path) -> None:
    now = timezone.now()
    for partnership in Partnership.objects.all():
        events = list(Event.objects.filter(object_type="partnership", object_id=str(partnership.pk)).order_by("id"))
        times = [event.at for event in events]
        assert times == sorted(times) and times[-1] <= now + timedelta(minutes=1)
    open_ones = Partnership.objects.filter(state__in=["invited", "seen", "countered"])
    assert not [(row.campaign.name, row.state) for row in open_ones if not row.expires_at or row.expires_at <= now]
    spread = Partnership.objects.order_by("created_at").values_list("created_at", flat=True)
    assert spread[0] < now - timedelta(days=150)


def test_no_hard_limit_was_overridden(demo: Path) -> None:
    for partnership in Partnership.objects.exclude(state="shortlisted").select_related("creator", "campaign__brand"):
        assert not partnership.creator.is_minor
        terms = CreatorTerms.objects.filter(creator=partnership.creator).first()
        if terms:
            assert not set(terms.refused_sectors) & set(partnership.campaign.brand.sectors)


def test_a_third_is_claimed_with_limits_of_their_own(demo: Path) -> None:
    claimed = Creator.objects.filter(user__isnull=False)
    assert CREATORS * 0.28 < claimed.count() < CREATORS * 0.38
    assert CreatorTerms.objects.filter(creator__in=claimed).exclude(editorial_line="").count() == claimed.count()
    assert Creator.objects.filter(is_minor=True).exists()


def test_the_logins_written_open_the_door(demo: Path) -> None:
    logins = json.loads((demo / "demo_logins.json").read_text("utf-8"))
    assert {"Brand owner", "Brand viewer (read only)", "Creator (French)", "Creator (English)"} <= {
        x["role"] for x in logins
    }
    assert (demo / "demo_logins.json").stat().st_mode & 0o077 == 0
    for login in logins:
        user = User.objects.get(email=login["email"])
        assert user.check_password(login["password"])
    assert not User.objects.exclude(email__in=[x["email"] for x in logins]).exclude(password__startswith="!").exists()
    client = Client()
    client.force_login(User.objects.get(email=logins[0]["email"]))
    assert client.get("/", follow=True).status_code == 200


def test_both_creators_shown_have_an_open_invitation_and_a_past(demo: Path) -> None:
    for language in ("fr", "en"):
        creator = Creator.objects.get(user__email=f"creator.{language}@demo.example")
        states = set(Partnership.objects.filter(creator=creator).values_list("state", flat=True))
        assert {"invited", "completed"} <= states
        assert creator.languages[0] == language


def test_letters_of_the_past_stay_in_the_mailbox(demo: Path) -> None:
    assert Mail.objects.filter(kind__contains="invit").exists()
    assert not Mail.objects.filter(state="queued").exists()


def test_a_second_seeding_is_refused(demo: Path) -> None:
    with pytest.raises(WrongState) as refused:
        seed_demo()
    assert refused.value.code == "not_empty"
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO())
