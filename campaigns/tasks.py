"""Background work of campaigns. Tasks only call services."""

from __future__ import annotations

from celery import shared_task

from campaigns.services.invitations import expire_due
from campaigns.services.scheduling import follow_up_due, send_due
from campaigns.services.shipping import forget_addresses as delete_old_addresses


@shared_task(name="campaigns.expire_invitations")
def expire_invitations() -> None:
    """Run by beat every minute; until none is left, so that a long pause is caught up at once."""
    while expire_due():
        pass


@shared_task(name="campaigns.send_scheduled")
def send_scheduled() -> None:
    """Run by beat every minute: invitations whose moment has come, then the follow-ups that are due."""
    while send_due():
        pass
    while follow_up_due():
        pass


@shared_task(name="campaigns.forget_addresses")
def forget_addresses() -> None:
    """Run by beat every night: addresses that no parcel needs any more."""
    delete_old_addresses()
