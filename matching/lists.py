"""Reading lists: rows for the triage page and for a client's page, with what stands beside each name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from accounts.actors import Actor
from accounts.models import SocialAccount
from matching.cards import standing
from matching.models import CreatorIndex, Shortlist, ShortlistEntry, ShortlistLink, ShortlistOpinion
from matching.reasons import topic_label
from matching.services.choosing import Voice, voices


@dataclass(frozen=True, slots=True)
class ListRow:
    """One creator on a list. index None: not scored yet."""

    entry: ShortlistEntry
    index: CreatorIndex | None
    voice: Voice | None
    topics: list[str] = field(default_factory=list)
    families: list[Any] = field(default_factory=list)
    opinions: list[ShortlistOpinion] = field(default_factory=list)
    handles: list[SocialAccount] = field(default_factory=list)


def lists(actor: Actor) -> Any:
    """Lists of the workspace that are not archived, with how many stand in each state."""
    living = Q(entries__creator__erased_at__isnull=True)
    counts = {
        f"{state}_n": Count("entries", filter=living & Q(entries__state=state))
        for state in ("untriaged", "shortlisted", "passed")
    }
    return Shortlist.visible_to(actor).filter(archived_at__isnull=True).annotate(**counts)


def rows(actor: Actor, entries: Iterable[ShortlistEntry]) -> list[ListRow]:
    """In the order given; opinions of every link, newest word of each."""
    found = list(entries)
    ids = [entry.creator_id for entry in found]
    indexes = CreatorIndex.visible_to(actor).in_bulk(ids)
    spoken = {voice.index.pk: voice for voice in voices(actor, ids, {})}
    said: dict[Any, list[ShortlistOpinion]] = {}
    for opinion in ShortlistOpinion.visible_to(actor).filter(entry__in=found).select_related("link"):
        said.setdefault(opinion.entry_id, []).append(opinion)
    return [_row(entry, indexes.get(entry.creator_id), spoken.get(entry.creator_id), said) for entry in found]


def _row(entry: ShortlistEntry, index: Any, voice: Voice | None, said: dict[Any, list[ShortlistOpinion]]) -> ListRow:
    return ListRow(
        entry=entry,
        index=index,
        voice=voice,
        topics=[topic_label(slug) for slug in index.topics[:3]] if index else [],
        families=standing(index) if index else [],
        opinions=said.get(entry.pk, []),
    )


def guest_rows(link: ShortlistLink, entries: Iterable[ShortlistEntry]) -> list[tuple[ListRow, ShortlistOpinion | None]]:
    """What a client reads: public figures only, and their own word; of prices only where the link shows them."""
    found = list(entries)
    mine = {opinion.entry_id: opinion for opinion in link.opinions.filter(entry__in=found)}
    accounts: dict[int, list[SocialAccount]] = {}
    for account in SocialAccount.objects.filter(creator__in=[entry.creator_id for entry in found]).order_by(
        "-followers"
    ):
        accounts.setdefault(account.creator_id, []).append(account)
    told: dict[int, Voice] = {}
    if link.shows_prices:
        owner = Actor(kind="api", workspace_id=link.shortlist.workspace_id)  # reads as the workspace that shares
        told = {voice.index.pk: voice for voice in voices(owner, [entry.creator_id for entry in found], {})}
    return [
        (
            ListRow(
                entry=entry,
                index=getattr(entry.creator, "index", None),
                voice=told.get(entry.creator_id),
                topics=[topic_label(slug) for slug in entry.creator.index.topics[:3]] if hasattr(entry.creator, "index") else [],
                handles=accounts.get(entry.creator_id, []),
            ),
            mine.get(entry.pk),
        )
        for entry in found
    ]  # fmt: skip
