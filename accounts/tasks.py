"""Background work of this app. Tasks only call services; beat repeats what a lost nudge left."""

from __future__ import annotations

from celery import shared_task

from accounts import events, mail


@shared_task(name="accounts.drain_events")
def drain_events() -> None:
    while events.drain():
        pass
    mail.deliver()


@shared_task(name="accounts.deliver_mail")
def deliver_mail() -> None:
    mail.deliver()


@events.on_recorded
def nudge_drain() -> None:
    """Start draining now. A broker that is away is no loss: beat drains within seconds of its return."""
    drain_events.apply_async(retry=False)
