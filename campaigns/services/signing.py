"""Signing a contract with a one-time code, and what follows when both have: the seal, the copies, the next step."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.mail import queue_mail
from accounts.models import User
from accounts.permissions import require
from campaigns.contracts import codes, document, evidence, seal
from campaigns.models import Contract, ContractFile, Evidence, Partnership, Signature
from campaigns.services import after_signature
from campaigns.services.closing import move
from campaigns.services.contract_rows import lock
from campaigns.states import CONTRACT, advance
from campaigns.texts import one_line

SIGNABLE = ("sent", "signed_by_one")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request came from, as evidence. address: of accounts.client, never a header as it stands."""

    address: str = ""
    agent: str = ""


def signer_address(actor: Actor, contract: Contract) -> str:
    """Where this side's code goes: a member's own address; the creator's account, else where the invitation went."""
    if actor.user_id is not None:
        return str(User.objects.values_list("email", flat=True).get(pk=actor.user_id))
    if actor.side == "creator":
        return contract.partnership.sent_to
    return ""


def consent_text(contract: Contract, side: str) -> str:
    """What somebody declares by signing, in the contract's language. Its fingerprint is in the log."""
    with translation.override(contract.language):
        who = contract.brand_party if side == "brand" else contract.creator_party
        return _(
            "I have read contract %(reference)s (SHA-256 %(sha256)s). I sign it electronically for %(party)s, "
            "I am entitled to do so, and I agree to be bound by it."
        ) % {
            "reference": contract.reference,
            "sha256": contract.document_sha256,
            "party": who.get("name") or "–",
        }


def note_opening(*, actor: Actor, contract: Contract, browser: Browser, now: datetime | None = None) -> bool:
    """Logs the first time a side opens what it was sent. Call it from a POST or behind a sign-in, not from a scanner."""
    if contract.state not in SIGNABLE or actor.side not in ("brand", "creator"):
        return False
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        opened = [line.body for line in Evidence.objects.filter(contract=row, kind="opened")]
        if any(f'"side":"{actor.side}"' in body for body in opened):
            return False
        evidence.append(
            row, "opened", {"address": browser.address, "agent": browser.agent[:300], "side": actor.side}, at=moment
        )
    return True


def request_code(*, actor: Actor, contract: Contract, browser: Browser, now: datetime | None = None) -> str:
    """Sends this side a code by mail; returns the address it went to. Raises TooManyCodes, WrongState."""
    code, address = issue_code(actor=actor, contract=contract, browser=browser, now=now)
    del code
    return address


def issue_code(*, actor: Actor, contract: Contract, browser: Browser, now: datetime | None = None) -> tuple[str, str]:
    """(code, address): the code itself is for the mail only, and for whoever plays the mailbox's owner (demo, tests)."""
    require(actor, "contract.sign", contract)
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        _check_turn(actor, row)
        address = signer_address(actor, row)
        if not address:
            raise WrongState(_("There is no address to send the code to."), code="no_address")
        code = codes.new_code(row, side=actor.side, email=address, now=moment)
        line = evidence.append(
            row,
            "code_sent",
            {"address": browser.address, "agent": browser.agent[:300], "side": actor.side, "to": address},
            at=moment,
        )
        _mail_code(row, code, address, line, moment)
        # The event has a reaction, so that the outbox is emptied at once: ten minutes are short.
        record_event(
            "contract.code_sent",
            row,
            actor=actor,
            data={"partnership": str(row.partnership_id), "side": actor.side},
            workspace_id=row.partnership.campaign.workspace_id,
            creator_id=row.partnership.creator_id,
            at=moment,
        )
    return code, address


def _mail_code(row: Contract, code: str, address: str, line: Evidence, moment: datetime) -> None:
    names = {"brand": row.brand_party.get("name", ""), "code": code, "reference": row.reference}
    subject = _("%(code)s is your code to sign with %(brand)s") % names
    context = {
        "code": code,
        "reference": row.reference,
        "brand": names["brand"],
        "language": translation.get_language(),
    }
    queue_mail(
        dedupe_key=f"contract-code:{row.pk}:{line.sequence}",
        kind="contract_code",
        to=address,
        subject=subject,
        text=render_to_string("emails/code.txt", context),
        html=render_to_string("emails/code.html", context),
        language=translation.get_language() or "en",
        workspace_id=None,
        at=moment,
    )


def _check_turn(actor: Actor, row: Contract) -> None:
    if row.state not in SIGNABLE:
        raise WrongState(
            _("This is no longer possible: the state is now “%(state)s”.") % {"state": row.badge.label},
            params={"state": row.state},
        )
    if row.partnership.state in ("cancelled", "declined", "withdrawn", "expired"):
        raise WrongState(_("The partnership has ended."), code="partnership_ended")
    if actor.side not in ("brand", "creator") or actor.kind == "api":
        raise NotAllowed(_("A person signs, with a code sent to them."), code="person_needed")
    if Signature.objects.filter(contract=row, side=actor.side).exists():
        raise WrongState(_("Your side has signed already."), code="signed_already")


def sign(
    *,
    actor: Actor,
    contract: Contract,
    code: str,
    name: str,
    capacity: str,
    agrees: bool,
    browser: Browser,
    document_sha256: str = "",
    now: datetime | None = None,
) -> Contract:
    """Signs for the actor's side. Of any number of callers at once one wins.

    document_sha256: of the document the person read; refused when it is another. When both sides have signed, the
    contract is executed, the partnership moves on and payments and rights are noted, in the same transaction;
    the seal and the copies follow by reaction (`ensure_sealed`).
    """
    require(actor, "contract.sign", contract)
    moment = now or timezone.now()
    person, role = one_line(name, 160), one_line(capacity, 120)
    faults = {}
    if len(person) < 3:
        faults["name"] = [_("Write your first and last name.")]
    if not role:
        faults["capacity"] = [_("Say in which capacity you sign.")]
    if not agrees:
        faults["agrees"] = [_("Tick the box if you agree.")]
    if faults:
        raise InvalidInput(fields=faults)
    used = _checked_code(actor, contract, code, browser, moment)
    with transaction.atomic():
        row = lock(contract)
        _check_turn(actor, row)
        if document_sha256 and document_sha256 != row.document_sha256:
            raise WrongState(_("The document has changed since you read it."), code="document_changed")
        codes.claim_code(used, now=moment)
        consent = consent_text(row, actor.side)
        signature = Signature.objects.create(
            contract=row,
            side=actor.side,
            name=person,
            capacity=role,
            email=used.email,
            consent_text=consent,
            consent_sha256=evidence.digest(consent),
            document_sha256=row.document_sha256,
            code_sent_at=used.created_at,
            signed_at=moment,
            address=browser.address[:45],
            agent=one_line(browser.agent, 300),
        )
        evidence.append(row, "signed", _signed(signature), at=moment)
        verb = "sign_first" if row.state == "sent" else "sign_second"
        changes = {"executed_at": moment} if verb == "sign_second" else {}
        data = {"partnership": str(row.partnership_id), "reference": row.reference, "side": actor.side}
        advance(row, CONTRACT, verb, actor=actor, changes=changes, data=data, at=moment)
        if row.state == "executed":
            evidence.append(row, "executed", {"document_sha256": row.document_sha256}, at=moment)
            _follow(row, moment)
    contract.refresh_from_db()
    return contract


def _checked_code(
    actor: Actor, contract: Contract, code: str, browser: Browser, moment: datetime
) -> codes.SignatureCode:
    """In a transaction of its own: a wrong attempt stays counted and logged although nothing is signed."""
    refusal: InvalidInput | None = None
    with transaction.atomic():
        row = lock(contract)
        _check_turn(actor, row)
        try:
            return codes.check_code(row, side=actor.side, code=code, now=moment)
        except InvalidInput as error:
            refusal = error
            evidence.append(
                row,
                "code_refused",
                {"address": browser.address, "agent": browser.agent[:300], "side": actor.side},
                at=moment,
            )
    raise InvalidInput(fields={"code": [refusal.message]}, code=refusal.code)


def _signed(signature: Signature) -> dict[str, str]:
    return {
        "side": signature.side,
        "name": signature.name,
        "capacity": signature.capacity,
        "email": signature.email,
        "consent_sha256": signature.consent_sha256,
        "document_sha256": signature.document_sha256,
        "code_sent_at": evidence.stamp(signature.code_sent_at),
        "at": evidence.stamp(signature.signed_at),
        "address": signature.address,
        "agent": signature.agent,
    }


def _follow(row: Contract, moment: datetime) -> None:
    """What an executed contract brings: the partnership is under contract, payments and rights are on record."""
    partnership = Partnership.objects.select_for_update().get(pk=row.partnership_id)
    if partnership.state == "accepted":
        move(partnership, "contract", actor=SYSTEM, data={"contract": row.reference}, now=moment)
    after_signature.executed(row, moment)


def ensure_sealed(contract: Contract, *, now: datetime | None = None) -> ContractFile | None:
    """The sealed PDF of an executed contract, made once. None before both have signed.

    Runs after the signatures are committed: a timestamp authority that is away delays the seal, never the signature.
    """
    if contract.executed_at is None:
        return None
    found = ContractFile.objects.filter(contract=contract, kind="sealed").first()
    if found:
        return found
    moment = now or timezone.now()
    log = list(Evidence.objects.filter(contract=contract).order_by("sequence"))
    content = document.render(contract, signatures=list(contract.signatures.all()), log=log)
    sealed = seal.seal(content)
    with transaction.atomic():
        row = lock(contract)
        found = ContractFile.objects.filter(contract=row, kind="sealed").first()
        if found:
            return found
        sha256 = evidence.digest(sealed.content)
        found = ContractFile.objects.create(
            contract=row, kind="sealed", content=sealed.content, sha256=sha256, created_at=moment
        )
        data = {"certificate_sha256": sealed.fingerprint, "sha256": sha256, "timestamp_authority": sealed.timestamp}
        evidence.append(row, "sealed", data, at=moment)
        record_event(
            "contract.sealed",
            row,
            actor=SYSTEM,
            data={"partnership": str(row.partnership_id), "reference": row.reference, "sha256": sha256},
            workspace_id=row.partnership.campaign.workspace_id,
            creator_id=row.partnership.creator_id,
            at=moment,
        )
    return found


def sealed_file(contract: Contract) -> ContractFile | None:
    """The sealed PDF for whoever downloads it now. Where an authority is asked for the time, nobody waits for it here."""
    if settings.TIMESTAMP_URL:
        return ContractFile.objects.filter(contract=contract, kind="sealed").first()
    return ensure_sealed(contract)


def seal_waiting(*, now: datetime | None = None, limit: int = 50) -> int:
    """By beat: seals what both have signed and nothing sealed yet, however long an authority was away. Returns how many."""
    rows = Contract.objects.filter(executed_at__isnull=False).exclude(files__kind="sealed").order_by("executed_at")
    done = 0
    for row in rows[:limit]:
        try:
            done += ensure_sealed(row, now=now) is not None
        except seal.SealDelayed as error:
            _log.warning("contract %s is not sealed yet: %s", row.reference, error)
            break  # the others would wait as long
    return done
