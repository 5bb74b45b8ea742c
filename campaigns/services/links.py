"""The links of invitations: made for each mail, kept as hashes, readable until some time after the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actors import Actor, creator_actor
from accounts.secrets import new_token, token_hash
from campaigns.limits import RUNNING, WAITING
from campaigns.models import InvitationLink, Partnership

READABLE = timedelta(days=90)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link opens: one partnership, and the actor its holder is there."""

    partnership: Partnership
    actor: Actor


def new_link(partnership: Partnership, *, now: datetime | None = None) -> str:
    """A fresh token of this partnership, for one mail. Only its hash is kept."""
    token = new_token()
    InvitationLink.objects.create(
        partnership=partnership, token_hash=token_hash(token), created_at=now or timezone.now()
    )
    return token


def open_invitation(*, token: str, now: datetime | None = None) -> Invitation | None:
    """What a link shows, or None: unknown, cut off, or ended more than 90 days ago. Changes nothing."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = Partnership.objects.select_related("campaign__brand", "campaign__workspace", "creator", "brief")
    partnership = rows.filter(links__token_hash=token_hash(token), creator__erased_at__isnull=True).first()
    if partnership is None:
        return None
    ended = (
        partnership.state not in (*WAITING, *RUNNING)
        and partnership.state_changed_at < (now or timezone.now()) - READABLE
    )
    return None if ended else Invitation(partnership, creator_actor(partnership.creator, partnership_id=partnership.pk))
