"""How one result reads outside: numbers, sentences in the active language, and the posts behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matching.models import Comment, MatchResult, Post
from matching.proofs import shortened
from matching.reasons import family_label, reason_text, unknown_text
from matching.services.scoring import current_scoring
from matching.tiers import Tiers

EXCERPT = 160
_REASONS = ("reasons_for", "reasons_against", "would_change")


def result_payloads(results: Sequence[MatchResult]) -> list[dict[str, Any]]:
    """One entry per result whose creator has not been erased since, best first."""
    shown = [result for result in results if result.creator.erased_at is None]
    proofs = _proofs(shown)
    sizes = current_scoring(shown[0].run.workspace_id).tiers if shown else Tiers()
    return [_result(result, proofs, sizes) for result in shown]


def _result(result: MatchResult, proofs: Mapping[tuple[str, int], dict[str, Any]], sizes: Tiers) -> dict[str, Any]:
    fit, index = result.fit, getattr(result.creator, "index", None)
    about = {name: getattr(index, name, None) for name in ("handles", "platforms", "followers", "country", "languages")}
    about["tier"] = sizes.of(index.main_platform, index.followers) if index else None
    return {
        "rank": result.rank,
        "creator": {"id": result.creator_id, "display_name": result.creator.display_name, **about},
        **{name: fit[name] for name in ("score", "low", "high", "p_top10", "category_fit", "within_category_fit")},
        "families": [family | {"label": family_label(family["family"])} for family in fit["families"]],
        **{name: [_reason(reason, proofs) for reason in fit[name]] for name in _REASONS},
        "unknown": [{"code": code, "text": unknown_text(code)} for code in fit["unknown"]],
        "fresh_at": fit["fresh_at"],
        "engine_version": fit["engine_version"],
        "weights_version": fit.get("weights_version") or result.run.weights.get("version", ""),
        "explored": result.explored,
    }


def _reason(reason: Mapping[str, Any], proofs: Mapping[tuple[str, int], dict[str, Any]]) -> dict[str, Any]:
    evidence = [
        {"kind": item["kind"], "id": item["id"], **proofs.get((item["kind"], item["id"]), {})}
        for item in reason["evidence"]
    ]
    return {**reason, "text": reason_text(reason), "evidence": evidence}


def _proofs(results: Iterable[MatchResult]) -> dict[tuple[str, int], dict[str, Any]]:
    """(kind, id) → excerpt, address and time of the posts and comments named as evidence."""
    ids: dict[str, set[int]] = {"post": set(), "comment": set()}
    for result in results:
        for reason in (reason for name in _REASONS for reason in result.fit[name]):
            for item in reason["evidence"]:
                if item["kind"] in ids:
                    ids[item["kind"]].add(item["id"])
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for post in Post.objects.filter(pk__in=ids["post"]).only("caption", "url", "posted_at"):
        found["post", post.pk] = {
            "excerpt": shortened(post.caption, EXCERPT),
            "url": post.url,
            "at": post.posted_at.isoformat(),
        }
    for comment in Comment.objects.filter(pk__in=ids["comment"]).only("text", "posted_at", "post_id"):
        at = comment.posted_at.isoformat() if comment.posted_at else None
        found["comment", comment.pk] = {"excerpt": shortened(comment.text, EXCERPT), "post": comment.post_id, "at": at}
    return found
