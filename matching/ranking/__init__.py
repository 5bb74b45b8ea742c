"""Ranking: candidates in, explained fits out. Pure numpy; no ORM, no clock, no unseeded randomness.

`ENGINE_VERSION` names the formulas of this package. It changes with any change that can move a score.
"""

ENGINE_VERSION = "rank-4"
