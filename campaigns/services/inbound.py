"""Mail that comes in for a thread. Whatever it is, it ends in one outcome, kept by Message-ID, and never in an error.

Trust: the address was signed by us and sent to one reader. From must be that reader's address, and where a mail
server of ours checked it (INBOUND_AUTHSERV), the check must have passed; else a creator's words are held for the
brand to judge, and a member's are not taken at all: nobody speaks for a brand by writing its name in a header.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, creator_actor, member_actor
from accounts.errors import DomainError
from accounts.models import Membership
from campaigns.mailtext import Said, said_in
from campaigns.models import Message, Partnership, ReceivedMail
from campaigns.models.messages import TEXT_MOST
from campaigns.replies import Address, read_address
from campaigns.services.messages import write
from campaigns.texts import one_line

logger = logging.getLogger(__name__)
RAW_MOST = 2_000_000
_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True, slots=True)
class Received:
    """outcome: kept, held, duplicate, automatic, unknown_address, unknown_sender, empty, closed, too_large, unreadable."""

    outcome: str
    message: Message | None = None


def receive(raw: bytes, *, recipients: Iterable[str] = (), now: datetime | None = None) -> Received:
    """One RFC 822 mail. recipients: envelope addresses, where the mail server tells them."""
    moment = now or timezone.now()
    if len(raw) > RAW_MOST:
        return Received("too_large")
    try:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        sender = parseaddr(str(mail.get("From", "")))[1].lower()[:254]
        key = one_line(str(mail.get("Message-ID", "")), 240) or hashlib.sha256(raw).hexdigest()
        to = [*recipients, *(address for _name, address in getaddresses(_headers(mail)))]
        automatic = _automatic(mail)
        said = Said("", ()) if automatic else said_in(mail)
        passed = _passed(mail)
    except (RecursionError, LookupError, ValueError, TypeError, IndexError, AttributeError) as error:
        logger.warning("mail could not be read: %r", error)  # the parser of the standard library has its own bugs
        return Received("unreadable")
    try:
        with transaction.atomic():
            row, fresh = ReceivedMail.objects.get_or_create(
                mail_id=key, defaults={"sender": sender, "outcome": "reading", "received_at": moment}
            )
            if not fresh:
                return Received("duplicate", row.kept)
            found = "automatic" if automatic else _deliver(to, sender, said, passed, moment)
            outcome, message = found if isinstance(found, tuple) else (found, None)
            ReceivedMail.objects.filter(pk=row.pk).update(outcome=outcome, kept=message)
    except DomainError as error:
        ReceivedMail.objects.get_or_create(
            mail_id=key, defaults={"sender": sender, "outcome": error.code[:20], "received_at": moment}
        )
        return Received("closed")
    return Received(outcome, message)


def _headers(mail: EmailMessage) -> list[str]:
    return [str(value) for name in _TO for value in mail.get_all(name, [])]


def _automatic(mail: EmailMessage) -> bool:
    """Absence notes, bounces and lists: answering or keeping them would start a loop."""
    submitted = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    returns = str(mail.get("Return-Path", "-")).strip()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "auto_reply", "list", "junk")
        or returns == "<>"
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id"))
        or mail.get_content_type() in ("multipart/report", "message/delivery-status")
    )


def _passed(mail: EmailMessage) -> bool:
    """Whether our mail server vouches for From. Without one that says so, the signed address alone has to do."""
    if not settings.INBOUND_AUTHSERV:
        return True
    results = [str(value) for value in mail.get_all("Authentication-Results", [])]
    ours = [text for text in results[:1] if text.strip().lower().startswith(settings.INBOUND_AUTHSERV.lower())]
    return any(re.search(r"\bdmarc=pass\b", text, re.IGNORECASE) for text in ours)


def _deliver(
    to: list[str], sender: str, said: Said, passed: bool, moment: datetime
) -> tuple[str, Message | None] | str:
    address = next(filter(None, map(read_address, to)), None)
    if address is None:
        return "unknown_address"
    row = (
        Partnership.objects.select_related("campaign__brand", "campaign__workspace", "creator__user")
        .filter(pk=address.partnership_id, creator__erased_at__isnull=True)
        .first()
    )
    if row is None:
        return "unknown_address"
    text = said.text[:TEXT_MOST].strip()
    if not text:
        return "empty"
    actor = _reader(row, address)
    if actor is None:
        return "unknown_sender"
    sure = passed and sender in _addresses(row, address)
    if not sure and actor.side == "brand":
        return "unknown_sender"
    if not sure:
        return "held", _hold(row, sender, text, said, moment)
    return "kept", write(actor=actor, partnership=row, text=text, channel="mail", left_out=said.left_out, now=moment)


def _reader(row: Partnership, address: Address) -> Actor | None:
    """Who was written to at this address, as far as they still have a part here."""
    if not address.user_id:
        return creator_actor(row.creator, partnership_id=row.pk)
    membership = (
        Membership.objects.select_related("user")
        .filter(user_id=address.user_id, workspace_id=row.campaign.workspace_id, suspended_at__isnull=True)
        .filter(user__is_active=True)
        .first()
    )
    return member_actor(membership) if membership else None


def _addresses(row: Partnership, address: Address) -> set[str]:
    if address.user_id:
        users = Membership.objects.filter(user_id=address.user_id).values_list("user__email", flat=True)
        return {mail.lower() for mail in users}
    user = row.creator.user
    known = (row.sent_to, row.creator.contact_email, user.email if user else "")
    return {mail.lower() for mail in known if mail}


def _hold(row: Partnership, sender: str, text: str, said: Said, moment: datetime) -> Message:
    """Kept for the brand's eyes, without a turn in the thread and without a letter to anybody."""
    message: Message = Message.objects.create(
        partnership=row,
        side="creator",
        author_name=sender[:120],
        text=text,
        channel="mail",
        held=True,
        left_out=list(said.left_out),
        created_at=moment,
    )
    return message
