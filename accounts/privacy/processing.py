"""The register of processing (GDPR art. 30) as data: what is done with people's data here, why, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Creator, Membership


@dataclass(frozen=True, slots=True)
class Record:
    """One processing activity. Every text is a translatable sentence."""

    key: str
    title: Any
    purpose: Any
    people: Any
    data: Any
    basis: Any
    recipients: Any
    kept: Any
    measures: Any


_SAFE = _("Access by role and by part of the workspace, audit log, encryption of secrets, backups with hashes.")
RECORDS: tuple[Record, ...] = (
    Record(
        "index", _("Index of creators"), _("Find creators who suit a brief"), _("Creators with public accounts"),
        _("Name, handles, public posts and figures, languages, country, contact address made public"),
        _("Legitimate interest (art. 6.1.f), with notice at the first letter and a right to object"),
        _("Members of the workspaces of this installation"), _("Until objection or erasure; notes on people never worked with 3 years at most"),
        _("Commenters only as keyed hashes; refused people are kept out of imports by keyed hashes."),
    ),
    Record(
        "invitations", _("Invitations and partnerships"), _("Propose, agree and carry out partnerships"), _("Creators invited"),
        _("Address, offers, messages, drafts, parcels with postal address"), _("Steps before a contract and its performance (art. 6.1.b)"),
        _("The workspace that invited; carriers get the postal address"), _("Messages 3 years after the end; postal address 30 days after the parcel arrived"), _SAFE,
    ),
    Record(
        "contracts", _("Contracts and signatures"), _("Prove what was agreed"), _("Creators under contract, signatories"),
        _("Identity, postal address, country of tax residence, signature with time and address of the device"),
        _("Legal obligation (art. 6.1.c; loi 2023-451 art. 8)"), _("Both parties"), _("5 years after the end"),
        _("Sealed PDF, hash chain, append-only tables."),
    ),
    Record(
        "payments", _("Payments"), _("Keep the record of what is owed and paid"), _("Creators under contract"),
        _("Sums, dates, references"), _("Legal obligation (art. 6.1.c; Code de commerce L123-22)"), _("Finance of the workspace"), _("10 years"), _SAFE,
    ),
    Record(
        "results", _("Links, codes, results"), _("Measure what a campaign gave"), _("Visitors of links, creators"),
        _("Minute, country, kind of device; a daily hash of the address for 24 hours; no cookie"), _("Legitimate interest (art. 6.1.f)"),
        _("The workspace and the creator concerned"), _("Hashes 24 hours, counts 25 months"), _("No visitor identity is kept."),
    ),
    Record(
        "members", _("Members and sign-in"), _("Let members work and account for what they do"), _("Members of the workspace"),
        _("Name, e-mail, role, second step, audit log with IP address"), _("Legitimate interest in security (art. 6.1.f), contract"),
        _("Administrators of the workspace"), _("As long as the membership; the audit log as long as the workspace"), _SAFE,
    ),
    Record(
        "rights", _("Requests of people"), _("Answer access, correction, objection and erasure"), _("Creators"),
        _("Time of the request, what was kept and why; keyed hashes of who refused"), _("Legal obligation (art. 6.1.c)"),
        _("Nobody outside"), _("Copies 7 days; the log of erasures names nobody and stays"), _("The person does it alone on their data page."),
    ),
)  # fmt: skip


def heads() -> list[str]:
    labels = (
        _("Activity"), _("Purpose"), _("People"), _("Data"), _("Ground"), _("Recipients"), _("Kept"), _("Measures"),
    )  # fmt: skip
    return [str(label) for label in labels]


def rows() -> Iterator[list[str]]:
    for r in RECORDS:
        yield [str(v) for v in (r.title, r.purpose, r.people, r.data, r.basis, r.recipients, r.kept, r.measures)]


def counts(actor: Actor) -> dict[str, int]:
    """How many people the register speaks of today."""
    return {"creators": Creator.visible_to(actor).count(), "members": Membership.visible_to(actor).count()}
