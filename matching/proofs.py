"""The posts and comments behind a claim, fetched once for a whole page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from matching.models import Comment, Post

EXCERPT = 280


@dataclass(frozen=True, slots=True)
class Proof:
    """What `components/evidence.html` shows. Comment authors stay pseudonyms."""

    kind: str
    text: str
    at: Any = None
    url: str = ""
    network: str = ""
    author: str = ""
    note: str = ""


class EvidenceBook:
    """`EvidenceBook(actor, reasons)` reads every post and comment the reasons name; `of(reason)` gives its proofs.

    Two queries whatever the number of claims. Rows the actor may not see are left out.
    """

    def __init__(self, actor: Actor, claims: Iterable[Mapping[str, Any]]) -> None:
        wanted: dict[str, set[int]] = {"post": set(), "comment": set()}
        for claim in claims:
            for item in claim.get("evidence") or ():
                if item.get("kind") in wanted:
                    wanted[item["kind"]].add(int(item["id"]))
        self._proofs: dict[tuple[str, int], Proof] = {}
        self._read_posts(actor, wanted["post"])
        self._read_comments(actor, wanted["comment"])

    def _read_posts(self, actor: Actor, ids: set[int]) -> None:
        if not ids:
            return
        rows = Post.visible_to(actor).filter(pk__in=ids).annotate(excerpt=Left("caption", 2 * EXCERPT))
        for pk, text, at, url, network, creator in rows.values_list(
            "pk", "excerpt", "posted_at", "url", "platform", "account__creator_id"
        ):
            link = url or f"{reverse('creator_content', args=[creator])}#post-{pk}"
            self._proofs["post", pk] = Proof("post", _shortened(text), at, link, network)

    def _read_comments(self, actor: Actor, ids: set[int]) -> None:
        if not ids:
            return
        rows = Comment.visible_to(actor).filter(pk__in=ids).annotate(excerpt=Left("text", EXCERPT + 1))
        for pk, text, at, network, url, owner in rows.values_list(
            "pk", "excerpt", "posted_at", "post__platform", "post__url", "is_owner"
        ):
            author = _("the creator") if owner else _("a follower")
            self._proofs["comment", pk] = Proof("comment", _shortened(text), at, url, network, author)

    def of(self, claim: Mapping[str, Any]) -> list[Proof]:
        keys = [(item.get("kind"), item.get("id")) for item in claim.get("evidence") or ()]
        return [self._proofs[key] for key in keys if key in self._proofs]


def _shortened(text: str) -> str:
    return shortened(text or "", EXCERPT) or _("(no text)")


def shortened(text: str, most: int) -> str:
    """One line of at most `most` characters, cut between words. A title that the text repeats is said once."""
    title, _break, rest = text.strip().partition("\n")
    said, again = " ".join(title.split()), " ".join(rest.split())
    kept = said.rstrip(" .…").casefold()
    if kept and again.casefold().startswith(kept):
        said = ""
    line = f"{said} {again}".strip()
    return line if len(line) <= most else (line[: most - 1].rsplit(" ", 1)[0] or line[: most - 1]).rstrip() + "…"
