"""Reports: live figures, frozen ones that never change, links to share them, and those that go out by themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from campaigns.models import Campaign, Report, ReportFile, ReportSchedule, ReportShare
from campaigns.reports import files
from campaigns.reports.figures import FORMULA, FORMULAS, changes, compute
from campaigns.reports.inputs import read_inputs
from campaigns.reports.names import masked, named
from campaigns.texts import one_line

LANGUAGES = ("fr", "en")
SHARE_MOST = timedelta(days=365)
RECIPIENTS_MOST = 20


def canonical(value: Any) -> bytes:
    """JSON in its one form: UTF-8, sorted keys, no blanks, no NaN. The same value gives the same bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def live(*, actor: Actor, campaign: Campaign, now: datetime | None = None, whole: bool = True) -> dict[str, Any]:
    """{inputs, figures, formula, input_hash} as of now. whole: see `read_inputs`."""
    inputs = read_inputs(actor, campaign, asof=now or timezone.now(), whole=whole)
    return {"inputs": inputs, "figures": compute(inputs), "formula": FORMULA, "input_hash": input_hash(masked(inputs))}


def input_hash(inputs: Mapping[str, Any]) -> str:
    """Of the facts alone: the moment of reading is not one."""
    return hashlib.sha256(canonical({k: v for k, v in inputs.items() if k != "asof"})).hexdigest()


def freeze(*, actor: Actor, campaign: Campaign, note: str = "", now: datetime | None = None) -> Report:
    """Keeps the report as it stands, with its files in both languages. From here on it is only read."""
    require(actor, "result.change", campaign)
    moment = (now or timezone.now()).replace(microsecond=0)
    with transaction.atomic():
        held = (
            Campaign.objects.select_for_update(no_key=True, of=["self"])
            .select_related("workspace", "brand")
            .get(pk=campaign.pk)
        )
        found = live(actor=actor, campaign=held, now=moment)
        unnamed = masked(found["inputs"])
        found |= {"inputs": unnamed, "figures": compute(unnamed)}
        last = Report.objects.filter(campaign=held).aggregate(last=Max("number"))["last"] or 0
        content = {
            "schema": "resonance-report-1",
            "number": last + 1,
            "frozen_at": moment.isoformat(),
            "note": one_line(note, 300),
            "formulas": FORMULAS,
            **found,
        }
        body = canonical(content)
        report = Report.objects.create(
            workspace_id=held.workspace_id, campaign=held, number=last + 1, formula=FORMULA, input_hash=found["input_hash"],
            body=body, body_sha256=hashlib.sha256(body).hexdigest(), note=content["note"], frozen_at=moment,
            frozen_by=actor.name,
        )  # fmt: skip
        for kind, language, drawn in files.draw_all(named(json.loads(body)), LANGUAGES):
            digest = hashlib.sha256(drawn).hexdigest()
            ReportFile.objects.create(report=report, kind=kind, language=language, body=drawn, sha256=digest)
        data = {"number": report.number, "sha256": report.body_sha256}
        record_event("report.frozen", report, actor=actor, data=data, at=moment)
    return report


def read_frozen(report: Report) -> dict[str, Any]:
    """The content of a frozen report, with the names of who is still here. Raises ValueError when its bytes are not those that were frozen."""
    body = bytes(report.body)
    if hashlib.sha256(body).hexdigest() != report.body_sha256:
        raise ValueError("the report's bytes do not match their hash")
    return dict(named(json.loads(body)))


def redraw(report: Report) -> int:
    """Draws the files of a report again from its unchanged content, after somebody in it was erased. Returns how many.

    Works only inside an erasure: at any other time the database refuses it.
    """
    changed = 0
    for kind, language, drawn in files.draw_all(read_frozen(report), LANGUAGES):
        digest = hashlib.sha256(drawn).hexdigest()
        rows = ReportFile.objects.filter(report=report, kind=kind, language=language).exclude(sha256=digest)
        changed += rows.update(body=drawn, sha256=digest)
    return changed


def compare(*, actor: Actor, report: Report, now: datetime | None = None) -> dict[str, Any]:
    """The frozen figures beside those of now, and why they differ: facts, formulas, both or nothing."""
    frozen = read_frozen(report)
    current = live(actor=actor, campaign=report.campaign, now=now)
    facts = frozen["input_hash"] != current["input_hash"]
    formulas = frozen["formula"] != current["formula"]
    # The old facts read by the formulas of today: what is left over came from new facts.
    again = compute(frozen["inputs"]) if formulas else frozen["figures"]
    return {
        "cause": {(True, True): "both", (True, False): "facts", (False, True): "formulas"}.get((facts, formulas), ""),
        "changes": changes(frozen["figures"], current["figures"]),
        "by_formula": changes(frozen["figures"], again),
        "before": frozen["formula"],
        "after": current["formula"],
    }


def share(
    *,
    actor: Actor,
    report: Report,
    days: int = 30,
    password: str = "",
    label: str = "",
    now: datetime | None = None,
) -> tuple[ReportShare, str]:
    """A link for a reader without account, and its token: shown this once."""
    require(actor, "result.change", report)
    moment = now or timezone.now()
    faults: dict[str, list[str]] = {}
    if not timedelta(days=1) <= timedelta(days=days) <= SHARE_MOST:
        faults["days"] = [_("From 1 to 365 days.")]
    if password and len(password) < 6:
        faults["password"] = [_("At least 6 characters, or none.")]
    if faults:
        raise InvalidInput(fields=faults)
    token = new_token()
    with transaction.atomic():
        row = ReportShare.objects.create(
            report=report, token_hash=token_hash(token), password_hash=make_password(password) if password else "",
            expires_at=moment + timedelta(days=days), label=one_line(label, 80), created_at=moment,
        )  # fmt: skip
        record_event("report.shared", report, actor=actor, data={"days": days, "password": bool(password)}, at=moment)
    return row, token


def open_share(*, token: str, now: datetime | None = None) -> ReportShare | None:
    """The share of a token while it lives."""
    row = ReportShare.objects.filter(token_hash=token_hash(token), revoked_at__isnull=True)
    return row.filter(expires_at__gt=now or timezone.now()).select_related("report__campaign__brand").first()


def may_read(row: ReportShare, password: str) -> bool:
    return not row.password_hash or check_password(password, row.password_hash)


def count_opening(row: ReportShare) -> None:
    ReportShare.objects.filter(pk=row.pk).update(opened=F("opened") + 1)


def revoke_share(*, actor: Actor, row: ReportShare, now: datetime | None = None) -> None:
    require(actor, "result.change", row.report)
    ReportShare.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=now or timezone.now())


def schedule(
    *,
    actor: Actor,
    campaign: Campaign,
    every: str,
    recipients: Sequence[str],
    language: str = "en",
    now: datetime | None = None,
) -> ReportSchedule:
    """A report frozen and mailed every week or month, the first one in an hour at the earliest: tomorrow at 7."""
    require(actor, "result.change", campaign)
    faults: dict[str, list[str]] = {}
    addresses = list(dict.fromkeys(address.strip().lower() for address in recipients if address.strip()))
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            faults["recipients"] = [_("%(address)s is not an e-mail address.") % {"address": address[:80]}]
    if not 1 <= len(addresses) <= RECIPIENTS_MOST:
        faults["recipients"] = [_("From 1 to %(n)s addresses.") % {"n": RECIPIENTS_MOST}]
    if every not in ("week", "month"):
        faults["every"] = [_("Choose one of the list.")]
    if language not in LANGUAGES:
        faults["language"] = [_("Choose one of the list.")]
    if faults:
        raise InvalidInput(fields=faults)
    moment = now or timezone.now()
    first = (moment + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row = ReportSchedule.objects.create(
            workspace_id=campaign.workspace_id, campaign=campaign, every=every, recipients=addresses, language=language,
            next_at=first, created_at=moment,
        )  # fmt: skip
        record_event("report.scheduled", row, actor=actor, data={"every": every, "to": len(addresses)}, at=moment)
    return row


def stop_schedule(*, actor: Actor, row: ReportSchedule) -> None:
    require(actor, "result.change", row.campaign)
    with transaction.atomic():
        record_event("report.unscheduled", row, actor=actor, data={})
        ReportSchedule.objects.filter(pk=row.pk).delete()


STEP = {"week": timedelta(days=7), "month": timedelta(days=30)}


def send_due_reports(*, now: datetime | None = None, limit: int = 50) -> int:
    """Freezes and mails what is due. The conditional UPDATE in the same transaction lets one process win."""
    moment = now or timezone.now()
    sent = 0
    for row in ReportSchedule.objects.filter(next_at__lte=moment).select_related(
        "campaign__brand", "campaign__workspace"
    )[:limit]:
        with transaction.atomic():
            following = row.next_at + STEP[row.every]
            while following <= moment:
                following += STEP[row.every]
            mine = ReportSchedule.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=following)
            if mine:
                actor = Actor(kind="system", id="system", name=SYSTEM.name, workspace_id=row.workspace_id)
                report = freeze(actor=actor, campaign=row.campaign, now=moment)
                _link, token = share(actor=actor, report=report, days=60, now=moment)
                files.mail(row, report, token)
                sent += 1
    return sent
