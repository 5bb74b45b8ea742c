"""Contracts, what was signed, and the log that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible
from campaigns.models.partnership import PartnershipQuerySet
from campaigns.states import CONTRACT, Badge

if TYPE_CHECKING:
    from accounts.actors import Actor

SIDES = [("brand", _("Brand")), ("creator", _("Creator"))]
OPEN = ("draft", "sent", "signed_by_one")


class ContractQuerySet(PartnershipQuerySet):
    """Both sides see it, the creator once it was sent."""

    partnership = "partnership"

    def visible_to(self, actor: Actor) -> Self:
        found = super().visible_to(actor)
        return found if actor.side == "brand" else found.filter(sent_at__isnull=False)


class OfContractQuerySet(TenantQuerySet):
    """Rows of a contract, seen with it."""

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(contract__in=Contract.visible_to(actor))


class LegalIdentity(Visible):
    """How a creator is named in contracts: filled in once, by them; a brand reads it in its own contracts only."""

    creator = models.OneToOneField(
        "accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="legal_identity"
    )
    details = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class OwnQuerySet(TenantQuerySet):
        def visible_to(self, actor: Actor) -> Self:
            return self.filter(creator_id=actor.creator_id) if actor.creator_id is not None else self.none()

    objects = OwnQuerySet.as_manager()


class Contract(Visible):
    """One contract or amendment of a partnership.

    clauses: [{key, title, text, template}], template being the merged text before any edit.
    brand_party, creator_party: {name, address, email, tax_country, ...}, see campaigns/contracts/parties.py.
    document_sha256: of the PDF that was sent, which is what both sides sign.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.PROTECT, related_name="contracts")
    amends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=14, choices=[(s, s) for s in CONTRACT.states], default="draft")
    language = models.CharField(max_length=5, default="en")
    country = models.CharField(max_length=2, blank=True)
    form = models.CharField(max_length=15)
    objective = models.CharField(max_length=15)
    pack = models.CharField(max_length=20)
    clauses = models.JSONField(default=list)
    brand_party = models.JSONField(default=dict)
    creator_party = models.JSONField(default=dict)
    fee = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    in_kind = models.CharField(max_length=300, blank=True)
    in_kind_value = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="EUR")
    deliverables = models.JSONField(default=list)
    due_on = models.DateField(null=True, blank=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    rights = models.CharField(max_length=400, blank=True)
    rights_until = models.DateField(null=True, blank=True)
    document_sha256 = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    executed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending_reason = models.TextField(blank=True, max_length=1000)
    ended_by = models.CharField(max_length=7, blank=True, choices=SIDES)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CONTRACT.states), name="contract_state_known"),
            models.UniqueConstraint(fields=["partnership", "number"], name="contract_number_unique"),
            models.UniqueConstraint(
                fields=["partnership"],
                condition=models.Q(amends__isnull=True, state__in=[*OPEN, "executed"]),
                name="one_contract_per_partnership",
            ),
            models.UniqueConstraint(
                fields=["partnership"], condition=models.Q(state__in=OPEN), name="one_open_contract_per_partnership"
            ),
        ]
        ordering = ["-created_at"]

    @property
    def badge(self) -> Badge:
        return CONTRACT.badges[self.state]

    @property
    def campaign(self) -> Any:
        return self.partnership.campaign

    @property
    def creator_id(self) -> int:
        return int(self.partnership.creator_id)

    @property
    def total(self) -> Any:
        return self.fee + self.in_kind_value

    @property
    def reference(self) -> str:
        """Printed on every page: the last 12 characters of the id (its random half)."""
        return self.pk.hex[-12:].upper()


class SignatureCode(models.Model):
    """A one-time code sent by mail: hashed, ten minutes, five attempts. A newer one replaces it."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="codes")
    side = models.CharField(max_length=7, choices=SIDES)
    email = models.EmailField()
    salt = models.CharField(max_length=43)
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class Signature(Visible):
    """What one side declared when signing. Append-only (a trigger refuses every change)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=7, choices=SIDES)
    name = models.CharField(max_length=160)
    capacity = models.CharField(max_length=120)
    email = models.EmailField()
    consent_text = models.TextField()
    consent_sha256 = models.CharField(max_length=64)
    document_sha256 = models.CharField(max_length=64)
    code_sent_at = models.DateTimeField()
    signed_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)

    objects = OfContractQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "side"], name="one_signature_per_side")]
        ordering = ["signed_at"]


class ContractFile(Visible):
    """A PDF as it was sent or sealed, byte for byte. Append-only."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=6, choices=[("sent", _("Sent for signature")), ("sealed", _("Signed, sealed"))])
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField()

    objects = OfContractQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "kind"], name="one_file_per_kind")]


class Evidence(Visible):
    """One line of a contract's log. `body` is canonical JSON; hash = SHA-256 over it, chained by `previous`.

    Append-only: triggers refuse UPDATE, DELETE and TRUNCATE. See campaigns/contracts/evidence.py.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="evidence")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    body = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = OfContractQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "sequence"], name="evidence_sequence_unique")]
        ordering = ["sequence"]
