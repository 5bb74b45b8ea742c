"""What a row may hold: the entities, their canonical fields, and how each is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

POST_KINDS = {
    "image": "image", "photo": "image", "picture": "image", "graphimage": "image", "static": "image",
    "carousel": "carousel", "album": "carousel", "carousel_album": "carousel", "sidecar": "carousel",
    "graphsidecar": "carousel",
    "video": "video", "graphvideo": "video", "igtv": "video", "clip": "reel", "clips": "reel",
    "reel": "reel", "reels": "reel", "short": "short", "shorts": "short", "story": "story", "stories": "story",
    "live": "live", "text": "text", "tweet": "text", "status": "text",
}  # fmt: skip
METRICS = ("likes", "comments", "shares", "saves", "views", "reach")


@dataclass(frozen=True, slots=True)
class Field:
    """kind: how the value is read (see `columns.READERS`). limit: characters stored.

    required: without it the row is rejected. soft: a bad value is left out with a warning, the row stays.
    """

    name: str
    kind: str
    label: Any
    limit: int = 0
    required: bool = False
    soft: bool = False


@dataclass(frozen=True)
class Entity:
    """key: the fields that tell two rows apart. rank: the order in which entities are stored."""

    name: str
    label: Any
    rank: int
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}


_PLATFORM = Field("platform", "platform", _("Network"), required=True)
_HANDLE = Field("handle", "handle", _("Handle"), required=True)
_OBSERVED = Field("observed_at", "time", _("Observed at"))

ACCOUNTS = Entity(
    "accounts",
    _("Accounts"),
    0,
    ("platform", "handle"),
    (
        _PLATFORM,
        _HANDLE,
        Field("external_id", "id", _("Identifier on the network"), 120),
        Field("display_name", "line", _("Name"), 160, soft=True),
        Field("bio", "text", _("Biography"), 5000, soft=True),
        Field("url", "url", _("Profile address"), 400, soft=True),
        Field("country", "country", _("Country"), soft=True),
        Field("city", "line", _("City"), 120, soft=True),
        Field("languages", "languages", _("Languages"), soft=True),
        Field("category", "line", _("Category"), 60, soft=True),
        Field("followers", "count", _("Followers")),
        Field("following", "count", _("Following")),
        Field("posts_count", "count", _("Number of posts")),
        Field("is_verified", "bool", _("Verified")),
        Field("contact_email", "email", _("Contact address"), 254, soft=True),
        _OBSERVED,
    ),
)
POSTS = Entity(
    "posts",
    _("Posts"),
    1,
    ("platform", "external_id"),
    (
        _PLATFORM,
        _HANDLE,
        Field("external_id", "id", _("Post identifier"), 120, required=True),
        Field("posted_at", "time", _("Posted at"), required=True),
        Field("kind", "post_kind", _("Kind of post"), soft=True),
        Field("caption", "text", _("Caption"), 20000, soft=True),
        Field("url", "url", _("Post address"), 500, soft=True),
        Field("language", "language", _("Language"), soft=True),
        Field("likes", "count", _("Likes")),
        Field("comments", "count", _("Number of comments")),
        Field("shares", "count", _("Shares")),
        Field("saves", "count", _("Saves")),
        Field("views", "count", _("Views")),
        Field("reach", "count", _("Reach")),
        Field("sponsors", "names", _("Sponsors (network's label)"), 120, soft=True),
        Field("is_sponsored", "bool", _("Sponsored (network's label)")),
        Field("alt_text", "text", _("Alternative text"), 5000, soft=True),
        Field("location", "line", _("Place"), 160, soft=True),
        Field("tagged", "names", _("Accounts tagged"), 120, soft=True),
        _OBSERVED,
    ),
)
COMMENTS = Entity(
    "comments",
    _("Comments"),
    2,
    ("platform", "post_external_id", "external_id"),
    (
        _PLATFORM,
        Field("post_external_id", "id", _("Post identifier"), 120, required=True),
        Field("external_id", "id", _("Comment identifier"), 120, required=True),
        Field("parent_external_id", "id", _("Answer to comment"), 120),
        Field("author", "author", _("Author (stored as a keyed hash)")),
        Field("is_owner", "bool", _("Written by the creator")),
        Field("posted_at", "time", _("Posted at")),
        Field("likes", "count", _("Likes")),
        Field("text", "text", _("Text"), 10000, soft=True),
        _OBSERVED,
    ),
)
FOLLOWER_COUNTS = Entity(
    "follower_counts",
    _("Follower counts"),
    3,
    ("platform", "handle", "observed_at"),
    (
        _PLATFORM,
        _HANDLE,
        Field("observed_at", "time", _("Observed at"), required=True),
        Field("followers", "count", _("Followers"), required=True),
        Field("following", "count", _("Following")),
    ),
)
ENTITIES: dict[str, Entity] = {e.name: e for e in (ACCOUNTS, POSTS, COMMENTS, FOLLOWER_COUNTS)}

# Which entity a file is about when its rows feed several: the others are carried along.
_MAIN = ("comments", "posts", "follower_counts", "accounts")


def main_entity(names: list[str]) -> str:
    return next(name for name in _MAIN if name in names)
