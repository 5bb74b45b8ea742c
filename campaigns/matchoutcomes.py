"""What came of the engine's proposals, told back to it: stages of a partnership, figures of a frozen report."""

from __future__ import annotations

import json

from accounts.models import Event
from campaigns.models import Partnership, Report
from matching.services.outcomes import record_outcome

STAGES = {
    "shortlisted": "shortlisted",
    "invited": "invited",
    "accepted": "accepted",
    "declined": "declined",
    "live": "delivered",
}
"""State reached → stage of `matching.models.Outcome`."""


def tell(event: Event) -> None:
    """One event; partnerships that did not come from a match have nothing to tell."""
    if event.kind == "report.frozen":
        _measured(event)
        return
    found = Partnership.objects.filter(pk=event.object_id).values_list("match_result_id", flat=True).first()
    stage = STAGES.get(event.kind.removeprefix("partnership."))
    if found is not None and stage:
        record_outcome(result_id=found, stage=stage, name=event.actor_name, at=event.at)


def _measured(event: Event) -> None:
    """Engagement of each voice, where the report knows it; a later report replaces the figure of an earlier one."""
    report = Report.objects.filter(pk=event.object_id).first()
    if report is None:
        return
    told = json.loads(bytes(report.body)).get("figures", {}).get("partnerships", [])
    known = {str(row["id"]): (row["figures"].get("engagement") or {}).get("value") for row in told}
    rows = Partnership.objects.filter(pk__in=[pk for pk, value in known.items() if value is not None])
    for pk, result in rows.filter(match_result__isnull=False).values_list("pk", "match_result_id"):
        record_outcome(
            result_id=result, stage="measured", name=event.actor_name, value=float(known[str(pk)]), at=event.at
        )
