"""API keys: created, shown once, recognised, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import ApiClient, Workspace
from accounts.permissions import SCOPES, require
from accounts.secrets import new_token, token_hash

MOST_PER_MINUTE = 60_000


def create_api_key(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    scopes: Iterable[str],
    mode: str = "live",
    expires_at: datetime | None = None,
) -> tuple[ApiClient, str]:
    """Returns the client and its key; the key is not kept and cannot be shown again."""
    require(actor, "key.change")
    wanted = sorted(set(SCOPES if list(scopes) == ["*"] else scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    fields: dict[str, list[str]] = {}
    if not name.strip():
        fields["name"] = [_("Give the key a name.")]
    if unknown or not wanted:
        known = ", ".join(SCOPES)
        fields["scopes"] = [_("Choose among: %(known)s.") % {"known": known}]
    if mode not in ("live", "test"):
        fields["mode"] = [_("Choose “live” or “test”.")]
    if expires_at and expires_at <= timezone.now():
        fields["expires_at"] = [_("This date is in the past.")]
    if fields:
        raise InvalidInput(fields=fields)
    key = f"rsn_{mode}_{new_token()}"
    with transaction.atomic():
        client = ApiClient.objects.create(
            workspace=workspace,
            name=name.strip()[:80],
            mode=mode,
            prefix=key[:16],
            key_hash=token_hash(key),
            scopes=wanted,
            created_by_id=actor.user_id,
            expires_at=expires_at,
        )
        record_event("api_key.created", client, actor=actor, data={"name": client.name, "scopes": wanted})
    return client, key


def revoke_api_key(*, actor: Actor, client: ApiClient) -> None:
    require(actor, "key.change")
    with transaction.atomic():
        if not ApiClient.objects.filter(pk=client.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
            raise WrongState(_("This key is already revoked."))
        record_event("api_key.revoked", client, actor=actor, data={"name": client.name})


def limit_api_key(*, actor: Actor, client: ApiClient, requests_per_minute: int | None) -> None:
    """A key's own limit of requests a minute; None gives back the installation's."""
    require(actor, "key.change")
    if requests_per_minute is not None and not 1 <= requests_per_minute <= MOST_PER_MINUTE:
        raise InvalidInput(fields={"requests_per_minute": [_("From 1 to 60,000.")]})
    with transaction.atomic():
        before = client.requests_per_minute
        ApiClient.objects.filter(pk=client.pk).update(requests_per_minute=requests_per_minute)
        data = {"name": client.name, "before": before, "after": requests_per_minute}
        record_event("api_key.limited", client, actor=actor, data=data)


def client_of_key(key: str) -> ApiClient | None:
    """The live client of a presented key, or None. Notes its use at most once a minute."""
    now = timezone.now()
    usable = models.Q(revoked_at__isnull=True) & (models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=now))
    client = ApiClient.objects.filter(usable, key_hash=token_hash(key)).first()
    if client and (client.last_used_at is None or now - client.last_used_at > timedelta(minutes=1)):
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return client
