"""Creators contest a datum or a score: who answers, what stays, who is kept out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from accounts import events
from accounts.actors import Actor, creator_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Event, Mail, Provenance
from campaigns.models import Dispute, DisputeEntry
from campaigns.services import disputes
from matching.models import Post, RescoreRequest
from tests.cast import Cast

WHY = "These followers are those of last year."


@pytest.fixture
def lea(cast: Cast) -> Actor:
    return creator_actor(cast.lea, cast.lea_user)


def key_of(cast: Cast) -> str:
    return f"account:{cast.lea.accounts.get().pk}"


def brought_by_alma(cast: Cast) -> None:
    source = Provenance.objects.create(
        kind="import", label="Alma's file", workspace=cast.alma, retrieved_at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    cast.lea.accounts.update(source=source)


def open_one(cast: Cast, lea: Actor, **given: str) -> Dispute:
    values = {"key": key_of(cast), "statement": WHY, "proposed": "14,200"} | given
    return disputes.open_dispute(actor=lea, creator=cast.lea, **values)


def test_who_brought_the_datum_answers_and_everything_stays(cast: Cast, lea: Actor):
    brought_by_alma(cast)
    row = open_one(cast, lea)
    assert (row.state, row.workspace, row.shown) == ("open", cast.alma, "12,000 followers")
    assert open_one(cast, lea, statement="A second click of the same").pk == row.pk
    owner = cast.actor(cast.owner)
    disputes.say(actor=owner, dispute=row, text="We look at the network again.")
    assert row.state == "answered"
    disputes.say(actor=lea, dispute=row, text="Thank you for looking at it.")
    disputes.decide(actor=owner, dispute=row, accept=True, text="Read anew: 14,200 it is.")
    assert row.state == "accepted" and row.closed_at is not None
    assert RescoreRequest.objects.filter(creator=cast.lea).exists()
    assert list(row.entries.values_list("side", "step")) == [
        ("creator", "open"), ("brand", "answered"), ("creator", ""), ("brand", "accepted")
    ]  # fmt: skip
    for again in (lambda: disputes.say(actor=lea, dispute=row, text="One more thing about it."),
                  lambda: disputes.decide(actor=owner, dispute=row, accept=False, text="No, after all not.")):  # fmt: skip
        with pytest.raises(WrongState):
            again()
    with pytest.raises(DatabaseError), transaction.atomic():
        DisputeEntry.objects.filter(dispute=row).update(text="Never said")
    kinds = list(Event.objects.filter(object_type="dispute").order_by("id").values_list("kind", flat=True))
    assert kinds == ["dispute.opened", "dispute.answered", "dispute.said", "dispute.accepted"]
    assert open_one(cast, lea).pk != row.pk  # closed: the same figure may be contested again


def test_scores_and_what_nobody_brought_go_to_those_who_run_the_installation(cast: Cast, lea: Actor):
    row = open_one(cast, lea)
    staff = cast.actor(cast.staff)
    assert row.workspace_id is None
    assert Dispute.visible_to(staff).get() == row
    assert not Dispute.visible_to(cast.actor(cast.owner)).exists()
    assert not Dispute.visible_to(creator_actor(cast.tom, cast.tom_user)).exists()
    disputes.decide(actor=staff, dispute=row, accept=False, text="The figure is the network's own of today.")
    assert row.state == "rejected"
    with pytest.raises(NotAllowed):
        disputes.say(actor=cast.actor(cast.viewer), dispute=row, text="Guests read, they do not answer.")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "account:",
        "account:99999999999",
        "score:engagement_rate",
        "score:' OR 1=1",
        "post:1",
        "post:x",
        "other ",
        "\x00",
    ],
)
def test_what_does_not_exist_cannot_be_contested(cast: Cast, lea: Actor, key: str):
    with pytest.raises(InvalidInput) as refused:
        open_one(cast, lea, key=key, statement="short")
    assert set(refused.value.fields) == {"subject", "statement"}


def test_only_the_creator_and_not_without_end(cast: Cast, lea: Actor):
    for actor in (cast.actor(cast.owner), creator_actor(cast.tom, cast.tom_user), cast.actor(cast.staff)):
        with pytest.raises(NotAllowed):
            disputes.open_dispute(actor=actor, creator=cast.lea, key="other", statement=WHY)
    for _k in range(disputes.RUNNING_MOST):
        open_one(cast, lea, key="other")
    with pytest.raises(WrongState):
        open_one(cast, lea, key="other")


def test_another_creators_post_is_not_theirs_to_contest(cast: Cast, lea: Actor):
    posts = [
        Post.objects.create(
            account=person.accounts.get(), platform="instagram", external_id=person.display_name,
            posted_at=datetime(2026, 5, 1, tzinfo=UTC), caption="Soup", source=cast.source,
            observed_at=datetime(2026, 6, 1, tzinfo=UTC), is_sponsored=True,
        )
        for person in (cast.lea, cast.tom)
    ]  # fmt: skip
    assert open_one(cast, lea, key=f"post:{posts[0].pk}").shown == "counted as sponsored"
    with pytest.raises(InvalidInput):
        open_one(cast, lea, key=f"post:{posts[1].pk}")


def test_letters_go_once_to_who_must_act(cast: Cast, lea: Actor):
    brought_by_alma(cast)
    row = open_one(cast, lea)
    events.drain()
    assert set(Mail.objects.filter(kind="dispute").values_list("to", flat=True)) == {
        "owner@example.org", "manager@example.org"
    }  # fmt: skip
    Mail.objects.all().delete()
    disputes.decide(actor=cast.actor(cast.owner), dispute=row, accept=False, text="It is what the network shows.")
    events.drain()
    letter = Mail.objects.get(kind="dispute")
    assert letter.to == "lea_user@example.org" and f"/profile/disputes/{row.pk}/" in letter.text


def test_pages_of_both_sides(cast: Cast, lea: Actor):
    brought_by_alma(cast)
    creator, brand = cast.browser(cast.lea_user), cast.browser(cast.owner)
    assert creator.get("/profile/disputes/?subject=score:charm%00").status_code == 200
    bad = creator.post("/profile/disputes/", {"subject": "account:1e9", "statement": "x"})
    assert bad.status_code == 422
    sent = creator.post(
        "/profile/disputes/", {"subject": key_of(cast), "statement": "<script>alert(1)</script> is wrong"}
    )
    row = Dispute.objects.get()
    assert sent.status_code == 302 and b"<script>alert" not in brand.get(f"/disputes/{row.pk}/").content
    # a creator who sends the answerer's own button only adds words
    creator.post(f"/profile/disputes/{row.pk}/", {"text": "I decide this myself", "decide": "accept"})
    row.refresh_from_db()
    assert row.state == "open"
    assert brand.post(f"/disputes/{row.pk}/", {"text": "", "decide": "accept"}).status_code == 422
    assert brand.post(f"/disputes/{row.pk}/", {"text": "Right, it was old.", "decide": "accept"}).status_code == 302
    page = cast.browser(cast.lea_user, "fr").get(f"/profile/disputes/{row.pk}/").content.decode()
    assert "Rectifié" in page and "owner@example.org" not in page and "Owner" not in page
