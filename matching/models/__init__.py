"""Models of observed data, computed signals and kept answers."""

from matching.models.choosing import (
    CreatorNote,
    SavedSearch,
    SearchNews,
    Shortlist,
    ShortlistEntry,
    ShortlistLink,
    ShortlistOpinion,
)
from matching.models.connections import Connection, ConnectionDay
from matching.models.further import AudienceSample, AudienceSketch, CreatorTies, FittedCalibration
from matching.models.imports import ImportDraft, ImportMapping
from matching.models.matches import MatchResult, MatchRun
from matching.models.observed import AudienceShare, Comment, FollowerCount, Post, PostMetrics
from matching.models.scored import CreatorIndex, PostVectors, Priors, RescoreRequest, Signals
from matching.models.scoring import Outcome, ScoringVersion
from matching.models.vectors import CreatorDocument, CreatorVector, VectorCell, VectorSample

__all__ = [
    "AudienceSample",
    "AudienceShare",
    "AudienceSketch",
    "Comment",
    "Connection",
    "ConnectionDay",
    "CreatorDocument",
    "CreatorIndex",
    "CreatorNote",
    "CreatorTies",
    "CreatorVector",
    "FittedCalibration",
    "FollowerCount",
    "ImportDraft",
    "ImportMapping",
    "MatchResult",
    "MatchRun",
    "Outcome",
    "Post",
    "PostMetrics",
    "PostVectors",
    "Priors",
    "RescoreRequest",
    "SavedSearch",
    "ScoringVersion",
    "SearchNews",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistLink",
    "ShortlistOpinion",
    "Signals",
    "VectorCell",
    "VectorSample",
]
