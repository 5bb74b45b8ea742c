"""What follows from events of campaigns. Each handler may run twice and then changes nothing twice."""

from __future__ import annotations

from accounts.events import reaction
from accounts.models import Event
from campaigns import notifications


@reaction("partnership_mail", "partnership.*")
def write_letters(event: Event) -> None:
    notifications.notify(event)
