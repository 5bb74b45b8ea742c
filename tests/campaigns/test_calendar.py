"""The creator's one calendar, and its feed behind a secret link."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from accounts.actors import creator_actor
from accounts.errors import NotAllowed
from campaigns import calendar
from campaigns.models import CalendarFeed, Campaign, Partnership, Payment
from campaigns.services import calendars
from tests.campaigns.conftest import Stage
from tests.campaigns.contract_desk import Desk

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_every_piece_the_contract_and_the_payment_have_their_day(stage: Stage) -> None:
    desk = Desk(stage)
    desk.sent(desk.agreed())
    found = calendar.calendar(creator_actor(stage.cast.lea))
    assert [(one.kind, one.on) for one in found if one.kind == "publish"] == [
        ("publish", date(2030, 5, 20)),
        ("publish", date(2030, 5, 25)),  # two pieces, two days; the offer's own day is not told a third time
    ]
    assert [one.kind for one in found].count("sign") == 1
    assert found == sorted(found, key=lambda one: one.on)
    assert calendar.calendar(creator_actor(stage.cast.tom)) == []


def test_the_feed_is_plain_icalendar_whatever_brands_write(stage: Stage) -> None:
    desk = Desk(stage)
    desk.executed(desk.agreed())
    Campaign.objects.update(name="Été; a, b\\c\r\nBEGIN:VEVENT " + "é" * 60)
    Payment.objects.update(due_on=date(2030, 6, 1))
    content = calendar.as_ics(calendar.calendar(creator_actor(stage.cast.lea)), name="Mes offres", now=NOW)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = unfolded(content)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4  # two pieces, the payment, the rights
    assert any(line.startswith("DESCRIPTION:") and "Été\\; a\\, b\\\\c\\nBEGIN:VEVENT" in line for line in lines)
    assert "DTSTART;VALUE=DATE:20300601" in lines and "DTEND;VALUE=DATE:20300602" in lines
    uids = [line for line in lines if line.startswith("UID:")]
    again = unfolded(calendar.as_ics(calendar.calendar(creator_actor(stage.cast.lea)), name="x", now=NOW))
    assert len(set(uids)) == 4 and set(uids) <= set(again)


def test_the_link_is_shown_once_replaced_and_stopped(stage: Stage) -> None:
    cast = stage.cast
    Desk(stage).agreed()
    lea, stranger, page = cast.browser(cast.lea_user, "fr"), cast.browser(None), reverse("deal_calendar_link")
    link = lea.post(page).context["link"]
    path = link[link.index("/calendar/") :]
    answer = stranger.get(path)
    assert answer["Content-Type"].startswith("text/calendar") and answer["Cache-Control"] == "private, no-store"
    assert "Alma Botanica" in "".join(unfolded(answer.content))
    assert link not in lea.get(reverse("deal_calendar")).text and CalendarFeed.objects.get().read_on
    second = lea.post(page).context["link"]
    assert stranger.get(path).status_code == 404
    assert stranger.get(second[second.index("/calendar/") :]).status_code == 200
    type(cast.lea).objects.filter(pk=cast.lea.pk).update(erased_at=NOW)
    assert stranger.get(second[second.index("/calendar/") :]).status_code == 404
    type(cast.lea).objects.filter(pk=cast.lea.pk).update(erased_at=None)
    assert lea.post(page, {"stop": "1"}).status_code == 302
    assert stranger.get(second[second.index("/calendar/") :]).status_code == 404
    for wrong in ("x", "../../etc", "é" * 30, "a" * 400):
        assert stranger.get(f"/calendar/{wrong}.ics").status_code == 404


def test_nobody_makes_a_link_for_somebody_else(stage: Stage) -> None:
    row = stage.invite(stage.cast.lea)
    with pytest.raises(NotAllowed):
        calendars.make_feed(actor=stage.owner)
    with pytest.raises(NotAllowed):  # whoever holds an invitation's link is not yet the creator
        calendars.make_feed(actor=stage.link_actor(Partnership.objects.get(pk=row.pk)))
    assert not CalendarFeed.objects.exists()
