"""Where a datum came from, on what basis, and what a person agreed or objected to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    IMPORT = "import", _("File import")
    API = "api", _("Partner API")
    CONNECTOR = "connector", _("Platform connector")
    CREATOR = "creator", _("Given by the creator")
    MANUAL = "manual", _("Entered by hand")
    DEMO = "demo", _("Generated for the demo")


class Basis(models.TextChoices):
    LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")
    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    FICTION = "fiction", _("Fictional person")


class Provenance(models.Model):
    """One origin shared by the rows it brought. Each row adds its own `observed_at`."""

    kind = models.CharField(max_length=12, choices=SourceKind.choices)
    label = models.CharField(max_length=200)
    basis = models.CharField(max_length=24, choices=Basis.choices, default=Basis.LEGITIMATE_INTEREST)
    workspace = models.ForeignKey(
        "accounts.Workspace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    user = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    retrieved_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label


class Consent(models.Model):
    """What a creator said about one purpose, and when. Never updated: a change is a new row."""

    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    given = models.BooleanField()
    source = models.ForeignKey(Provenance, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["creator", "purpose", "-recorded_at"], name="consent_latest")]


class Objection(models.Model):
    """Do-not-contact list. Kept as keyed hashes so that it survives the person's erasure."""

    scope = models.CharField(
        max_length=10, choices=[("email", "e-mail"), ("account", "account"), ("creator", "creator")]
    )
    subject_hash = models.CharField(max_length=24)
    workspace = models.ForeignKey(
        "accounts.Workspace", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "subject_hash", "workspace"], name="one_objection", nulls_distinct=False
            )
        ]
