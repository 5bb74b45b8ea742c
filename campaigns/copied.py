"""What this layer gives to a person's copy of their data: their files and contracts; and how long it keeps words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Creator
from accounts.services.copies import adds_files
from accounts.services.retention import area
from campaigns import reviewfiles
from campaigns.limits import RUNNING, WAITING
from campaigns.models import ContractFile, Message, ReviewFile


@adds_files
def files_of(creator: Creator) -> Iterator[tuple[str, bytes]]:
    """Uploaded drafts and pictures, and every contract as it was sent and sealed."""
    for row in ReviewFile.objects.filter(deliverable__partnership__creator=creator):
        path = reviewfiles.path_of(row)
        if path.exists():
            yield f"content/{row.pk}-{row.name}", path.read_bytes()
    for file in ContractFile.objects.filter(contract__partnership__creator=creator, contract__sent_at__isnull=False):
        yield f"contracts/{file.contract_id}-{file.kind}.pdf", bytes(file.content)


@area(
    "messages",
    _("Messages of ended partnerships"),
    _("What both sides wrote; offers, contracts and sums stay."),
    days=1095,
    least=180,
    most=1825,
)
def messages_of(workspace: Any, before: datetime) -> QuerySet[Any]:
    ended = Message.objects.filter(partnership__campaign__workspace_id=workspace, created_at__lt=before)
    return ended.exclude(partnership__state__in=[*WAITING, *RUNNING]).filter(partnership__state_changed_at__lt=before)
