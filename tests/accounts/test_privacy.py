"""A person reads, corrects, takes along, refuses and deletes what is kept about them, alone; and stays deleted."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.errors import NotAllowed
from accounts.mail import queue_mail
from accounts.models import Creator, DataCopy, Erasure, Event, Job, Look, Mail, Objection, SocialAccount, User
from accounts.privacy import traces
from accounts.services import copies, erasure, privacy
from campaigns.models import Contract, Partnership, Report, ReportFile
from campaigns.services import reports
from matching.services.rows import import_rows
from tests.cast import Cast
from tests.matrix import World

NEEDLES = traces.Needles(("lea.cuisine", "lea@example.org", "lea_user@example.org"), ("Léa Martin",))


def person(browser: Any, cast: Cast, creator: Creator) -> str:
    link = privacy.link_of(creator)
    return link[link.index("/privacy/") :]


@pytest.fixture
def world(cast: Cast) -> World:
    """One thing of every kind, most of them about Léa, with a letter that names her to somebody else."""
    world = World.of(cast)
    queue_mail(
        dedupe_key="x",
        kind="x",
        to="owner@example.org",
        subject="Léa Martin answered",
        text="See @lea.cuisine.",
        workspace_id=cast.alma.pk,
    )
    return world


def test_after_erasure_no_column_of_any_table_holds_the_person(
    cast: Cast, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    work = Partnership.objects.filter(creator=cast.lea, accepted_at__isnull=False).first()
    report = reports.freeze(actor=cast.actor(cast.owner), campaign=work.campaign)
    assert "Léa Martin" in bytes(report.files.get(kind="csv", language="fr").body).decode()
    frozen = {row.pk: bytes(row.body) for row in Report.objects.all()}
    before = traces.count(NEEDLES)
    assert {"accounts_mail", "accounts_creator", "accounts_socialaccount", "accounts_event"} <= set(before)
    signed = Contract.objects.filter(partnership__creator=cast.lea, sent_at__isnull=False).exists()
    with django_capture_on_commit_callbacks(execute=True):
        row = erasure.erase(actor=cast.actor(cast.lea_user), creator=cast.lea)
    row.refresh_from_db()
    assert row.done_at, Job.objects.get(pk=row.job_id).error
    assert {table: n for table, n in traces.count(NEEDLES).items() if table not in traces.KEPT} == {}
    assert bool({line["area"] for line in row.kept} & {"contracts"}) == signed
    # the frozen content keeps its bytes, and its files name nobody any more
    assert {row.pk: bytes(row.body) for row in Report.objects.all()} == frozen
    for file in ReportFile.objects.filter(kind="csv"):
        assert "Léa Martin" not in bytes(file.body).decode("utf-8", "ignore")
    assert not User.objects.filter(email="lea_user@example.org").exists()
    assert not Partnership.objects.filter(
        creator=cast.lea, state__in=["invited", "seen", "countered", "accepted"]
    ).exists()
    # nobody finds them
    owner = cast.browser(cast.owner)
    assert owner.get(reverse("creator_detail", args=[cast.lea.pk])).status_code == 404
    found = owner.get("/discover/", {"q": "Léa Martin"}).content.decode()
    assert f"/creators/{cast.lea.pk}/" not in found


def test_an_import_does_not_bring_them_back(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(actor=cast.actor(cast.lea_user), creator=cast.lea)
    row = {"platform": "instagram", "handle": "@Lea.Cuisine", "display_name": "Léa Martin", "followers": 12_000}
    import_rows("accounts", [row], actor=cast.actor(cast.owner), source="a file")
    assert not SocialAccount.objects.filter(handle_key="lea.cuisine").exists()
    assert not Creator.objects.filter(display_name="Léa Martin").exists()
    assert Objection.objects.filter(scope="account").exists()


def test_only_the_person_erases_and_only_once(cast: Cast) -> None:
    for who in (cast.actor(cast.owner), cast.actor(cast.tom_user), SYSTEM):
        with pytest.raises(NotAllowed):
            erasure.erase(actor=who, creator=cast.lea)
    browser = cast.browser(cast.lea_user)
    slip = browser.post(reverse("creator_privacy_step", args=["erase"]))
    assert slip.status_code == 302
    assert Creator.objects.get(pk=cast.lea.pk).erased_at is None
    done = browser.post(reverse("creator_privacy_step", args=["erase"]), {"sure": "yes"})
    assert done.status_code == 200
    assert str(Erasure.objects.get().pk) in done.content.decode()
    assert browser.get("/privacy/").status_code == 302, "signed out"


def test_the_link_of_a_letter_does_it_all_without_an_account(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    browser = cast.browser(None)
    page = person(browser, cast, cast.max)
    assert "Max Blum" in browser.get(page).content.decode()
    assert browser.get(page[:-4] + "xxx/").status_code == 404
    wrong = browser.post(f"{page}do/correct/", {"display_name": "", "country": "Germany"})
    assert wrong.status_code == 422
    browser.post(f"{page}do/correct/", {"display_name": "Maximilian Blum", "country": "de", "languages": "de, en"})
    cast.max.refresh_from_db()
    assert (cast.max.display_name, cast.max.country, cast.max.languages) == ("Maximilian Blum", "DE", ["de", "en"])
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{page}do/copy/")
        browser.post(f"{page}do/copy/")  # a second click
    copy = DataCopy.objects.get()
    answer = browser.get(f"{page}copy/{copy.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert json.loads(archive.read("data/profile.json"))[0]["display_name"] == "Maximilian Blum"
    other = person(browser, cast, cast.tom)
    assert browser.get(f"{other}copy/{copy.pk}/").status_code == 404, "another person's link does not open it"
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{page}do/erase/", {"sure": "yes"})
    assert browser.get(page).status_code == 404, "the link is dead with the record"
    assert not (copies.files.copies() / copy.stored).exists()


def test_what_was_put_right_is_not_written_over(cast: Cast) -> None:
    privacy.correct(
        actor=privacy.holder_of(person(None, cast, cast.max).split("/")[3])[1],
        creator=cast.max,
        facts={"display_name": "Maxi"},
    )
    row = {
        "platform": "instagram",
        "handle": "max.blum",
        "display_name": "Max Blum",
        "bio": "new",
        "observed_at": "2026-11-01T00:00:00Z",
    }
    import_rows("accounts", [row], actor=cast.actor(cast.owner), source="a file")
    assert Creator.objects.get(pk=cast.max.pk).display_name == "Maxi"


def test_the_copy_holds_what_is_theirs_and_nothing_of_others(
    cast: Cast, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        copy = copies.ask(actor=cast.actor(cast.lea_user), creator=cast.lea)
    copy.refresh_from_db()
    with zipfile.ZipFile(copies.files.copies() / copy.stored) as archive:
        names = set(archive.namelist())
        text = "\n".join(archive.read(name).decode("utf-8", "replace") for name in names if name.endswith(".json"))
    assert {
        "data/partnership.json",
        "data/offer.json",
        "data/post.json",
        "data/what_happened.csv",
        "README.txt",
    } <= names
    assert any(name.startswith("files/contracts/") for name in names)
    for foreign in ("Tom Reed", "tom.trails", "token_hash", "password"):
        assert foreign not in text
    notes = list(Partnership.objects.exclude(note="").values_list("note", flat=True))
    assert not any(note in text for note in notes)


def test_asking_for_the_link_tells_nobody_who_is_known(cast: Cast) -> None:
    browser = cast.browser(None)
    known = browser.post(reverse("privacy_ask"), {"email": "max@example.org"})
    unknown = browser.post(reverse("privacy_ask"), {"email": "who@example.org"})
    told = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken": ?"[^"]*"|&quot;[A-Za-z0-9]{64}&quot;')
    assert told.sub(b"", known.content.replace(b"max@", b"who@")) == told.sub(b"", unknown.content)
    browser.post(reverse("privacy_ask"), {"email": "MAX@example.org"})
    assert [mail.to for mail in Mail.objects.filter(kind="privacy_link")] == ["max@example.org"]


def test_who_looked_is_counted_by_workspace_and_day(cast: Cast) -> None:
    owner = cast.browser(cast.owner)
    owner.get(reverse("creator_detail", args=[cast.lea.pk]))
    owner.get(reverse("creator_detail", args=[cast.lea.pk]))
    assert Look.objects.get(creator=cast.lea, workspace=cast.alma).views == 2
    page = cast.browser(cast.lea_user).get("/privacy/").content.decode()
    assert "Alma" in page
    assert "Owner" not in page, "not which of its people"


def test_an_event_can_be_emptied_of_names_only_by_an_erasure(cast: Cast) -> None:
    event = Event.objects.order_by("pk").last()
    for statement in (
        "UPDATE accounts_event SET actor_name = ''",
        "DELETE FROM accounts_event",
        "TRUNCATE accounts_event CASCADE",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL resonance.erasing = 'on'")
        cursor.execute("UPDATE accounts_event SET actor_name = 'x' WHERE id = %s", [event.pk])
        cursor.execute("SET LOCAL resonance.erasing = 'off'")
    for statement in (
        "UPDATE accounts_event SET kind = 'x'",
        "UPDATE accounts_event SET at = now()",
        "DELETE FROM accounts_event",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL resonance.erasing = 'on'")
            cursor.execute(statement)


def test_a_frozen_report_reads_with_names_while_they_are_here(cast: Cast, world: World) -> None:
    work = Partnership.objects.filter(creator=cast.lea, accepted_at__isnull=False).first()
    report = reports.freeze(actor=cast.actor(cast.owner), campaign=work.campaign)
    assert b"L\xc3\xa9a Martin" not in bytes(report.body)
    assert "Léa Martin" in json.dumps(reports.read_frozen(report), ensure_ascii=False)
