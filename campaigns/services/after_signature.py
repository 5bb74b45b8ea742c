"""What follows from a contract signed by both, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from campaigns.models import Contract


def executed(contract: Contract, moment: datetime) -> None:
    """Notes what is owed and what may be used until when."""
