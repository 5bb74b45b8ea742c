"""Log lines that a person or a machine reads, each with the request or task it belongs to."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

current_request: ContextVar[str] = ContextVar("current_request", default="")
current_task: ContextVar[str] = ContextVar("current_task", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "task_id"}


class Belonging(logging.Filter):
    """Adds `request_id` and `task_id` to every record, empty outside of both."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = getattr(record, "request_id", "") or current_request.get()
        record.task_id = current_task.get()
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, task_id, error, and what `extra=` gave."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "task_id"):
            if value := getattr(record, name, ""):
                line[name] = value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(extra | line, default=repr, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """For the terminal; the id stands at the end, where it does not push the words aside."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's own name)
        text = super().formatMessage(record)
        belongs = getattr(record, "task_id", "") or getattr(record, "request_id", "")
        return f"{text} [{belongs}]" if belongs else text
