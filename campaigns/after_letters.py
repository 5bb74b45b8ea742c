"""Mail about contracts, payments, rights and debriefs: who is written to, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mail import queue_mail
from accounts.models import Event
from accounts.templatetags.figures import day, money
from accounts.zone import zone
from campaigns.letters import Letter
from campaigns.models import Contract, Partnership, Payment, UsageRight
from campaigns.notifications import Reader, brand_readers, creator_readers
from campaigns.services.links import new_link

Write = Callable[[Event, dict[str, str]], Letter]


def notify_contract(event: Event) -> int:
    """Queues what an event of a contract asks for; the same event twice queues nothing twice."""
    contract = (
        Contract.objects.select_related("partnership__campaign__brand", "partnership__creator__source")
        .filter(pk=event.object_id)
        .first()
    )
    if contract is None:
        return 0
    kind = event.kind.partition(".")[2]
    by = str(event.data.get("side") or "brand")
    other = "creator" if by == "brand" else "brand"
    waiting = [side for side in ("brand", "creator") if not contract.signatures.filter(side=side).exists()]
    plans: dict[str, list[tuple[str, Write]]] = {
        "sent": [("creator", _sent)],
        "signed_by_one": [(other, _signed)],
        "reminded": [(side, _reminded) for side in waiting],
        "sealed": [("creator", _sealed), ("brand", _sealed)],
        "voided": [(other, _voided)] if contract.sent_at else [],
        "terminated": [(other, _terminated)],
    }
    names = {"reference": contract.reference}
    page = reverse("contract_detail", args=[contract.pk])
    return sum(
        send(event, contract.partnership, side, write, brand_path=page, creator_step="contract/", names=names)
        for side, write in plans.get(kind, [])
    )


def send(
    event: Event,
    partnership: Partnership,
    side: str,
    write: Write,
    *,
    brand_path: str,
    creator_step: str = "",
    names: dict[str, str] | None = None,
) -> int:
    """Queues one letter per reader of a side. creator_step: the page behind their link. Returns how many."""
    if partnership.creator.erased_at:
        return 0
    readers = brand_readers(partnership) if side == "brand" else creator_readers(partnership)
    words = {"brand": partnership.campaign.brand.name, "creator": partnership.creator.display_name}
    words |= {"campaign": partnership.campaign.name} | (names or {})
    for reader in readers:
        _queue(event, partnership, replace(reader, url=settings.BASE_URL + brand_path), write, words, creator_step)
    return len(readers)


def _queue(
    event: Event, partnership: Partnership, reader: Reader, write: Write, names: dict[str, str], step: str
) -> None:
    if reader.side == "creator":
        base = settings.BASE_URL + reverse("invitation", args=[new_link(partnership, now=event.at)])
        reader = replace(reader, url=f"{base}{step}", stop_url=f"{base}stop/")
    with translation.override(reader.language), timezone.override(zone(partnership.campaign.workspace.timezone)):
        letter = write(event, names)
        context = {"letter": letter, "reader": reader, "brand": names["brand"], "language": reader.language}
        queue_mail(
            dedupe_key=f"after:{event.pk}:{reader.side}:{reader.address}"[:160],
            kind=event.kind.replace(".", "_")[:40],
            to=reader.address,
            subject=letter.subject,
            text=render_to_string("emails/letter.txt", context),
            html=render_to_string("emails/letter.html", context),
            language=reader.language,
            workspace_id=partnership.campaign.workspace_id,
            at=event.at,
        )


def _sent(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("Your contract with %(brand)s, to read and sign") % names,
        paragraphs=(
            _("%(brand)s sends you the contract for what you both agreed.") % names,
            _(
                "Read it on your phone, and sign with a code sent to this address. You may also refuse it, with a reason."
            ),
        ),
        facts=((_("Contract"), names["reference"]),),
        button=_("Read and sign"),
    )


def _signed(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("The contract between %(brand)s and %(creator)s is signed by the other side") % names,
        paragraphs=(_("Your signature is missing. Read the contract and sign with a code sent by mail."),),
        facts=((_("Contract"), names["reference"]),),
        button=_("Read and sign"),
    )


def _reminded(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("The contract between %(brand)s and %(creator)s waits for your signature") % names,
        paragraphs=(_("Nothing can be published where the law asks for this contract first."),),
        facts=((_("Contract"), names["reference"]),),
        button=_("Read and sign"),
    )


def _sealed(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("Signed by both: the contract between %(brand)s and %(creator)s") % names,
        paragraphs=(
            _("Your copy is ready: the contract with its certificate, sealed against changes."),
            _("Keep the file. Anybody can check it on the verification page."),
        ),
        facts=((_("Contract"), names["reference"]), ("SHA-256", str(event.data.get("sha256", "")))),
        button=_("Download the signed contract"),
    )


def _voided(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("The contract between %(brand)s and %(creator)s is not going ahead") % names,
        paragraphs=(_("It was taken back or refused before both had signed. This is the reason given:"),),
        quote=str(event.data.get("reason") or ""),
        quoted=names["brand"] if event.data.get("side") == "brand" else names["creator"],
        button=_("Open the page"),
    )


def _terminated(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("The contract between %(brand)s and %(creator)s is ended") % names,
        paragraphs=(_("What was delivered and approved stays due. This is the reason given:"),),
        quote=str(event.data.get("reason") or ""),
        quoted=names["brand"] if event.data.get("side") == "brand" else names["creator"],
        button=_("Open the page"),
    )


def notify_payment(event: Event) -> int:
    payment = (
        Payment.objects.select_related("partnership__campaign__brand", "partnership__creator__source")
        .filter(pk=event.object_id)
        .first()
    )
    if payment is None:
        return 0
    kind = event.kind.partition(".")[2]
    plans: dict[str, list[tuple[str, Write]]] = {
        "due": [("brand", _payment_due)],
        "late": [("brand", _payment_late)],
        "sent": [("creator", _payment_sent)],
        "received": [("brand", _payment_received)],
        "disputed": [("brand", _payment_disputed)],
    }
    names = {
        "amount": money(payment.amount, payment.currency),
        "note": payment.note,
        "reference": payment.reference,
        "due": str(payment.due_on or ""),
    }
    return sum(
        send(event, payment.partnership, side, write, brand_path=reverse("payment_list"), names=names)
        for side, write in plans.get(kind, [])
    )


def notify_right(event: Event) -> int:
    right = (
        UsageRight.objects.select_related("partnership__campaign__brand", "partnership__creator__source")
        .filter(pk=event.object_id)
        .first()
    )
    if right is None:
        return 0
    write = _right_ending if event.kind == "right.ending" else _right_ended
    path = reverse("partnership_detail", args=[right.partnership_id])
    names = {"scope": right.scope, "until": day(right.ends_on)}
    return sum(
        send(event, right.partnership, side, write, brand_path=path, names=names) for side in ("brand", "creator")
    )


def notify_debrief(event: Event) -> int:
    """At the end both sides are asked to look back."""
    partnership = (
        Partnership.objects.select_related("campaign__brand", "creator__source").filter(pk=event.object_id).first()
    )
    if partnership is None:
        return 0
    path = reverse("partnership_debrief", args=[partnership.pk])
    return sum(
        send(event, partnership, side, _debrief, brand_path=path, creator_step="debrief/")
        for side in ("brand", "creator")
    )


def _payment(subject: str, text: str, names: dict[str, str], **more: str) -> Letter:
    return Letter(
        subject=subject % names,
        paragraphs=(text % names,),
        facts=((_("Amount"), names["amount"]),),
        button=_("Open the page"),
        **more,  # type: ignore[arg-type]
    )


def _payment_due(event: Event, names: dict[str, str]) -> Letter:
    return _payment(_("Payment due to %(creator)s"), _("What you agreed for “%(campaign)s” is due."), names)


def _payment_late(event: Event, names: dict[str, str]) -> Letter:
    text = _("What you agreed for “%(campaign)s” was due on %(due)s and is not marked as paid.")
    return _payment(_("Payment to %(creator)s is late"), text, names)


def _payment_sent(event: Event, names: dict[str, str]) -> Letter:
    text = _(
        "%(brand)s says that your pay for “%(campaign)s” was sent. Confirm it once it is there, or say what is wrong."
    )
    return _payment(_("%(brand)s has paid you"), text, names)


def _payment_received(event: Event, names: dict[str, str]) -> Letter:
    return _payment(_("%(creator)s has received the payment"), _("The payment for “%(campaign)s” is settled."), names)


def _payment_disputed(event: Event, names: dict[str, str]) -> Letter:
    text = _("%(creator)s says that something is wrong with the payment for “%(campaign)s”:")
    return _payment(_("%(creator)s disputes a payment"), text, names, quote=names["note"], quoted=names["creator"])


def _right_ending(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("Usage rights end soon: %(campaign)s") % names,
        paragraphs=(
            _("%(brand)s may use the content of %(creator)s as agreed until %(until)s.") % names,
            _("To go on afterwards, agree an amendment first."),
        ),
        facts=((_("Usage rights"), names["scope"]),),
        button=_("Open the page"),
    )


def _right_ended(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("Usage rights have ended: %(campaign)s") % names,
        paragraphs=(_("From now on the content of %(creator)s is no longer used by %(brand)s.") % names,),
        facts=((_("Usage rights"), names["scope"]),),
        button=_("Open the page"),
    )


def _debrief(event: Event, names: dict[str, str]) -> Letter:
    return Letter(
        subject=_("Looking back on “%(campaign)s”: one minute") % names,
        paragraphs=(
            _("The partnership between %(brand)s and %(creator)s is completed. Four short questions, within two weeks.")
            % names,
            _("Each side reads the other's answers once both have written."),
        ),
        button=_("Look back"),
    )
