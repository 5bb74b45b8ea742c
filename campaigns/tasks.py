"""Background work of campaigns. Tasks only call services."""

from __future__ import annotations

from celery import shared_task

from campaigns.links.retention import drop_old_clicks, forget_visitors
from campaigns.links.telling import tell_clicks as tell_new_clicks
from campaigns.services import payments
from campaigns.services.code_leaks import tell_leaks
from campaigns.services.deadlines import watch_due
from campaigns.services.invitations import expire_due
from campaigns.services.reports import send_due_reports
from campaigns.services.results import find_posts as tie_posts
from campaigns.services.scheduling import follow_up_due, send_due
from campaigns.services.shipping import forget_addresses as delete_old_addresses
from campaigns.services.signing import seal_waiting
from campaigns.services.tracking import check_due_links


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


@shared_task(name="campaigns.tidy_clicks")
def tidy_clicks() -> None:
    """Every hour: what tells visitors apart is gone after a day, clicks after 25 months."""
    forget_visitors()
    drop_old_clicks()


@shared_task(name="campaigns.watch_codes")
def watch_codes() -> None:
    """Every hour: codes that seem to be used by others than their creator's audience."""
    tell_leaks()


@shared_task(name="campaigns.check_links")
def check_links() -> None:
    """Looks again at where links lead, each once a day."""
    check_due_links()


@shared_task(name="campaigns.find_posts")
def find_posts() -> None:
    """Every hour: contents whose post was observed meanwhile."""
    tie_posts()


@shared_task(name="campaigns.send_scheduled_reports")
def send_scheduled_reports() -> None:
    """Freezes and mails the reports that are due."""
    send_due_reports()


@shared_task(name="campaigns.run_due")
def run_due() -> None:
    """Run by beat every ten minutes: payments that fall due or are late, rights that end, seals still to be set."""
    payments.run_due()
    seal_waiting()


@shared_task(name="campaigns.watch_deliverables")
def watch_deliverables() -> None:
    """Run by beat every ten minutes: late and missed pieces, until none is left to mark."""
    while watch_due():
        pass


@shared_task(name="campaigns.tell_clicks")
def tell_clicks() -> None:
    """Every five minutes: clicks in batches, for the partner systems that listen."""
    while tell_new_clicks():
        pass
