"""Forgetting a creator in what was observed and computed about them."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import Creator, Job
from accounts.services import erasure
from matching.models import Comment, Connection, FollowerCount, MatchResult, Post, PostMetrics

# Tables keyed by creator that nothing else points at.
_COMPUTED = (
    "matching_signals", "matching_creatorindex", "matching_postvectors", "matching_rescorerequest",
    "matching_creatorties", "matching_audiencesketch", "matching_creatorvector", "matching_vectorsample",
    "matching_creatordocument",
)  # fmt: skip


@erasure.clears
def clear(creator: Creator, emails: set[str]) -> dict[str, Any]:
    """Posts, comments, counts, signals, vectors, places in answers; the accounts themselves go with the person."""
    account = {"account__creator": creator}
    posts = {"post__account__creator": creator}
    removed = {
        "matching_comment": Comment.objects.filter(**posts)._raw_delete("default"),
        "matching_postmetrics": PostMetrics.objects.filter(**posts)._raw_delete("default"),
        "matching_followercount": FollowerCount.objects.filter(**account)._raw_delete("default"),
        "matching_post": Post.objects.filter(**account).delete()[0],
        "matching_connection": Connection.objects.filter(creator=creator).delete()[0],
        "matching_matchresult": MatchResult.objects.filter(creator=creator).delete()[0],
    }
    with connection.cursor() as cursor:
        for table in _COMPUTED:
            cursor.execute(f"DELETE FROM {table} WHERE creator_id = %s", [creator.pk])  # noqa: S608  (our own names)
            removed[table] = cursor.rowcount
    return {"removed": removed, "files": _originals(creator)}


def _originals(creator: Creator) -> list[str]:
    """Uploaded files whose import brought this person: not kept any longer than the person."""
    sources = {creator.source_id, *creator.accounts.values_list("source_id", flat=True)} - {None}
    names: list[str] = []
    for job in Job.objects.filter(kind="import", params__source_id__in=list(sources)):
        names += [f"uploads/{file['stored']}" for file in job.params.get("files", []) if "stored" in file]
    return names
