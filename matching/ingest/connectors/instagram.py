"""Instagram Graph API (https://developers.facebook.com/docs/instagram-platform).

With a workspace's token: business discovery of public business and creator accounts. With the creator's own
consent: their media with insights (reach, saves, shares, views) and comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from matching.ingest.connectors.base import (
    AccessLost,
    BadAnswer,
    Busy,
    Client,
    ConnectorError,
    NotThere,
    OAuth,
    Page,
    Refused,
    Target,
    count,
    without_none,
)

_PROFILE = "id,username,name,biography,followers_count,follows_count,media_count"
_MEDIA = "id,caption,comments_count,like_count,media_type,media_product_type,permalink,timestamp"
_COMMENT = "id,text,timestamp,like_count,username"
_INSIGHTS = {"reach": "reach", "saved": "saves", "shares": "shares", "views": "views", "video_views": "views"}
_KINDS = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "carousel"}
_PAGE = 25
# Error codes of the Graph API: too many calls; the token's end; no such user for business discovery.
_BUSY, _LOST, _NOBODY = {1, 2, 4, 17, 32, 613, 80002}, {102, 190, 463, 467}, {2207013, 24}


class Instagram:
    platform = "instagram"
    label = "Instagram Graph API"
    base = "https://graph.facebook.com/v21.0"
    daily = 4000
    needs_id = True
    oauth = OAuth(
        authorize="https://www.instagram.com/oauth/authorize",
        token="https://api.instagram.com/oauth/access_token",  # noqa: S106  (an address)
        scopes=("instagram_business_basic", "instagram_business_manage_insights", "instagram_business_manage_comments"),
        separator=",",
        long_lived="https://graph.instagram.com/access_token",
        renews="https://graph.instagram.com/refresh_access_token",
        # It lives 60 days, can be renewed from its second day, and an account is read once a day.
        renew_before=timedelta(days=10),
    )

    def headers(self, token: str, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def fault(self, status: int, answer: Any) -> ConnectorError | None:
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return None
        message, codes = str(error.get("message", "")), {error.get("code"), error.get("error_subcode")}
        if codes & _NOBODY:
            return NotThere(message)
        if codes & _LOST or status == 401:
            return AccessLost(message)
        if codes & _BUSY or status >= 500 or status == 429:
            return Busy(message)
        return Refused(message, f"graph_{error.get('code', 'error')}")

    def who(self, client: Client) -> dict[str, Any]:
        return self._account(client.get(client.owner_id or "me", {"fields": _PROFILE}))

    def pull(self, client: Client, target: Target) -> Iterator[Page]:
        own = target.own
        profile = self._own(client) if own else self._discovered(client, target.handle, "")
        yield Page("accounts", [self._account(profile) | {"handle": target.handle}])
        taken: list[dict[str, Any]] = []
        for media in self._media(client, profile, target):
            notes: list[str] = []
            posts = [self._post(one, target.handle) for one in media]
            if own:
                for post in posts:
                    self._insights(client, post, notes)
            taken += posts
            yield Page("posts", posts, tuple(notes))
        talked = [post for post in taken if own and post.get("comments")]
        for post in talked[: target.comments_of]:
            yield from self._comments(client, post["external_id"], target.handle)

    def _own(self, client: Client) -> dict[str, Any]:
        return client.get(client.owner_id or "me", {"fields": _PROFILE})

    def _discovered(self, client: Client, handle: str, after: str) -> dict[str, Any]:
        paging = f".after({after})" if after else ""
        asked = f"business_discovery.username({handle}){{{_PROFILE},media.limit({_PAGE}){paging}{{{_MEDIA}}}}}"
        found = client.get(client.owner_id, {"fields": asked}).get("business_discovery")
        if not isinstance(found, dict):
            raise NotThere("no business or creator account of this name")
        return found

    def _media(self, client: Client, profile: dict[str, Any], target: Target) -> Iterator[list[dict[str, Any]]]:
        after, taken, first = "", 0, True
        seen: set[str] = set()
        while taken < target.posts:
            if target.own:
                params = {"fields": _MEDIA, "limit": _PAGE} | ({"after": after} if after else {})
                part = client.get(f"{client.owner_id or 'me'}/media", params)
            else:
                found = profile if first and "media" in profile else self._discovered(client, target.handle, after)
                part = found.get("media") or {}
            first = False
            data = [one for one in part.get("data") or [] if isinstance(one, dict) and one.get("id")]
            data = [one for one in data if one["id"] not in seen]
            seen |= {one["id"] for one in data}
            if data:
                yield data[: target.posts - taken]
            taken += len(data)
            cursors = (part.get("paging") or {}).get("cursors") or {}
            # Business discovery gives a cursor on its last page as well: a page without news ends it.
            after = cursors.get("after") or ""
            if not after or not data or (target.own and not (part.get("paging") or {}).get("next")):
                return

    def _account(self, profile: dict[str, Any]) -> dict[str, Any]:
        if not profile.get("id"):
            raise BadAnswer("account without id")
        return without_none(
            {
                "platform": self.platform,
                "handle": profile.get("username"),
                "external_id": str(profile["id"]),
                "display_name": profile.get("name"),
                "bio": profile.get("biography"),
                "followers": count(profile.get("followers_count")),
                "following": count(profile.get("follows_count")),
                "posts_count": count(profile.get("media_count")),
            }
        )

    def _post(self, media: dict[str, Any], handle: str) -> dict[str, Any]:
        """like_count is left out where the owner hides it: unknown then, not 0."""
        kind = "reel" if media.get("media_product_type") == "REELS" else _KINDS.get(str(media.get("media_type")), "")
        return without_none(
            {
                "platform": self.platform,
                "handle": handle,
                "external_id": str(media["id"]),
                "posted_at": media.get("timestamp"),
                "kind": kind,
                "caption": media.get("caption"),
                "url": media.get("permalink"),
                "likes": count(media.get("like_count")),
                "comments": count(media.get("comments_count")),
            }
        )

    def _insights(self, client: Client, post: dict[str, Any], notes: list[str]) -> None:
        try:
            answer = client.get(f"{post['external_id']}/insights", {"metric": "reach,saved,shares,views"})
        except Refused as refusal:
            notes.append(f"{post['external_id']}: {refusal.code}")
            return
        for one in answer.get("data") or []:
            name = _INSIGHTS.get(str(one.get("name")))
            values = one.get("values") or [{}]
            value = count(values[-1].get("value") if "values" in one else (one.get("total_value") or {}).get("value"))
            if name and value is not None:
                post[name] = value

    def _comments(self, client: Client, media: str, handle: str) -> Iterator[Page]:
        after, pages = "", 0
        fields = f"{_COMMENT},replies{{{_COMMENT}}}"
        while pages < 4:
            params = {"fields": fields, "limit": 50} | ({"after": after} if after else {})
            try:
                answer = client.get(f"{media}/comments", params)
            except Refused as refusal:
                yield Page("comments", [], (f"{media}: {refusal.code}",))
                return
            rows = []
            for one in answer.get("data") or []:
                rows.append(self._comment(one, media, handle, ""))
                for reply in (one.get("replies") or {}).get("data") or []:
                    rows.append(self._comment(reply, media, handle, one.get("id", "")))
            yield Page("comments", [row for row in rows if row.get("external_id")])
            pages += 1
            paging = answer.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after") or ""
            if not after or not paging.get("next"):
                return

    def _comment(self, one: dict[str, Any], media: str, handle: str, parent: str) -> dict[str, Any]:
        author = one.get("username")
        return without_none(
            {
                "platform": self.platform,
                "post_external_id": media,
                "external_id": one.get("id"),
                "parent_external_id": parent,
                "author": author,
                "is_owner": author == handle if author else None,
                "posted_at": one.get("timestamp"),
                "likes": count(one.get("like_count")),
                "text": one.get("text"),
            }
        )
