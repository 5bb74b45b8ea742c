"""Mail as an outbox: queued inside the transaction, sent after it, kept for the demo's mailbox."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models
from django.utils import timezone

from accounts.models import Mail

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
Attachment = tuple[str, bytes, str]  # file name, content, media type
_attaching: dict[str, Callable[[Mail], Sequence[Attachment]]] = {}


def attaches(kind: str) -> Callable[[Callable[[Mail], Sequence[Attachment]]], Callable[[Mail], Sequence[Attachment]]]:
    """Registers who finds the files of a kind of message. Read when it is sent, so that the outbox holds no copies."""

    def register(find: Callable[[Mail], Sequence[Attachment]]) -> Callable[[Mail], Sequence[Attachment]]:
        _attaching[kind] = find
        return find

    return register


def queue_mail(
    *,
    dedupe_key: str,
    kind: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    language: str = "en",
    workspace_id: object = None,
    reply_to: str = "",
    at: datetime | None = None,
) -> None:
    """Adds one message; the same dedupe_key a second time changes nothing. at: when it was written (default now)."""
    Mail.objects.bulk_create(
        [
            Mail(
                dedupe_key=dedupe_key,
                kind=kind,
                to=to,
                subject=" ".join(subject.split())[:250],
                text=text,
                html=html,
                language=language,
                workspace_id=workspace_id,
                reply_to=reply_to,
                created_at=at or timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )


def deliver(limit: int = 50) -> int:
    """Sends queued messages, each leased by a conditional UPDATE. Returns how many went out."""
    now = timezone.now()
    free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=now)
    sent = 0
    for pk in list(Mail.objects.filter(free, state="queued").order_by("id").values_list("pk", flat=True)[:limit]):
        claimed = Mail.objects.filter(free, pk=pk, state="queued").update(
            leased_until=now + LEASE, attempts=models.F("attempts") + 1
        )
        if claimed:
            sent += _send(Mail.objects.get(pk=pk))
    return sent


def _send(mail: Mail) -> int:
    message = EmailMultiAlternatives(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [mail.to])
    if mail.reply_to:
        message.reply_to = [mail.reply_to]
    message.extra_headers["Message-ID"] = f"<{uuid.uuid5(uuid.NAMESPACE_URL, mail.dedupe_key)}@resonance>"
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.kind in _attaching:
        for name, content, media_type in _attaching[mail.kind](mail):
            message.attach(name, content, media_type)
    try:
        _relay().send_messages([message])
    except Exception as error:  # the network's faults are many; the row keeps the message
        logger.warning("mail %s not sent: %s", mail.pk, error)
        state = "failed" if mail.attempts >= MAX_ATTEMPTS else "queued"
        retry_at = timezone.now() + timedelta(seconds=30 * 2**mail.attempts)
        Mail.objects.filter(pk=mail.pk).update(state=state, leased_until=retry_at, error=repr(error)[:1000])
        return 0
    Mail.objects.filter(pk=mail.pk).update(state="sent", sent_at=timezone.now(), leased_until=None, error="")
    return 1


def _relay() -> BaseEmailBackend:
    """The mail server of EMAIL_URL; without one, messages stay on the demo's mailbox page only."""
    if not settings.EMAIL_RELAY_URL:
        return get_connection("django.core.mail.backends.dummy.EmailBackend")
    import environ

    config = environ.Env.email_url_config(settings.EMAIL_RELAY_URL)
    return get_connection(
        config["EMAIL_BACKEND"],
        host=config.get("EMAIL_HOST"),
        port=config.get("EMAIL_PORT"),
        username=config.get("EMAIL_HOST_USER"),
        password=config.get("EMAIL_HOST_PASSWORD"),
        use_tls=config.get("EMAIL_USE_TLS", False),
        use_ssl=config.get("EMAIL_USE_SSL", False),
        timeout=10,
    )


class RecordingBackend(BaseEmailBackend):
    """Django's own mail (allauth: confirmations, password resets) goes through the same outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            html = next((c for c, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
            for to in message.recipients():
                queue_mail(
                    dedupe_key=uuid.uuid4().hex,
                    kind="account",
                    to=to,
                    subject=message.subject,
                    text=message.body,
                    html=html,
                )
        return len(email_messages)
