"""Background work of campaigns. Tasks only call services."""

from __future__ import annotations

from celery import shared_task

from campaigns.services.invitations import expire_due


@shared_task(name="campaigns.expire_invitations")
def expire_invitations() -> None:
    """Run by beat every minute; until none is left, so that a long pause is caught up at once."""
    while expire_due():
        pass
