"""What else is known of a batch beside posts, comments and follower counts: each part may be absent.

Rows are grouped like those of the batch: people by account, snapshots by post and oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.signals.segments import Floats, Ints

FEATURES = ("posts", "following", "followers", "picture", "private", "name_length", "name_digits", "name_ends_digit")
"""What is kept of one account of an audience sample: numbers only, no name."""


@dataclass(frozen=True, slots=True)
class Audience:
    """m sampled followers. account (m,): index in Accounts; people (m, 8): FEATURES."""

    account: Ints
    people: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """k looks at the counters of posts. post (k,): index in Posts; at (k,): seconds; count (k,): interactions
    (views where the network shows no likes), NaN unknown."""

    post: Ints
    at: Floats
    count: Floats


@dataclass(frozen=True, slots=True)
class History:
    """(n,) sums over past partnerships, 0 without any. invited: invitations whose answer is due; answered: of those;
    accepted: of those. log_hours, timed: sum of log hours to the answer, and how many have one. due, on_time:
    deliveries with a date, and those in time. rounds, reviewed: correction rounds asked, deliveries reviewed.
    finished, disputed, withdrawn: partnerships that ended, with a dispute, left by the creator."""

    invited: Floats
    answered: Floats
    accepted: Floats
    log_hours: Floats
    timed: Floats
    due: Floats
    on_time: Floats
    rounds: Floats
    reviewed: Floats
    finished: Floats
    disputed: Floats
    withdrawn: Floats

    @classmethod
    def none(cls, n: int) -> History:
        return cls(*(np.zeros(n) for _ in fields(cls)))


@dataclass(frozen=True, slots=True)
class Ties:
    """(n,) who comments whom among creators (`network`): inbound creators, those answered by comments of one's own,
    close ties the niche would lead to, z of the close ties seen, and the size of the group of creators who keep commenting one another."""

    inbound: Floats
    mutual: Floats
    expected: Floats
    z: Floats
    group: Floats


@dataclass(frozen=True, slots=True)
class Further:
    audience: Audience | None = None
    snapshots: Snapshots | None = None
    history: History | None = None
    ties: Ties | None = None

    def parts(self, creator_of_account: Ints, creator_of_post: Ints, n: int) -> list[tuple[Ints, Sequence[Any]]]:
        """(creator of each row, columns) of every part, present or not: what digests of the inputs read."""
        none = np.zeros(0, np.int64)
        a, s = self.audience, self.snapshots
        everyone = np.arange(n)
        found: list[tuple[Ints, Sequence[Any]]] = [
            (creator_of_account[a.account], [a.people[:, k].astype(np.float64) for k in range(len(FEATURES))])
            if a is not None
            else (none, [np.zeros(0)]),
            (creator_of_post[s.post], [s.at, s.count]) if s is not None else (none, [np.zeros(0)]),
        ]
        for part in (self.history, self.ties):
            found.append(
                (everyone, [getattr(part, f.name) for f in fields(part)]) if part is not None else (none, [np.zeros(0)])
            )
        return found
