"""One-time codes sent by mail: six digits, ten minutes, five attempts, kept as keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.errors import DomainError, InvalidInput, WrongState
from campaigns.models import Contract, SignatureCode

LIFE = timedelta(minutes=10)
ATTEMPTS = 5
WINDOW = timedelta(hours=1)
CODES_PER_WINDOW = 5
PAUSE = timedelta(seconds=20)


class TooManyCodes(DomainError):
    status = 429
    code = "too_many_codes"


def new_code(contract: Contract, *, side: str, email: str, now: datetime) -> str:
    """A fresh code, the earlier ones of this side void. Call with the contract locked. Raises TooManyCodes."""
    recent = SignatureCode.objects.filter(contract=contract, side=side, created_at__gt=now - WINDOW)
    newest = recent.order_by("-created_at").first()
    if recent.count() >= CODES_PER_WINDOW or (newest and newest.created_at > now - PAUSE):
        raise TooManyCodes(_("A code was sent a moment ago. Look into your mailbox, or ask again later."))
    recent.filter(used_at__isnull=True).update(expires_at=now)
    code, salt = f"{secrets.randbelow(1_000_000):06d}", secrets.token_urlsafe(16)
    SignatureCode.objects.create(
        contract=contract,
        side=side,
        email=email,
        salt=salt,
        code_hash=_hash(salt, code),
        created_at=now,
        expires_at=now + LIFE,
    )
    return code


def _hash(salt: str, code: str) -> str:
    """Keyed: a copy of the table alone does not give the million possible codes away."""
    return hmac.new(settings.SECRET_KEY.encode(), f"signature:{salt}:{code}".encode(), hashlib.sha256).hexdigest()


def check_code(contract: Contract, *, side: str, code: str, now: datetime) -> SignatureCode:
    """The newest code of this side, if `code` is it. An attempt is counted before it is compared, in constant time.

    Call it in a transaction of its own: attempts must be remembered even where nothing is signed.
    Raises InvalidInput (wrong), WrongState (none, expired, spent).
    """
    row: SignatureCode | None = (
        SignatureCode.objects.filter(contract=contract, side=side, used_at__isnull=True).order_by("-created_at").first()
    )
    if row is None or row.expires_at <= now:
        raise WrongState(_("This code is no longer valid. Ask for a new one."), code="code_expired")
    counted = SignatureCode.objects.filter(pk=row.pk, attempts__lt=ATTEMPTS).update(attempts=F("attempts") + 1)
    if not counted:
        raise WrongState(_("Too many wrong codes. Ask for a new one."), code="code_spent")
    given = "".join(ch for ch in code if ch in "0123456789")[:12]
    if not hmac.compare_digest(row.code_hash, _hash(row.salt, given)):
        raise InvalidInput(_("This is not the code that was sent last."), code="code_wrong")
    return row


def claim_code(row: SignatureCode, *, now: datetime) -> None:
    """Uses the code up; of any number of callers one wins, the others get WrongState."""
    if not SignatureCode.objects.filter(pk=row.pk, used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        raise WrongState(_("This code was used already. Ask for a new one."), code="code_used")
