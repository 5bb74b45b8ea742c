"""Refusals that every entry (page, API, command, task) translates in its own way."""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A use-case refused. `code` is stable and machine readable; the message is for people."""

    status = 400
    code = "refused"

    def __init__(self, message: str = "", *, code: str | None = None, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.params = dict(params or {})


class InvalidInput(DomainError):
    """The input itself is wrong. `fields` maps a field's name to its messages."""

    status = 422
    code = "invalid"

    def __init__(
        self, message: str = "", *, fields: Mapping[str, list[str]] | None = None, code: str | None = None
    ) -> None:
        super().__init__(
            message or "; ".join(f"{k}: {', '.join(map(str, v))}" for k, v in (fields or {}).items()), code=code
        )
        self.fields = dict(fields or {})


class NotAllowed(DomainError):
    """The actor may see the thing but not do this to it."""

    status = 403
    code = "not_allowed"


class WrongState(DomainError):
    """The thing is not, or no longer, in a state that allows this."""

    status = 409
    code = "wrong_state"
