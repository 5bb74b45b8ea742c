"""Connected networks: keys of a workspace, consents of creators, and refreshing an account now."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.handles import handle_key
from accounts.models import Basis, Consent, Creator, Job, JobState, Provenance, SocialAccount, SourceKind
from accounts.permissions import require
from accounts.sealing import SealBroken, seal, unseal
from accounts.services import jobs
from matching.ingest.connectors import CONNECTORS
from matching.ingest.connectors.base import AccessLost, Busy, Client, Connector, ConnectorError, QuotaSpent, Target
from matching.models import Connection, ConnectionDay
from matching.services.oauth import Tokens, renewed
from matching.services.rows import import_rows

logger = logging.getLogger(__name__)
KIND = "refresh"
PURPOSE = "connector"
STALE = timedelta(hours=24)


def save_key(*, actor: Actor, platform: str, token: str, owner_id: str = "") -> Connection:
    """The workspace's access to public data of one network; a second one replaces the first."""
    require(actor, "connection.change")
    known = _connector(platform)
    wrong: dict[str, list[str]] = {}
    if not token.strip() or len(token) > 4000 or any(c.isspace() for c in token.strip()):
        wrong["token"] = [_("Paste the key as the network shows it, without spaces.")]
    if known.needs_id and not owner_id.strip().isdigit():
        wrong["owner_id"] = [_("This network also wants the number of the account that asks.")]
    if wrong:
        raise InvalidInput(fields=wrong)
    with transaction.atomic():
        row, _created = Connection.objects.update_or_create(
            workspace_id=actor.workspace_of_own(),
            platform=platform,
            kind="key",
            defaults={
                "token": seal(token.strip()),
                "owner_id": owner_id.strip()[:120],
                "state": "active",
                "error": "",
                "created_by_id": actor.user_id,
            },
        )
        record_event("connection.saved", row, actor=actor, data={"platform": platform})
    return row


def connect_account(*, actor: Actor, creator: Creator, platform: str, tokens: Tokens) -> Connection:
    """A creator's consent for one account. The network says whose account it is: it joins this creator's, or is
    refused when it belongs to somebody else here."""
    require(actor, "creator.own", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the creator connects their accounts."))
    known = _connector(platform)
    client = Client(known, token=tokens.access, kind="oauth", owner_id="", base=_base(known))
    try:
        told = known.who(client)
    except ConnectorError as error:
        raise WrongState(said(error), code="connector_failed") from error
    handle = str(told.get("handle") or "")
    if not handle:
        raise WrongState(_("The network did not say which account this is."), code="connector_failed")
    now = timezone.now()
    with transaction.atomic():
        source = Provenance.objects.create(
            kind=SourceKind.CONNECTOR, label=known.label, basis=Basis.CONSENT, user_id=actor.user_id, retrieved_at=now
        )
        consent = Consent.objects.create(creator=creator, purpose=f"{PURPOSE}:{platform}", given=True, source=source)
        account = _own_account(creator, platform, handle, told, source)
        row, _created = Connection.objects.update_or_create(
            account=account,
            defaults={
                "platform": platform,
                "kind": "oauth",
                "creator": creator,
                "consent": consent,
                "token": seal(tokens.access),
                "refresh_token": seal(tokens.refresh) if tokens.refresh else "",
                "expires_at": tokens.expires_at,
                "owner_id": str(told.get("external_id") or "")[:120],
                "state": "active",
                "error": "",
                "created_by_id": actor.user_id,
            },
        )
        data = {"platform": platform, "handle": handle}
        record_event("connection.consented", row, actor=actor, creator_id=creator.pk, data=data)
    return row


def _own_account(
    creator: Creator, platform: str, handle: str, told: dict[str, Any], source: Provenance
) -> SocialAccount:
    account = SocialAccount.objects.filter(platform=platform, handle_key=handle_key(handle)).first()
    if account is None:
        return SocialAccount.objects.create(
            creator=creator,
            platform=platform,
            handle=handle[:120],
            handle_key=handle_key(handle)[:120],
            external_id=str(told.get("external_id") or "")[:120],
            source=source,
            observed_at=source.retrieved_at,
        )
    if account.creator_id != creator.pk:
        raise WrongState(
            _("The account @%(handle)s belongs to another profile here. Claim that profile first.")
            % {"handle": handle},
            code="account_of_another",
        )
    return account


def remove(*, actor: Actor, row: Connection) -> None:
    """Forgets the token. A creator's consent is withdrawn by a new row; what was stored stays, with its origin."""
    if row.creator_id is not None:
        require(actor, "creator.own", row.creator)
    else:
        require(actor, "connection.change", row)
    with transaction.atomic():
        if row.creator_id is not None and row.consent is not None:
            Consent.objects.create(
                creator_id=row.creator_id, purpose=row.consent.purpose, given=False, source=row.consent.source
            )
        data = {"platform": row.platform}
        record_event("connection.removed", row, actor=actor, creator_id=row.creator_id, data=data)
        Connection.objects.filter(pk=row.pk).delete()


def access_for(*, actor: Actor, account: SocialAccount) -> Connection | None:
    """What a refresh of this account would use: the creator's own consent before the workspace's key."""
    own = Connection.objects.filter(account=account, state="active").first()
    if own is not None:
        return own
    return Connection.visible_to(actor).filter(platform=account.platform, kind="key", state="active").first()


def request_refresh(*, actor: Actor, account: SocialAccount) -> Job:
    """A job that reads the account anew. While one is under way for it, that one is the answer."""
    if actor.side == "creator":
        require(actor, "creator.own", account)
    else:
        require(actor, "import.run")
    row = access_for(actor=actor, account=account)
    if row is None:
        raise WrongState(
            _("No access to this network is set up. An administrator adds a key, or the creator connects the account."),
            code="not_connected",
        )
    with transaction.atomic():
        SocialAccount.objects.select_for_update().get(pk=account.pk)
        open_states = [JobState.QUEUED, JobState.RUNNING]
        mine = Job.objects.filter(kind=KIND, params__account=account.pk, state__in=open_states)
        workspace = actor.workspace_id
        mine = mine.filter(workspace__isnull=True) if workspace is None else mine.filter(workspace_id=workspace)
        under_way = mine.first()
        if under_way is not None:
            return under_way
        params = {"account": account.pk, "connection": str(row.pk)}
        title = f"{account.get_platform_display()} @{account.handle}"
        return jobs.create_job(actor=actor, kind=KIND, title=title, params=params)


def run_refresh(job_id: uuid.UUID) -> None:
    """Reads and stores page by page: what came before a fault stays, and the result says what is missing."""
    claimed = jobs.claim(job_id)
    if claimed is None:
        return
    job = Job.objects.get(pk=job_id)
    row = Connection.objects.filter(pk=job.params["connection"], state="active").first()
    account = SocialAccount.objects.filter(pk=job.params["account"], creator__erased_at__isnull=True).first()
    if row is None or account is None:
        jobs.fail(claimed, error="not_connected")
        return
    counts: Counter[str] = Counter()
    notes: list[str] = []
    fault = ""
    try:
        for page in pages(row, account):
            jobs.heartbeat(claimed)
            notes += page.notes
            if page.rows:
                counts += _store(row, page.entity, page.rows)
    except jobs.JobCancelled:
        jobs.stop(claimed, result={"counts": dict(counts), "notes": notes[:50]})
        return
    except ConnectorError as error:
        fault = error.code
        notes.append(f"{error.code}: {error.detail}"[:200])
        _remember_fault(row, error)
    result = {"counts": dict(counts), "notes": notes[:50], "partial": bool(fault or notes), "fault": fault}
    if fault and not counts:
        jobs.fail(claimed, error=fault, result=result)
        return
    if not fault:
        Connection.objects.filter(pk=row.pk).update(refreshed_at=timezone.now(), error="")
    jobs.finish(claimed, result=result, done=counts["rows"], rejected=counts["rejected"])


def pages(row: Connection, account: SocialAccount) -> Any:
    """The connector's pages for one account, within the day's budget."""
    known = _connector(row.platform)
    token = _token(row)
    client = Client(
        known,
        token=token,
        kind=row.kind,
        owner_id=row.owner_id,
        base=_base(known),
        spend=lambda cost: spend(row, cost),
    )
    own = row.account_id == account.pk
    return known.pull(client, Target(handle=account.handle, external_id=account.external_id, own=own))


def _token(row: Connection) -> str:
    """The token, renewed when it is about to end."""
    try:
        early = _connector(row.platform).oauth.renew_before
        if row.expires_at and row.expires_at < timezone.now() + early and row.refresh_token:
            try:
                fresh = renewed(row.platform, unseal(row.refresh_token))
            except Busy:
                if row.expires_at <= timezone.now():
                    raise
                return unseal(row.token)  # still good: the next reading renews it
            Connection.objects.filter(pk=row.pk).update(
                token=seal(fresh.access),
                refresh_token=seal(fresh.refresh) if fresh.refresh else row.refresh_token,
                expires_at=fresh.expires_at,
            )
            return fresh.access
        return unseal(row.token)
    except SealBroken as error:
        raise AccessLost("sealed under an older key") from error


def _store(row: Connection, entity: str, rows: list[dict[str, Any]]) -> Counter[str]:
    known = _connector(row.platform)
    source = Provenance.objects.create(
        kind=SourceKind.CONNECTOR,
        label=known.label,
        basis=Basis.CONSENT if row.kind == "oauth" else Basis.LEGITIMATE_INTEREST,
        workspace_id=row.workspace_id,
        retrieved_at=timezone.now(),
    )
    result = import_rows(entity, rows, actor=SYSTEM, source=source, platform=row.platform)
    return Counter({**result.counts, f"{entity}": result.counts["rows"]})


def spend(row: Connection, cost: int) -> None:
    """Takes `cost` from today's budget in one statement, or raises QuotaSpent."""
    budget = int(settings.CONNECTOR_DAILY.get(row.platform, _connector(row.platform).daily))
    table = ConnectionDay._meta.db_table
    with database.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} AS days (connection_id, day, spent) SELECT %(row)s, %(day)s, %(cost)s
            WHERE %(cost)s <= %(budget)s ON CONFLICT (connection_id, day)
            DO UPDATE SET spent = days.spent + excluded.spent WHERE days.spent + excluded.spent <= %(budget)s""",
            {"row": row.pk, "day": datetime.now(UTC).date(), "cost": cost, "budget": budget},
        )
        if not cursor.rowcount:
            raise QuotaSpent("our budget of today")


def spent_today(row: Connection) -> tuple[int, int]:
    """(spent, budget) of today."""
    today = ConnectionDay.objects.filter(connection=row, day=datetime.now(UTC).date()).first()
    budget = int(settings.CONNECTOR_DAILY.get(row.platform, _connector(row.platform).daily))
    return (today.spent if today else 0), budget


def _remember_fault(row: Connection, error: ConnectorError) -> None:
    changes: dict[str, Any] = {"error": error.code[:40]}
    if isinstance(error, AccessLost):
        changes["state"] = "lost"
    Connection.objects.filter(pk=row.pk).update(**changes)


def refresh_stale(limit: int = 20) -> int:
    """Starts a refresh of connected accounts whose last one is older than a day; run by beat."""
    due = Connection.objects.filter(kind="oauth", state="active", account__isnull=False).exclude(
        refreshed_at__gt=timezone.now() - STALE
    )
    started = 0
    for row in due.order_by("refreshed_at")[:limit]:
        if not Job.objects.filter(
            kind=KIND, params__account=row.account_id, created_at__gt=timezone.now() - timedelta(hours=6)
        ).exists():
            params = {"account": row.account_id, "connection": str(row.pk)}
            jobs.create_job(actor=SYSTEM, kind=KIND, title=f"{row.get_platform_display()}", params=params)
            started += 1
    return started


def _connector(platform: str) -> Connector:
    if platform not in CONNECTORS:
        raise InvalidInput(fields={"platform": [_("There is no connector for this network.")]})
    return CONNECTORS[platform]


def _base(known: Connector) -> str:
    return str(settings.CONNECTOR_ADDRESSES.get(known.platform, known.base))


def said(error: ConnectorError) -> str:
    """A sentence for people about a connector's fault."""
    sentences = {
        "quota": _("The budget of requests for today is used up. It starts again at midnight UTC."),
        "access": _("The network no longer accepts this access. Connect again."),
        "not_there": _("The network knows no such public account."),
        "busy": _("The network asked us to come back later."),
        "bad_answer": _("The network answered something we do not understand."),
    }
    return sentences.get(type(error).code, _("The network refused this request."))
