"""The secret link under which a creator's calendar can be subscribed to: made, replaced, stopped, opened."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor, creator_actor
from accounts.errors import NotAllowed
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from campaigns.models import CalendarFeed

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


def make_feed(*, actor: Actor, now: datetime | None = None) -> str:
    """A new token; the link before it stops working. Only its hash is kept, so it is shown once."""
    require(actor, "creator.own")
    if actor.creator_id is None or actor.partnership_id is not None:
        raise NotAllowed(_("Only the creator says this."), code="other_side")
    token = new_token()
    values = {"token_hash": token_hash(token), "created_at": now or timezone.now(), "read_on": None}
    values["language"] = (translation.get_language() or "en")[:2]
    with transaction.atomic():
        CalendarFeed.objects.update_or_create(creator_id=actor.creator_id, defaults=values)
    return token


def stop_feed(*, actor: Actor) -> None:
    require(actor, "creator.own")
    CalendarFeed.visible_to(actor).delete()


def open_feed(*, token: str, now: datetime | None = None) -> tuple[Actor, str] | None:
    """(the creator, the feed's language) behind a token; None when it is unknown, replaced, or the person is gone."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = CalendarFeed.objects.select_related("creator").filter(creator__erased_at__isnull=True)
    feed = rows.filter(token_hash=token_hash(token)).first()
    if feed is None:
        return None
    today = (now or timezone.now()).date()
    if feed.read_on != today:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_on=today)
    return creator_actor(feed.creator), feed.language
