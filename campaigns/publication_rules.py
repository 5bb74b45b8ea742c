"""What must be settled before a partnership's content may go live. Each part of the product registers its own guard.

A guard answers with the obstacles it sees; a warning is shown and does not refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts.errors import WrongState
from campaigns.limits import Block
from campaigns.models import Partnership

Guard = Callable[[Partnership, datetime], list[Block]]
_GUARDS: dict[str, Guard] = {}


class NotPublishable(WrongState):
    """The first obstacle refuses; `params["blocks"]` lists every one."""

    def __init__(self, found: list[Block]) -> None:
        super().__init__(" ".join(block.message for block in found), code=found[0].code)
        self.params["blocks"] = [{"code": block.code, "detail": block.message} for block in found]


def register(name: str, guard: Guard) -> None:
    """The same name again replaces its guard."""
    _GUARDS[name] = guard


def obstacles(partnership: Partnership, now: datetime) -> list[Block]:
    """What every guard says, in the order of registration."""
    return [block for guard in _GUARDS.values() for block in guard(partnership, now)]


def require_publishable(partnership: Partnership, now: datetime) -> None:
    """Raises NotPublishable (409) while anything but warnings is left."""
    hard = [block for block in obstacles(partnership, now) if not block.warning]
    if hard:
        raise NotPublishable(hard)
