"""The page of formulas, from the docstrings and version numbers of the code that computes them.

`python -m matching.signals.formulas` writes docs/formulas.md; a test fails when the two differ.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

from matching.signals import (
    arrival,
    audience,
    authenticity,
    cadence,
    captions,
    comments,
    community,
    conversation,
    engagement,
    growth,
    longevity,
    network,
    niche,
    overlap,
    posture,
    pricing,
    priors,
    reliability,
    sentiment,
    shrinkage,
    sponsorship,
)
from matching.signals.score import SIGNALS_VERSION

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "formulas.md"
_SECTIONS: tuple[tuple[str, ModuleType, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Engagement rate", engagement, ("engagement_rate",),
     ("WINDOW_DAYS", "MOST_POSTS", "LEAST_POSTS", "HALF_WEIGHT_DAYS", "BASE_NEEDED")),
    ("How quickly reactions arrive", arrival, (), ("MEDIAN_HOURS", "SIGMA", "YOUNGEST")),
    ("Conversation", conversation, ("qualified_share", "generic_share", "reply_rate", "comment_ratio"), ()),
    ("What a comment is", comments, (), ("KINDS", "SPAM_THRESHOLD", "SPAM_WEIGHTS")),
    ("Niche", niche, ("coherence", "tenure", "continuity"), ("LEAST_FOR_DRIFT", "SHUFFLES")),
    ("Sponsorship", sponsorship, ("sponsorship_load", "disclosure_record", "selectivity"),
     ("WINDOW_DAYS", "LEAST_POSTS", "FALLBACK_POSTS", "RESEMBLES")),
    ("What a caption says", captions, (), ("NEGATION_REACH", "CONTENT_BIAS", "CONTENT_WEIGHTS", "TONES", "THEMES", "DELICATE")),
    ("Growth", growth, ("growth",), ("HORIZON", "BEFORE", "STEP_Z", "STEP_SHARE", "NEAR_DAYS", "VIRAL_Z")),
    ("Rhythm", cadence, ("posting_frequency",), ("WINDOW_DAYS", "USUAL_PER_WEEK")),
    ("Persistence", longevity, ("half_life",), ("LEAST_COMMENTS", "SIGMA", "PRIOR_COMMENTS", "COMPLETE", "LEAST_LOOKS")),
    ("Who comments", community, ("returning_commenters",), ("MOST_POSTS", "LEAST_POSTS", "LEAST_COMMENTS", "UNUSUAL_Z")),
    ("Creators who comment each other", network, ("reciprocity",), ("GROUP_POSTS", "LEAST_INBOUND")),
    ("Sampled followers", audience, (), ("LEAST_PEOPLE", "MODEL_ERROR", "MOST_SEPARATE")),
    ("Audience authenticity", authenticity, ("audience_authenticity",), ("ALPHA", "BETA", "PROOFS_NEEDED", "SIGNS")),
    ("Overlap of audiences", overlap, (), ("WIDTH", "LEAST_PEOPLE")),
    ("Editorial posture", posture, ("nuance", "pressure", "values", "objections_answered"), ("PER_WORDS", "LEAST_WORDS")),
    ("Price and cost", pricing, ("expected_price", "cost_per_qualified", "cost_per_click"),
     ("CPM_EUR", "REACHED", "TIER_FACTORS", "FORMS", "HANDLING_EUR", "BAND_SD", "CLICKS")),
    ("Sentiment and its change", sentiment, (), ("CLASSES", "LEAST", "DRAWS")),
    ("Reliability", reliability, ("deadlines", "response_time", "disputes", "answer_rate"), ()),
    ("Shrinkage", shrinkage, (), ("Z90",)),
    ("Priors", priors, (), ("CELL_NEEDED",)),
)  # fmt: skip
_HEAD = f"""# Formulas

This page is generated from the code (`python -m matching.signals.formulas`). Set of formulas: `{SIGNALS_VERSION}`;
fitted priors carry the hash of their content as version. Every stored signal names the version of its formula,
and each can be opened from the page that shows it. Figures measured on real data: [benchmarks](benchmarks.md).

Every signal has `value`, `low`, `high` (90 % interval), `n` (observations used), `coverage` (0 to 1: share of the
observations wanted that were there), `percentile` among the comparable creators of its `cell` (platform and size)
with its own bounds in `details.percentile_low` and `details.percentile_high`, `evidence` (posts, comments, follower
counts by id) and `details`. What is not known is null, never 0.
"""


def page() -> str:
    return "\n".join([_HEAD, *(_section(*section) for section in _SECTIONS)])


def _section(title: str, module: ModuleType, signals: tuple[str, ...], constants: tuple[str, ...]) -> str:
    head = f"## {title}\n"
    version = getattr(module, "VERSION", None) or getattr(module, "CLASSIFIER_VERSION", None)
    facts = []
    if signals:
        facts.append("Signals: " + ", ".join(f"`{name}`" for name in signals) + ".")
    if version:
        facts.append(f"Version: `{version}`.")
    if constants:
        facts.append(
            "Constants: " + ", ".join(f"`{name} = {_shown(getattr(module, name))}`" for name in constants) + "."
        )
    return "\n".join([head, *_paragraphs(inspect.getdoc(module) or ""), "", " ".join(facts), ""])


def _paragraphs(text: str) -> list[str]:
    """Indented lines become code blocks; the rest is Markdown as it stands."""
    out: list[str] = []
    for line in text.splitlines():
        indented = line.startswith("    ")
        fenced = bool(out) and out[-1].startswith("    ")
        if indented and not fenced and out and out[-1]:
            out.append("")
        out.append(line)
    return out


def _shown(value: object) -> str:
    if hasattr(value, "tolist"):
        value = value.tolist()
    return repr(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
