"""What would change a creator's scores: each signal moved to the upper quarter, and each unknown one made known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matching.contracts import Signal
from matching.creator_figures import family_name
from matching.profiles import signal_label
from matching.ranking.families import INPUTS, Standing, standings

UPPER = 75.0
WORTH = 1.0
MOST = 5


@dataclass(frozen=True, slots=True)
class Change:
    """points: what the family would gain if this signal stood in the upper quarter of comparable creators.
    known False: nothing is known of it yet, and what is gained is at most this."""

    family: Standing
    signal: str
    label: str
    points: float
    known: bool

    @property
    def family_name(self) -> str:
        return family_name(self.family)


def what_would_change(signals: Mapping[str, Signal]) -> list[Change]:
    """The changes worth a point or more, the largest first, at most five. [] before any score."""
    if not signals:
        return []
    wished = [(family, name) for family, inputs in INPUTS.items() for name in inputs]
    people = standings([signals, *(dict(signals) | {name: _lifted(name, signals, family)} for family, name in wished)])
    found = []
    for row, (family, name) in enumerate(wished, start=1):
        before, after = people[0][family].score, people[row][family].score
        if after is None:
            continue
        points = after.value - (before.value if before is not None else 50.0)
        known = name in signals and signals[name].known
        if points >= WORTH:
            found.append(Change(family, name, signal_label(name), points, known))
    return sorted(found, key=lambda change: -change.points)[:MOST]


def _lifted(name: str, signals: Mapping[str, Signal], family: Standing) -> Signal:
    """The signal at the quarter that its shape rewards, as sure as it is now (half as sure where unknown)."""
    falling = INPUTS[family][name].shape in ("falling", "load")
    target = 100 - UPPER if falling else UPPER
    signal = signals.get(name)
    if signal is None or not signal.known:
        return Signal(name, "share", 0.5, None, None, 1, 0.5, "", percentile=target)
    now = signal.percentile
    better = now is not None and (now <= target if falling else now >= target)
    details = {key: value for key, value in signal.details.items() if not key.startswith("percentile")}
    return signal if better else replace(signal, percentile=target, details=details)


def what_is_missing(signals: Mapping[str, Signal]) -> list[str]:
    """Names of the signals that count and of which nothing is known."""
    names = [name for inputs in INPUTS.values() for name in inputs]
    return [signal_label(name) for name in names if name not in signals or not signals[name].known]
