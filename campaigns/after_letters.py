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
from accounts.zone import zone
from campaigns.letters import Letter
from campaigns.models import Contract, Partnership
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
