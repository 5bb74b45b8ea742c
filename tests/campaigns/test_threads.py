"""Threads: whose turn it is, one tap once, and mail that comes in, honest or not."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import events
from accounts.actors import creator_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Event, Mail, Membership
from accounts.services.creators import object_to_contact
from campaigns import inbox
from campaigns.mailtext import own_words, said_in, to_text
from campaigns.models import Message, Partnership, ReceivedMail, Thread
from campaigns.replies import read_address, reply_address
from campaigns.services import messages
from campaigns.services.inbound import receive
from campaigns.services.links import new_link
from tests.campaigns.conftest import SENTENCES, Stage, build, days
from tests.campaigns.test_races import fresh, race, winners
from tests.cast import Cast

DOMAIN = "reply.example.org"


@pytest.fixture(autouse=True)
def _replies() -> Iterator[None]:
    with override_settings(REPLY_DOMAIN=DOMAIN, INBOUND_SECRET="a-secret-of-the-test", INBOUND_AUTHSERV=""):
        yield


@pytest.fixture
def deal(stage: Stage) -> Partnership:
    return stage.invite(stage.cast.lea)


def say(stage: Stage, deal: Partnership, text: str, side: str = "brand", **options: Any) -> Message:
    actor = stage.owner if side == "brand" else stage.link_actor(deal)
    return messages.write(actor=actor, partnership=fresh(deal), text=text, **options)


def settle() -> None:
    while events.drain():
        pass


@pytest.mark.django_db
def test_turns_and_reply_times(stage: Stage, deal: Partnership) -> None:
    start = timezone.now() - days(3)
    assert say(stage, deal, "Does blue suit you?", now=start).reply_seconds is None
    assert say(stage, deal, "Or green?", now=start + timedelta(hours=1)).reply_seconds is None
    thread = Thread.objects.get()
    assert (thread.waiting, thread.waiting_since) == ("creator", start)
    reply = say(stage, deal, "Green.", "creator", now=start + timedelta(hours=5))
    assert reply.reply_seconds == 5 * 3600
    assert say(stage, deal, "And thank you.", "creator", now=start + timedelta(hours=6)).reply_seconds is None
    thread.refresh_from_db()
    assert (thread.waiting, thread.waiting_since) == ("brand", start + timedelta(hours=5))
    assert inbox.reply_times(stage.owner)["creator"].median == timedelta(hours=5)
    messages.settle(actor=stage.owner, partnership=deal)
    assert Thread.objects.get().waiting == ""
    assert not Event.objects.filter(object_type="message", data__icontains="Green").exists()  # no words in events


@pytest.mark.django_db
def test_a_ready_answer_counts_once(stage: Stage, deal: Partnership) -> None:
    ask = say(stage, deal, "Which size?", asks="choice", options=["S", " M ", "M", "L"])
    assert ask.options == ["S", "M", "L"]
    link = stage.link_actor(deal)
    with pytest.raises(InvalidInput):
        messages.answer(actor=link, message=ask, value="XL")
    with pytest.raises(NotAllowed):
        messages.answer(actor=stage.owner, message=ask, value="S")
    assert messages.answer(actor=link, message=ask, value="M").answers_id == ask.pk
    with pytest.raises(WrongState):
        messages.answer(actor=link, message=ask, value="L")
    when = say(stage, deal, "When?", asks="day")
    for wrong in ("soon", "", "2030-02-30"):
        with pytest.raises(InvalidInput):
            messages.answer(actor=link, message=when, value=wrong)
    assert "2030" in messages.answer(actor=link, message=when, value="2030-02-03").text
    for options in ([], ["one"], list("abcdefg"), ["x", "x"]):
        with pytest.raises(InvalidInput):
            say(stage, deal, "Which?", asks="choice", options=options)


@pytest.mark.django_db
def test_what_is_not_written(stage: Stage, deal: Partnership) -> None:
    for text in ("", " \n\u200b ", "x" * 5001, "Hello {{first_name}}, how are you?"):
        with pytest.raises(InvalidInput):
            say(stage, deal, text)
    for _turn in range(30):
        say(stage, deal, "One more thing.")
    with pytest.raises(WrongState):
        say(stage, deal, "And another.")
    listed = stage.shortlist(stage.cast.tom)
    with pytest.raises(WrongState):
        messages.write(actor=stage.owner, partnership=listed, text="Hello there")
    object_to_contact(actor=stage.link_actor(deal), creator=deal.creator)
    with pytest.raises(WrongState) as caught:
        say(stage, deal, "One last thing.", now=timezone.now() + days(1))
    assert caught.value.code == "objection"
    say(stage, deal, "You may stop now.", "creator")


@pytest.mark.django_db
def test_who_reads_and_writes(stage: Stage, deal: Partnership) -> None:
    cast = stage.cast
    row = say(stage, deal, "Between us.")
    for stranger in (cast.actor(cast.other_owner), creator_actor(cast.tom), cast.actor(cast.staff)):
        assert not Message.visible_to(stranger).exists()
        with pytest.raises(NotAllowed):
            messages.write(actor=creator_actor(cast.tom), partnership=deal, text="Hello there")
    with pytest.raises(NotAllowed):
        messages.write(actor=cast.actor(cast.viewer), partnership=deal, text="Hello there")
    assert Message.visible_to(stage.link_actor(deal)).get() == row
    member = Membership.objects.get(user=cast.manager)
    assert messages.assign(actor=stage.owner, partnership=deal, user_id=member.user_id).assigned_to == cast.manager
    for wrong in (cast.other_owner.pk, cast.viewer.pk, 999_999):
        with pytest.raises(InvalidInput):
            messages.assign(actor=stage.owner, partnership=deal, user_id=wrong)
    say(stage, deal, "Yes.", "creator")
    settle()
    assert Mail.objects.get(kind="partnership_message_sent", text__contains="Yes.").to == "manager@example.org"


@pytest.mark.django_db
def test_put_off_until_the_creator_writes(stage: Stage, deal: Partnership) -> None:
    say(stage, deal, "A question?", "creator")
    assert inbox.counts(stage.owner)["waiting"] == 1
    messages.snooze(actor=stage.owner, partnership=deal, until=timezone.now() + days(3))
    assert (inbox.counts(stage.owner)["waiting"], inbox.counts(stage.owner)["snoozed"]) == (0, 1)
    say(stage, deal, "Are you there?", "creator")
    assert inbox.counts(stage.owner)["waiting"] == 1
    for wrong in (timezone.now() - days(1), timezone.now() + days(400)):
        with pytest.raises(InvalidInput):
            messages.snooze(actor=stage.owner, partnership=deal, until=wrong)


# --- addresses


@pytest.mark.django_db
def test_a_reply_address_cannot_be_made_up(stage: Stage, deal: Partnership) -> None:
    address = reply_address(deal.pk, stage.cast.owner.pk)
    assert len(address.partition("@")[0]) <= 64
    for shown in (address, address.upper(), f" {address} "):
        assert read_address(shown).user_id == stage.cast.owner.pk  # type: ignore[union-attr]
    local, _at, domain = address.partition("@")
    for place in range(2, len(local)):
        forged = local[:place] + ("a" if local[place] != "a" else "b") + local[place + 1 :]
        assert read_address(f"{forged}@{domain}") is None, place
    for wrong in (
        "",
        "r.@x",
        f"{local}@evil.example",
        f"r.{'a' * 48}@{DOMAIN}",
        f"{local[:-1]}@{DOMAIN}",
        "r.é@" + DOMAIN,
    ):
        assert read_address(wrong) is None
    with override_settings(REPLY_DOMAIN=""):
        assert reply_address(deal.pk) == "" and read_address(address) is None


# --- mail coming in


def mail(
    deal: Partnership, text: str, *, sender: str = "lea@example.org", user: int = 0, **headers: str
) -> EmailMessage:
    made = EmailMessage()
    made["From"] = headers.pop("From", f"Somebody <{sender}>")
    made["To"] = headers.pop("To", reply_address(deal.pk, user))
    made["Message-ID"] = headers.pop("Message_ID", f"<{abs(hash((text, sender)))}@mail.example>")
    made["Subject"] = "Re: hello"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


QUOTED = """Oui, la taille M.

Merci
Léa

Le lun. 3 mars 2026 à 10:12, Alma Botanica <r.x@reply.example.org> a
écrit :
> Quelle taille ?
> Alma
"""


@pytest.mark.django_db
def test_an_answer_by_mail_arrives_without_what_it_quotes(stage: Stage, deal: Partnership) -> None:
    say(stage, deal, "Quelle taille ?")
    raw = mail(deal, QUOTED).as_bytes()
    assert receive(raw).outcome == "kept"
    row = Message.objects.get(channel="mail")
    assert row.text == "Oui, la taille M.\n\nMerci\nLéa" and row.side == "creator" and row.reply_seconds is not None
    assert receive(raw).outcome == "duplicate" and Message.objects.count() == 2
    settle()
    letter = Mail.objects.get(kind="partnership_message_sent", text__contains="taille M", to="owner@example.org")
    assert read_address(letter.reply_to).user_id == stage.cast.owner.pk  # type: ignore[union-attr]
    back = mail(deal, "Parfait.", sender="owner@example.org", user=stage.cast.owner.pk)
    assert receive(back.as_bytes()).outcome == "kept"
    assert Message.objects.get(text="Parfait.").author == stage.cast.owner


@pytest.mark.django_db
def test_forged_and_foreign_senders(stage: Stage, deal: Partnership) -> None:
    owner = stage.cast.owner.pk
    assert receive(mail(deal, "From another address.", sender="lea@private.example").as_bytes()).outcome == "held"
    held = Message.objects.get(held=True)
    assert (
        not Message.visible_to(stage.link_actor(deal)).exists() and Thread.objects.filter(waiting="brand").count() == 0
    )
    settle()
    assert not Mail.objects.filter(kind="partnership_message_sent").exists()
    assert (
        receive(mail(deal, "I am the brand.", sender="evil@example.org", user=owner).as_bytes()).outcome
        == "unknown_sender"
    )
    assert receive(mail(deal, "I am nobody.", user=424242).as_bytes()).outcome == "unknown_sender"
    Membership.objects.filter(user=stage.cast.owner).update(suspended_at=timezone.now())
    gone = mail(deal, "I left.", sender="owner@example.org", user=owner)
    assert receive(gone.as_bytes()).outcome == "unknown_sender"
    assert receive(mail(deal, "Where?", To=f"r.{'a' * 48}@{DOMAIN}").as_bytes()).outcome == "unknown_address"
    with override_settings(INBOUND_AUTHSERV="mx.alma.example"):
        unsigned = mail(deal, "No proof.")
        faked = mail(deal, "A proof of my own.", Authentication_Results="mx.evil.example; dmarc=pass")
        proved = mail(deal, "With a proof.", Authentication_Results="mx.alma.example; spf=pass; dmarc=pass")
        assert [receive(one.as_bytes()).outcome for one in (unsigned, faked, proved)] == ["held", "held", "kept"]
    messages.let_in(actor=stage.cast.actor(stage.cast.manager), message=held)
    assert Message.visible_to(stage.link_actor(deal)).filter(pk=held.pk).exists()


@pytest.mark.django_db
def test_machines_are_not_answered(stage: Stage, deal: Partnership) -> None:
    automatic: list[dict[str, str]] = [
        {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"}, {"List_Id": "x"},
    ]  # fmt: skip
    for number, headers in enumerate(automatic):
        made = mail(deal, f"I am away {number}.", **headers)
        assert receive(made.as_bytes()).outcome == "automatic"
    assert receive(mail(deal, "> only a quotation").as_bytes()).outcome == "empty"
    assert receive(b"x" * 2_000_001).outcome == "too_large"
    assert not Message.objects.exists() and ReceivedMail.objects.count() == 6


@pytest.mark.django_db
def test_attachments_are_named_and_html_becomes_text(stage: Stage, deal: Partnership) -> None:
    made = mail(deal, "See the pictures.")
    made.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="virus<1>.exe")
    assert receive(made.as_bytes()).message.left_out == ["virus<1>.exe"]  # type: ignore[union-attr]
    html = mail(deal, "x", Message_ID="<h@x>")
    html.set_content(
        "<p>Hello &amp; <b>thanks</b><script>alert(1)</script></p><p>Bye</p>"
        '<div class="gmail_quote">On Monday wrote: <blockquote>old</blockquote></div>',
        subtype="html",
    )
    text = receive(html.as_bytes()).message.text  # type: ignore[union-attr]
    assert "Hello & thanks" in text and "alert" not in text and "old" not in text and "<" not in text


@pytest.mark.django_db
def test_when_it_is_over_mail_ends_quietly(stage: Stage, deal: Partnership) -> None:
    Partnership.objects.filter(pk=deal.pk).update(state="declined", state_changed_at=timezone.now() - days(200))
    assert receive(mail(deal, "Hello again.").as_bytes()).outcome == "closed"
    assert receive(mail(deal, "Hello again.").as_bytes()).outcome == "duplicate"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"From: a\nTo: "]),
)
def test_no_bytes_break_it(db: None, body: bytes, head: bytes) -> None:
    assert receive(head + body).outcome in (
        "unknown_address", "automatic", "duplicate", "unreadable", "empty", "unknown_sender",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes.\n\nOn Mon, 3 Mar 2026 at 10:00, Alma <a@b.c> wrote:\n> x", "Yes."),
        ("Oui.\n-----Message d'origine-----\nDe : Alma", "Oui."),
        ("Oui.\nDe : Alma <a@b>\nEnvoyé : lundi\nÀ : moi\nObjet : x", "Oui."),
        ("De : deux à trois heures, pas plus.\nCela vous va ?", "De : deux à trois heures, pas plus.\nCela vous va ?"),
        ("From: nine to five I am away.\nThanks", "From: nine to five I am away.\nThanks"),
        ("Bien reçu\n-- \nLéa Martin\n06 00", "Bien reçu"),
        ("ok\n\nSent from my iPhone", "ok"),
        ("Non\n—— Répondez au-dessus de cette ligne ——\nBonjour Léa", "Non"),
        ("Le prix me va.\nLe délai aussi.", "Le prix me va.\nLe délai aussi."),
        ("> quoted\nmy answer below\n> quoted", "my answer below"),
    ],
)
def test_what_somebody_wrote_themselves(text: str, kept: str) -> None:
    assert own_words(text) == kept


def test_html_of_any_kind_is_read_in_time() -> None:
    for html in ("<" * 50_000, "<div>" * 20_000, "<blockquote>" * 5_000 + "x", "&" * 50_000):
        to_text(html)
    nested = EmailMessage()
    nested.set_content("x")
    assert said_in(nested).text == "x"


# --- doors


@pytest.mark.django_db
def test_the_two_doors_for_mail(
    stage: Stage, deal: Partnership, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    client, page = stage.cast.browser(None), reverse("mail_inbound")
    raw = mail(deal, "By post.").as_bytes()
    post = {"data": raw, "content_type": "message/rfc822"}
    assert client.post(page, **post).status_code == 401
    assert client.post(page, headers={"Authorization": "Bearer wrong"}, **post).status_code == 401
    good = {"Authorization": "Bearer a-secret-of-the-test"}
    assert client.post(page, headers=good, **post).json() == {"outcome": "kept"}
    assert client.post(page, headers=good, **post).json() == {"outcome": "duplicate"}
    form = mail(deal, "As a form.").as_string()
    assert client.post(page, {"body-mime": form}, headers=good).json() == {"outcome": "kept"}
    assert client.get(page).status_code == 405
    with override_settings(INBOUND_SECRET=""):
        assert client.post(page, headers={"Authorization": "Bearer "}, **post).status_code == 404
    piped = mail(deal, "By pipe.", To="alias@example.org").as_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    call_command("receive_mail", "--to", reply_address(deal.pk))
    assert "kept" in capsys.readouterr().out


@pytest.mark.django_db
def test_pages_of_both_sides_show_hostile_text_as_text(stage: Stage, deal: Partnership) -> None:
    evil = "<img src=x1 onerror=alert(1)> {% include 'x' %} javascript:alert(1)".replace("{% include 'x' %} ", "")
    brand, link = stage.cast.browser(stage.cast.owner, "fr"), new_link(deal)
    creator = stage.cast.browser(None)
    assert creator.post(reverse("invitation_message", args=[link]), {"text": evil}).status_code == 302
    for page in (
        reverse("thread", args=[deal.pk]),
        reverse("inbox_list"),
        reverse("partnership_detail", args=[deal.pk]),
    ):
        response = brand.get(page)
        assert response.status_code == 200 and "<img src=x1" not in response.content.decode()
    assert brand.get(reverse("inbox_list"), {"folder": "../x"}).status_code == 200
    ask = reverse("partnership_message", args=[deal.pk])
    assert brand.post(ask, {"text": "M ou L ?", "asks": "choice", "options": "M, L"}).status_code == 302
    assert brand.post(ask, {"text": "", "asks": "choice"}).status_code == 422
    question = Message.objects.get(asks="choice")
    tap = reverse("invitation_message_answer", args=[link, question.pk])
    assert [creator.post(tap, {"value": "M"}).status_code for _turn in range(2)] == [302, 302]
    assert Message.objects.filter(answers=question).count() == 1
    other = stage.invite(stage.cast.tom, SENTENCES[1])
    foreign = reverse("invitation_message_answer", args=[new_link(other), question.pk])
    assert creator.post(foreign, {"value": "M"}).status_code == 404
    assert stage.cast.browser(stage.cast.viewer).get(reverse("inbox_list")).status_code == 403
    sort = reverse("thread_sort", args=[deal.pk])
    for wish in ({"do": "assign", "user": "1e9"}, {"do": "snooze", "days": "3"}, {"do": "wake"}, {"do": "settle"}, {}):
        assert brand.post(sort, wish).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_eight_taps_and_eight_copies_of_one_mail(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    deal = stage.invite(cast.lea)
    ask = say(stage, deal, "Shall we?", asks="yes_no")
    link = stage.link_actor(deal)

    def tap() -> Any:
        return messages.answer(
            actor=link, message=Message.objects.select_related("partnership").get(pk=ask.pk), value="yes"
        )

    assert len(winners(race(*[tap] * 8))) == 1
    raw = mail(deal, "One mail, eight times.").as_bytes()
    outcomes = [found.outcome for found in race(*[lambda: receive(raw)] * 8)]
    assert sorted(outcomes) == ["duplicate"] * 7 + ["kept"]
    assert Message.objects.count() == 3
