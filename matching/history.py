"""What past partnerships say about a creator: known to the layer above, needed by scoring.

The engine never sees a campaign. Whoever keeps partnerships registers two functions here; without them nobody
has a history, and reliability stays a wide prior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matching.signals.further import History


@dataclass(frozen=True, slots=True)
class PartnershipHistory:
    """One creator's past partnerships over all workspaces, as sums (see `signals.further.History`)."""

    creator_id: int
    invited: int = 0
    answered: int = 0
    accepted: int = 0
    log_hours: float = 0.0
    timed: int = 0
    due: int = 0
    on_time: int = 0
    rounds: int = 0
    reviewed: int = 0
    finished: int = 0
    disputed: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """Invitations that were answered or expired. chance (m,): the chance of acceptance the engine had told, 0..1;
    accepted (m,): 1 accepted, 0 declined or silent."""

    chance: NDArray[np.float64]
    accepted: NDArray[np.float64]


_histories: Callable[[Sequence[int]], Sequence[PartnershipHistory]] = lambda creator_ids: ()  # noqa: E731
_answers: Callable[[], Answers] = lambda: Answers(np.zeros(0), np.zeros(0))  # noqa: E731


def register(
    *, histories: Callable[[Sequence[int]], Sequence[PartnershipHistory]], answers: Callable[[], Answers]
) -> None:
    """histories: of these creators, those without any left out. answers: every invitation that followed a match."""
    global _histories, _answers
    _histories, _answers = histories, answers


def histories_of(creator_ids: NDArray[np.int64]) -> History | None:
    """The batch's part; None where nobody has a history. creator_ids (n,) ascending."""
    found = _histories(creator_ids.tolist())
    if not found:
        return None
    out = History.none(len(creator_ids))
    rows = np.searchsorted(creator_ids, [one.creator_id for one in found])
    for part in fields(History):
        getattr(out, part.name)[rows] = [getattr(one, part.name) for one in found]
    return out


def past_answers() -> Answers:
    return _answers()
