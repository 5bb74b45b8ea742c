"""What creators are already bound to: known to the layer above, needed by the match.

The engine never sees a campaign. Whoever keeps partnerships registers two functions here; without them
nobody is contacted and nobody's capacity is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class Commitments:
    """accepted: creator → partnerships accepted this calendar month. waiting: creator → invitations unanswered."""

    accepted: Mapping[int, int]
    waiting: Mapping[int, int]


_commitments: Callable[[], Commitments] = lambda: Commitments({}, {})  # noqa: E731
_contacted: Callable[[Actor], frozenset[int]] = lambda actor: frozenset()  # noqa: E731


def register(*, commitments: Callable[[], Commitments], contacted: Callable[[Actor], frozenset[int]]) -> None:
    """commitments: over all workspaces (numbers only). contacted: creators this actor's workspace wrote to."""
    global _commitments, _contacted
    _commitments, _contacted = commitments, contacted


def current_commitments() -> Commitments:
    return _commitments()


def contacted_creators(actor: Actor) -> frozenset[int]:
    return _contacted(actor)
