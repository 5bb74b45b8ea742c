"""Pieces from agreement to verification: every state and transition, the review rounds, evidence, dates, races."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections

from accounts.actors import SYSTEM, Actor, creator_actor
from accounts.errors import DomainError, InvalidInput, NotAllowed, WrongState
from accounts.events import drain
from accounts.models import Event, Mail
from campaigns import publication_rules
from campaigns.addresses import publication_address, video_address
from campaigns.disclosure.packs import pack
from campaigns.limits import Block
from campaigns.models import Deliverable, GuestLink, Partnership
from campaigns.reviewfiles import kind_of, path_of
from campaigns.services import (
    answers,
    briefs,
    campaigns,
    deadlines,
    invitations,
    progress,
    publication,
    review,
    shortlist,
)
from campaigns.states import DELIVERABLE, advance
from tests.cast import Cast

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
TICKS = ["label_visible", "label_legible", "whole_duration"]
URL = "https://www.instagram.com/p/Cabc123/"
GOOD = "Collaboration commerciale – Alma Botanica\nTrois matins avec ce savon"


@pytest.fixture
def deal(cast: Cast) -> Partnership:
    """Accepted by Léa: one post and three stories, one round of review, due on 1 December."""
    return accepted(cast)


def accepted(cast: Cast, rounds: int = 1) -> Partnership:
    actor = cast.actor(cast.owner)
    campaign = campaigns.create_campaign(actor=actor, brand=cast.brand, name="Winter", countries=["FR"])
    items = [
        {"form": "test", "format": "post", "platform": "instagram", "quantity": 2, "due_on": "2026-12-01"},
        {"form": "test", "format": "story", "platform": "instagram", "quantity": 3},
    ]
    briefs.save_brief(
        actor=actor, campaign=campaign, language="fr", product="Savon", message="Un savon simple et doux",
        deliverables=items, fee="300", disclosure={"FR": "Collaboration commerciale"}, review_rounds=rounds,
    )  # fmt: skip
    campaigns.activate_campaign(actor=actor, campaign=campaign)
    [row] = shortlist.shortlist_creators(actor=actor, campaign=campaign, creators=[cast.lea])
    sentence = "Votre essai de trois savons sur un mois est exactement ce que nous cherchons."
    invitations.invite(actor=actor, partnership=row, personal_sentence=sentence, now=NOW)
    answers.accept(actor=lea(cast), partnership=row, now=NOW)
    return Partnership.objects.get(pk=row.pk)


def lea(cast: Cast) -> Actor:
    return creator_actor(cast.lea, cast.lea_user)


def first(deal: Partnership) -> Deliverable:
    return Deliverable.objects.get(partnership=deal, number=1)


def shown(cast: Cast, row: Deliverable, text: str = GOOD, **more: Any) -> None:
    review.submit_draft(actor=lea(cast), deliverable=row, text=text, now=NOW, **more)


def out(cast: Cast, row: Deliverable, caption: str = GOOD, **more: Any) -> Any:
    return publication.publish(
        actor=lea(cast), deliverable=row, url=URL, caption=caption, now=NOW, **{"toggle": True, **more}
    )


def test_acceptance_makes_the_pieces_once(cast: Cast, deal: Partnership) -> None:
    rows = list(Deliverable.objects.filter(partnership=deal).order_by("number"))
    assert [(row.format, row.quantity, row.state) for row in rows] == [
        ("post", 1, "planned"), ("post", 1, "planned"), ("story", 3, "planned"),
    ]  # fmt: skip
    assert len(review.plan(partnership=deal)) == 3
    assert Deliverable.objects.filter(partnership=deal).count() == 3


def test_the_whole_way(cast: Cast, deal: Partnership) -> None:
    owner, row = cast.actor(cast.owner), first(deal)
    shown(cast, row, "Trois matins avec ce savon", files=[SimpleUploadedFile("a.png.html", PNG)])
    assert row.checks.get().verdict == "missing"
    picture = row.files.get()
    assert picture.name == "a.png.png" and picture.content_type == "image/png" and path_of(picture).read_bytes() == PNG
    review.request_changes(actor=owner, deliverable=row, note="Ajoutez la mention au début, merci.", now=NOW)
    assert (row.state, row.rounds_left) == ("changes_requested", 0)
    shown(cast, row)
    with pytest.raises(WrongState, match="used up") as refused:
        review.request_changes(actor=owner, deliverable=row, note="Encore une petite chose à changer.", now=NOW)
    assert refused.value.code == "rounds_spent"
    review.approve(actor=owner, deliverable=row, now=NOW)
    found = out(cast, row, files=[SimpleUploadedFile("screen.png", PNG)])
    assert found.verdict == "clear" and found.screenshot is not None and found.packs == f"FR@{pack('FR').version}"
    assert Partnership.objects.get(pk=deal.pk).state == "live"
    with pytest.raises(InvalidInput):
        publication.verify(actor=owner, deliverable=row, ticks=TICKS[:2], now=NOW)
    publication.verify(actor=owner, deliverable=row, ticks=TICKS, check_id=found.pk, now=NOW)
    assert row.state == "verified" and row.newest_check.confirmed_by == "Owner"
    kinds = Event.objects.filter(object_type="deliverable", object_id=str(row.pk)).values_list("kind", flat=True)
    assert [kind.partition(".")[2] for kind in kinds] == [
        "draft_submitted", "changes_requested", "draft_submitted", "approved", "published", "verified",
    ]  # fmt: skip
    while drain():
        pass
    sent = Mail.objects.filter(kind__startswith="deliverable_").values_list("kind", flat=True)
    assert sorted(set(sent)) == sorted(
        f"deliverable_{name}" for name in ("approved", "changes_requested", "draft_submitted", "published", "verified")
    )


def test_every_state_and_transition(cast: Cast, deal: Partnership) -> None:
    """Each of the 8 states × 9 verbs × 3 sides: moved where the table says so, refused and unchanged elsewhere."""
    row = first(deal)
    actors = {"brand": cast.actor(cast.owner), "creator": lea(cast), "system": SYSTEM}
    for state, step, (side, actor) in product(DELIVERABLE.states, DELIVERABLE.transitions, actors.items()):
        Deliverable.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        allowed = state in step.sources and side in step.sides
        try:
            advance(row, DELIVERABLE, step.verb, actor=actor)
        except (WrongState, NotAllowed):
            assert not allowed, (state, step.verb, side)
            assert Deliverable.objects.get(pk=row.pk).state == state
        else:
            assert allowed and row.state == step.target, (state, step.verb, side)


def test_services_refuse_what_the_state_does_not_allow(cast: Cast, deal: Partnership) -> None:
    owner, row = cast.actor(cast.owner), first(deal)
    calls = {
        "submit_draft": lambda: shown(cast, row),
        "approve": lambda: review.approve(actor=owner, deliverable=row, now=NOW),
        "request_changes": lambda: review.request_changes(
            actor=owner, deliverable=row, note="Une phrase à changer.", now=NOW
        ),
        "reject": lambda: review.reject(actor=owner, deliverable=row, note="Cela ne convient pas du tout.", now=NOW),
        "publish": lambda: out(cast, row),
        "verify": lambda: publication.verify(actor=owner, deliverable=row, ticks=TICKS, now=NOW),
        "cancel": lambda: review.cancel(actor=owner, deliverable=row, reason="Le produit est arrêté.", now=NOW),
        "reopen": lambda: review.reopen(actor=owner, deliverable=row, due_on=(NOW + timedelta(9)).date(), now=NOW),
    }
    for state in DELIVERABLE.states:
        for verb, call in calls.items():
            if state in DELIVERABLE.transition(verb).sources:
                continue
            Deliverable.objects.filter(pk=row.pk).update(state=state, rounds_used=0)
            row.refresh_from_db()
            with pytest.raises(WrongState):
                call()
            assert Deliverable.objects.get(pk=row.pk).state == state, (state, verb)


def test_sides_keep_to_their_own(cast: Cast, deal: Partnership) -> None:
    row, guest = first(deal), cast.actor(cast.viewer)
    with pytest.raises(NotAllowed):
        review.submit_draft(actor=cast.actor(cast.owner), deliverable=row, text="x")
    shown(cast, row)
    for actor in (lea(cast), guest):
        with pytest.raises(NotAllowed):
            review.approve(actor=actor, deliverable=row)
    other = creator_actor(cast.tom, cast.tom_user)
    with pytest.raises(NotAllowed):
        review.submit_draft(actor=other, deliverable=row, text="x")
    assert not Deliverable.visible_to(other).exists()
    assert not Deliverable.visible_to(cast.actor(cast.other_owner)).exists()
    assert Deliverable.visible_to(lea(cast)).count() == 3


def test_no_publication_before_the_review_unless_none_was_agreed(cast: Cast) -> None:
    with pytest.raises(WrongState, match="draft first"):
        out(cast, first(accepted(cast)))
    Partnership.objects.all().delete()
    free = first(accepted(cast, rounds=0))
    assert out(cast, free).verdict == "clear" and free.state == "published"


def test_guards_of_other_parts_hold_publication_back(
    cast: Cast, deal: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = first(deal)
    shown(cast, row)
    review.approve(actor=cast.actor(cast.owner), deliverable=row, now=NOW)
    before = dict(publication_rules._GUARDS)
    try:
        publication_rules.register("test", lambda partnership, now: [Block("contract_required", "Art. 8: sign first.")])
        with pytest.raises(WrongState, match=r"Art\. 8") as refused:
            out(cast, row)
        assert refused.value.code == "contract_required"
        assert Deliverable.objects.get(pk=row.pk).state == "approved"
        publication_rules.register("test", lambda partnership, now: [Block("near", "Nearly there.", warning=True)])
        assert out(cast, row).verdict == "clear"
    finally:
        publication_rules._GUARDS.clear()
        publication_rules._GUARDS.update(before)


def test_a_flag_is_raised_mended_or_waived_and_only_clear_is_verified(cast: Cast, deal: Partnership) -> None:
    owner, row = cast.actor(cast.owner), first(deal)
    shown(cast, row)
    review.approve(actor=owner, deliverable=row, now=NOW)
    out(cast, row, "Trois matins avec ce savon #publicité")
    assert row.newest_check.verdict == "ambiguous"
    with pytest.raises(WrongState, match="not clear"):
        publication.verify(actor=owner, deliverable=row, ticks=TICKS, now=NOW)
    publication.waive(actor=owner, deliverable=row, reason="Story déjà expirée, rappel fait au téléphone.", now=NOW)
    assert row.waived_by == "Owner" and row.state == "published"
    with pytest.raises(WrongState):
        publication.verify(actor=owner, deliverable=row, ticks=TICKS, now=NOW)
    seen = row.newest_check
    publication.correct(actor=lea(cast), deliverable=row, caption=GOOD, toggle=True, now=NOW + timedelta(hours=1))
    assert row.newest_check.verdict == "clear" and row.waived_at is None
    with pytest.raises(WrongState) as refused:
        publication.verify(actor=owner, deliverable=row, ticks=TICKS, check_id=seen.pk, now=NOW)
    assert refused.value.code == "changed"
    publication.verify(actor=owner, deliverable=row, ticks=TICKS, now=NOW)
    kinds = list(Event.objects.filter(kind__startswith="disclosure.").values_list("kind", flat=True))
    assert kinds == ["disclosure.flagged", "disclosure.resolved", "disclosure.resolved"]
    with pytest.raises(WrongState):
        publication.correct(actor=lea(cast), deliverable=row, caption="autre chose", now=NOW)


def test_a_hidden_label_is_kept_as_evidence(cast: Cast, deal: Partnership) -> None:
    row = first(deal)
    shown(cast, row)
    review.approve(actor=cast.actor(cast.owner), deliverable=row, now=NOW)
    found = out(cast, row, "Collaboration com\u200bmerciale – Alma Botanica")
    assert found.verdict == "ambiguous" and "\u200b" in found.text


def test_late_is_told_once_and_missed_after_three_days(cast: Cast, deal: Partnership) -> None:
    row = first(deal)
    shown(cast, Deliverable.objects.get(partnership=deal, number=2))
    assert deadlines.watch_due(now=datetime(2026, 12, 1, 20, tzinfo=UTC)) == 0
    # Paris has begun 2 December while UTC has not.
    assert deadlines.watch_due(now=datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == 2
    assert deadlines.watch_due(now=datetime(2026, 12, 2, 9, tzinfo=UTC)) == 0
    assert deadlines.watch_due(now=datetime(2026, 12, 4, 9, tzinfo=UTC)) == 0
    assert deadlines.watch_due(now=datetime(2026, 12, 5, 9, tzinfo=UTC)) == 2
    states = dict(Deliverable.objects.filter(partnership=deal).values_list("number", "state"))
    assert states == {1: "missed", 2: "draft_submitted", 3: "missed"}
    kinds = Event.objects.filter(object_id=str(row.pk)).values_list("kind", flat=True)
    assert list(kinds) == ["deliverable.late", "deliverable.missed"]
    with pytest.raises(InvalidInput):
        review.reopen(actor=cast.actor(cast.owner), deliverable=row, due_on=NOW.date(), now=NOW)
    row.refresh_from_db()
    review.reopen(actor=cast.actor(cast.owner), deliverable=row, due_on=(NOW + timedelta(30)).date(), now=NOW)
    assert row.state == "planned"


def test_pieces_end_with_their_partnership(cast: Cast, deal: Partnership) -> None:
    progress.cancel(actor=cast.actor(cast.owner), partnership=deal, reason="Le produit est retiré de la vente.")
    while drain():
        pass
    assert set(Deliverable.objects.filter(partnership=deal).values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(WrongState):
        shown(cast, first(deal))


def test_a_guest_advises_and_decides_nothing(cast: Cast, deal: Partnership) -> None:
    row = first(deal)
    shown(cast, row)
    link, token = review.invite_guest(actor=cast.actor(cast.owner), deliverable=row, name="Juriste", days=2, now=NOW)
    opened = review.open_guest_link(token=token, now=NOW + timedelta(days=1))
    assert opened is not None and token not in GuestLink.objects.values_list("token_hash", flat=True)
    draft = row.newest_draft
    for _click in range(2):
        review.guest_remark(link=opened, draft=draft, text="La mention est bonne.", opinion="approve", now=NOW)
    assert draft.remarks.count() == 1
    assert Deliverable.objects.get(pk=row.pk).state == "draft_submitted"
    assert review.open_guest_link(token=token, now=NOW + timedelta(days=3)) is None
    review.close_guest_link(actor=cast.actor(cast.owner), link=link, now=NOW)
    assert review.open_guest_link(token=token, now=NOW) is None
    assert review.open_guest_link(token="nothing") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://www.instagram.com/p/x1/", "https://instagram.com.evil.io/p/x1", "https://evil.io/instagram.com/p",
        "https://user@www.instagram.com/p/x1", "https://www.instagram.com:8443/p/x1", "https://www.instagram.com/",
        "javascript:alert(1)", "https://notinstagram.com/p/x1", "", "https://ınstagram.com/p/x1", "https://[::1]/p/x",
    ],
)  # fmt: skip
def test_an_address_must_be_the_posts_own(url: str) -> None:
    with pytest.raises(InvalidInput):
        publication_address(url, "instagram")


def test_addresses_that_are_right(cast: Cast) -> None:
    assert publication_address(" www.instagram.com/p/x1 ", "instagram") == "https://www.instagram.com/p/x1"
    assert publication_address("https://vm.tiktok.com/ZM1/", "tiktok")
    assert publication_address("https://youtu.be/abc", "youtube")
    assert video_address("") == ""
    for url in ("https://127.0.0.1/v", "https://2130706433/v", "https://printer.local/v", "ftp://a.io/v"):
        with pytest.raises(InvalidInput):
            video_address(url)


def test_files_are_known_by_their_bytes(cast: Cast, deal: Partnership) -> None:
    row = first(deal)
    assert kind_of(b"<svg xmlns=") == kind_of(b"GIF8") == kind_of(b"") == ""
    for name, body in (("a.png", b"<html>"), ("b.jpg", b"MZ\x90"), ("c.png", PNG + b"\0" * (9 << 20))):
        with pytest.raises(InvalidInput):
            shown(cast, row, files=[SimpleUploadedFile("ok.png", PNG), SimpleUploadedFile(name, body)])
    for name, body in (("clip.mp4", b"\0\0\0\x20ftypisom" + b"\0" * (9 << 20)), ("a.png", b"\x1aE\xdf\xa3webm")):
        with pytest.raises(InvalidInput) as refused:
            shown(cast, row, files=[SimpleUploadedFile(name, body)])
        assert name in str(refused.value.fields) and "video" in str(refused.value.fields)
    assert not row.files.exists() and not row.drafts.exists() and row.state == "planned"


@pytest.mark.django_db(transaction=True)
def test_eight_answers_at_once_have_one_winner(cast: Cast) -> None:
    row = first(accepted(cast, rounds=2))
    shown(cast, row)
    owner, barrier, results = cast.actor(cast.owner), threading.Barrier(8), []

    def answer(index: int) -> None:
        mine = Deliverable.objects.get(pk=row.pk)
        barrier.wait()
        try:
            if index % 2:
                review.approve(actor=owner, deliverable=mine, now=NOW)
            else:
                review.request_changes(actor=owner, deliverable=mine, note="Une phrase à changer.", now=NOW)
            results.append("won")
        except DomainError as error:
            results.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["won"] + ["wrong_state"] * 7 or sorted(results) == ["wrong_state"] * 7 + ["won"]
    row.refresh_from_db()
    assert row.state in ("approved", "changes_requested")
    assert row.rounds_used == (row.state == "changes_requested")
    assert Event.objects.filter(object_id=str(row.pk)).count() == 2
    assert connection.vendor == "postgresql"
