"""Several contracts at once: what would happen to each, then doing it, each in its own transaction; and one archive."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import DomainError, InvalidInput
from accounts.permissions import require
from campaigns.contracts import evidence
from campaigns.models import Contract
from campaigns.services.contract_steps import remind_to_sign, send_contract

STEPS = {"send": send_contract, "remind": remind_to_sign}
MOST = 50
FILES_MOST = 500
_IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One contract of the choice. refusal: why nothing happens to it, "" when it can be (or was) done."""

    contract: Contract
    refusal: str


def preview(*, actor: Actor, contracts: Iterable[Contract], step: str, now: datetime | None = None) -> list[Line]:
    """What the step (a key of STEPS) would do to each: it is really tried, and taken back."""
    return [_try(actor, row, step, now or timezone.now(), keep=False) for row in contracts]


def perform(*, actor: Actor, contracts: Iterable[Contract], step: str, now: datetime | None = None) -> list[Line]:
    """Does it to each that allows it; one refusal stops no other."""
    return [_try(actor, row, step, now or timezone.now(), keep=True) for row in contracts]


def _try(actor: Actor, row: Contract, step: str, moment: datetime, *, keep: bool) -> Line:
    require(actor, "contract.change", row)
    try:
        with transaction.atomic():
            STEPS[step](actor=actor, contract=row, now=moment)
            if not keep:
                transaction.set_rollback(True)
    except InvalidInput as error:
        reasons = [str(text) for texts in error.fields.values() for text in texts]
        return Line(row, " ".join(dict.fromkeys(reasons)) or error.message)
    except DomainError as error:
        return Line(row, error.message)
    return Line(row, "")


def archive(contracts: Iterable[Contract]) -> IO[bytes]:
    """A ZIP with each contract's newest file (sealed, else as sent), its log, and an index; read from the start.

    Drafts have no file and are left out. Entries carry the day of the contract, so that the same choice is the same ZIP.
    """
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the answer that streams it
    index = io.StringIO()
    table = csv.writer(index)
    table.writerow(["file", "reference", "state", "creator", "campaign", "sha256", "executed_at"])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        newest = datetime(2026, 1, 1, tzinfo=UTC)
        for row in contracts:
            files = {file.kind: file for file in row.files.all()}
            file = files.get("sealed") or files.get("sent")
            if file is None:
                continue
            day = row.executed_at or row.sent_at or row.created_at
            newest = max(newest, day)
            name = f"{row.reference}.pdf"
            _add(target, name, bytes(file.content), day)
            log = json.dumps(evidence.export(row), ensure_ascii=False, indent=1, sort_keys=True)
            _add(target, f"{row.reference}.evidence.json", log.encode(), day)
            executed = row.executed_at.isoformat() if row.executed_at else ""
            about = [row.partnership.creator.display_name, row.partnership.campaign.name]
            table.writerow([name, row.reference, row.state, *map(_plain, about), file.sha256, executed])
        _add(target, "index.csv", ("\ufeff" + index.getvalue()).encode(), newest)
    out.seek(0)
    return out


def _add(target: zipfile.ZipFile, name: str, content: bytes, day: datetime) -> None:
    info = zipfile.ZipInfo(name, day.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    target.writestr(info, content)


def _plain(text: str) -> str:
    """Spreadsheets run what begins like a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def nothing_chosen() -> str:
    return _("Choose at least one contract.")
