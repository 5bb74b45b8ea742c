"""The priors in force: read, and replaced by a new version."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from matching.models import Priors as PriorsRow
from matching.signals.priors import Priors, default_priors


def current_priors() -> Priors:
    """The fitted priors in force, else the shipped reference."""
    row = PriorsRow.objects.filter(is_current=True).first()
    return Priors.from_json(row.version, row.payload) if row else default_priors()


def fitted_for() -> int:
    """Creators that existed when the priors in force were fitted; 0 without any."""
    return PriorsRow.objects.filter(is_current=True).values_list("creators", flat=True).first() or 0


def save_priors(priors: Priors, *, creators: int) -> bool:
    """Stores and switches to these priors. creators: how many existed. False if they are already in force."""
    with transaction.atomic():
        current = PriorsRow.objects.select_for_update().filter(is_current=True).first()
        if current is not None and current.version == priors.version:
            PriorsRow.objects.filter(pk=current.pk).update(creators=creators, fitted_at=timezone.now())
            return False
        PriorsRow.objects.filter(is_current=True).update(is_current=False)
        PriorsRow.objects.update_or_create(
            version=priors.version,
            defaults={
                "payload": priors.to_json(),
                "creators": creators,
                "fitted_at": timezone.now(),
                "is_current": True,
            },
        )
    return True
