"""An import as people read it: its state, pace and result in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Job, JobState
from matching.ingest.fields import ENTITIES
from matching.ingest.reasons import Problem, remedy, sentence

COLUMNS = ("created", "updated", "unchanged", "duplicates", "rejected")
_PROGRESS = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
TONES = {"waiting": "neutral", "running": "info", "done": "good", "failed": "bad", "cancelled": "neutral"}
ERRORS = {
    "no_readable_file": gettext_lazy("None of the files could be read."),
    "stalled": gettext_lazy("The import stopped several times at the same place and was given up."),
    "interrupted": gettext_lazy("The import was interrupted. Run the command again: it goes on where it stopped."),
}


@dataclass(frozen=True, slots=True)
class FileLine:
    name: str
    rows: int
    format: str
    note: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """Rows rejected, or values left out, for one reason."""

    times: int
    kind: Any
    field: Any
    sentence: str
    remedy: str
    file: str
    line: int


@dataclass(slots=True)
class Report:
    """state: of the progress component. remaining: seconds, None when unknown."""

    job: Job
    state: str
    label: Any
    tone: str
    rate: int | None = None
    remaining: str = ""
    error: str = ""
    entities: list[tuple[Any, list[int]]] = field(default_factory=list)
    files: list[FileLine] = field(default_factory=list)
    reasons: list[ReasonLine] = field(default_factory=list)
    warnings: list[ReasonLine] = field(default_factory=list)
    repeats: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def stopping(self) -> bool:
        return self.active and self.job.cancel_requested_at is not None

    @property
    def detail(self) -> str:
        if self.stopping:
            return _("Stopping after the rows that are being stored")
        if self.state == "waiting":
            return _("Waiting for a worker")
        parts = [self.remaining] if self.remaining else []
        if self.rate and self.active:
            parts.insert(0, _("%(rate)s rows a second") % {"rate": _grouped(self.rate)})
        return " · ".join(parts)


def report_of(job: Job) -> Report:
    """Progress from the last checkpoint, the result once there is one."""
    state = _PROGRESS[JobState(job.state)]
    paused = state == "cancelled" and job.params.get("paused")
    report = Report(job, state, _("Paused") if paused else job.get_state_display(), TONES[state])
    data: Mapping[str, Any] = job.result or job.checkpoint
    seconds = float(data.get("seconds") or 0)
    report.rate = round(job.done / seconds) if seconds > 0.05 and job.done else None
    if state == "running" and report.rate and job.total and job.total > job.done:
        report.remaining = _left((job.total - job.done) / report.rate)
    report.error = str(
        ERRORS.get(job.error) or (_("Something unexpected happened; it is in the log.") if job.error else "")
    )
    report.entities = _entities(data.get("entities", {}))
    report.files = [_file_line(file) for file in data.get("files", [])]
    report.reasons = _lines(data.get("reasons", {}))
    report.warnings = _lines(data.get("warnings", {}))
    report.repeats = [tuple(item) for item in data.get("repeats", [])]  # type: ignore[misc]
    return report


def _entities(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[Any, list[int]]]:
    return [
        (entity.label, [int(counts[name].get(key, 0)) for key in COLUMNS])
        for name, entity in ENTITIES.items()
        if name in counts
    ]


def _file_line(file: Mapping[str, Any]) -> FileLine:
    problem = Problem(file["problem"]["code"], file["problem"]["params"]) if file.get("problem") else None
    note = (
        _("read as %(encoding)s, the likeliest guess") % {"encoding": file["encoding"]}
        if file.get("guessed")
        else file.get("encoding", "")
    )
    return FileLine(
        file["name"],
        int(file.get("rows", 0)),
        {"csv": "CSV", "jsonl": "JSON Lines", "json": "JSON"}.get(file.get("format", ""), ""),
        note,
        sentence(problem) if problem else "",
        remedy(problem) if problem else "",
    )


def _lines(table: Mapping[str, Any]) -> list[ReasonLine]:
    lines = []
    for key, (times, file, line, params) in table.items():
        entity, name, code = key.split(" ")
        problem = Problem(code, params)
        known = ENTITIES[entity]
        label = known.by_name[name].label if name in known.by_name else ""
        lines.append(ReasonLine(times, known.label, label, sentence(problem), remedy(problem), file, line))
    return sorted(lines, key=lambda row: -row.times)


def _grouped(number: int) -> str:
    from accounts.templatetags.figures import number as written

    return written(number)


def _left(seconds: float) -> str:
    if seconds < 90:
        count = max(1, round(seconds))
        return ngettext("about %(n)s second left", "about %(n)s seconds left", count) % {"n": count}
    count = round(seconds / 60)
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", count) % {"n": count}
