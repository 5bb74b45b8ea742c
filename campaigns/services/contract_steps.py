"""A contract's way after the draft: sent, reminded, taken back, ended, or left out with a reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import require
from campaigns.contracts import composing, document, evidence, rules
from campaigns.contracts.guard import demanded
from campaigns.limits import RUNNING
from campaigns.models import Campaign, Contract, ContractFile, Partnership
from campaigns.services import after_signature
from campaigns.services.closing import move, read_reason
from campaigns.services.contract_rows import data_of, lock, record, still
from campaigns.states import CONTRACT, advance

PAUSE = timedelta(days=1)
REMINDERS_MOST = 3


def send_contract(*, actor: Actor, contract: Contract, now: datetime | None = None) -> Contract:
    """Draft → sent: the PDF is made, kept, and its fingerprint is what both sides will sign.

    Raises InvalidInput with everything the law's list still lacks, WrongState where a rule forbids it.
    """
    require(actor, "contract.change", contract)
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        still(row, "draft")
        if row.partnership.state not in RUNNING:
            raise WrongState(_("The partnership has ended."), code="partnership_ended")
        _check_complete(row, moment.date())
        content = document.render(row)
        sha256 = evidence.digest(content)
        advance(
            row,
            CONTRACT,
            "send",
            actor=actor,
            changes={"sent_at": moment, "saved_at": moment, "document_sha256": sha256, "pack": rules.pack_version()},
            data=data_of(row),
            at=moment,
        )
        ContractFile.objects.create(contract=row, kind="sent", content=content, sha256=sha256, created_at=moment)
        evidence.append(
            row,
            "sent",
            {
                "by": actor.name,
                "document_sha256": sha256,
                "pack": row.pack,
                "to": row.partnership.sent_to,
                "total": str(row.total),
                "currency": row.currency,
            },
            at=moment,
        )
    contract.refresh_from_db()
    return contract


def _check_complete(row: Contract, on: date) -> None:
    items, blocking, empty = composing.to_settle(row, on)
    if blocking:
        raise WrongState(
            " ".join(f"{rule.text} {_('Source')}: {rule.source}." for rule in blocking),
            code="law",
            params={"rules": [rule.id for rule in blocking]},
        )
    faults = {f"{side}_{name}": [_("This is missing.")] for side, names in empty.items() for name in names}
    faults |= {f"checklist_{item.key}": [f"{item.label}: {text}" for text in item.missing] for item in items}
    if faults:
        raise InvalidInput(fields=faults)


def remind_to_sign(*, actor: Actor, contract: Contract, now: datetime | None = None) -> Contract:
    """Asks again for the missing signatures, at most three times, a day apart."""
    require(actor, "contract.change", contract)
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        still(row, "sent", "signed_by_one")
        if row.reminders >= REMINDERS_MOST:
            raise WrongState(_("Three reminders were sent. Write to them instead."), code="reminders_spent")
        if (row.reminded_at or row.sent_at or moment) > moment - PAUSE:
            raise WrongState(_("The last message is less than a day old."), code="too_soon")
        Contract.objects.filter(pk=row.pk).update(reminders=row.reminders + 1, reminded_at=moment)
        evidence.append(row, "reminded", {"number": row.reminders + 1}, at=moment)
        record(row, "reminded", actor, moment, number=row.reminders + 1)
    contract.refresh_from_db()
    return contract


def void_contract(*, actor: Actor, contract: Contract, reason: str, now: datetime | None = None) -> Contract:
    """Before both have signed: the brand takes it back, or the creator refuses it. The other side reads the reason."""
    require(actor, "contract.change" if actor.kind == "api" else "contract.sign", contract)
    return _end(actor, contract, "void", "voided", reason, now)


def terminate_contract(*, actor: Actor, contract: Contract, reason: str, now: datetime | None = None) -> Contract:
    """Ends a contract in force. What was signed stays readable and verifiable; the partnership itself goes on or is
    cancelled separately."""
    require(actor, "contract.change" if actor.kind == "api" else "contract.sign", contract)
    return _end(actor, contract, "terminate", "terminated", reason, now)


def _end(actor: Actor, contract: Contract, verb: str, kind: str, reason: str, now: datetime | None) -> Contract:
    note, moment = read_reason(reason, "reason"), now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        was_sent = row.sent_at is not None
        if actor.side == "creator" and not was_sent:
            raise WrongState(_("This contract was not sent yet."), code="not_sent")
        changes = {"ended_at": moment, "ending_reason": note, "ended_by": actor.side}
        advance(
            row,
            CONTRACT,
            verb,
            actor=actor,
            changes=changes,
            data=data_of(row, reason=note, side=actor.side),
            at=moment,
        )
        if was_sent:
            evidence.append(row, kind, {"by": actor.name, "reason": note, "side": actor.side}, at=moment)
        if kind == "terminated":
            for amendment in Contract.objects.filter(amends=row, state__in=["sent", "signed_by_one", "draft"]):
                advance(amendment, CONTRACT, "void", actor=actor, changes=changes, data=data_of(amendment), at=moment)
    contract.refresh_from_db()
    return contract


def go_without_contract(
    *, actor: Actor, partnership: Partnership, reason: str, now: datetime | None = None
) -> Partnership:
    """Accepted → contracted without a contract, with a reason that is kept. Refused where the law demands one."""
    require(actor, "partnership.change", partnership)
    note, moment = read_reason(reason, "reason"), now or timezone.now()
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=partnership.campaign_id)
        wanted = demanded(partnership, moment)
        if wanted:
            raise WrongState(" ".join(block.message for block in wanted), code="contract_required")
        if Contract.objects.filter(partnership=partnership, state__in=["sent", "signed_by_one"]).exists():
            raise WrongState(
                _("A contract waits for signatures. Void it first, or let it be signed."), code="contract_open"
            )
        move(
            partnership, "contract", actor=actor, data={"without": True, "reason": note, "side": actor.side}, now=moment
        )
        after_signature.uncontracted(partnership, moment)
    return partnership
