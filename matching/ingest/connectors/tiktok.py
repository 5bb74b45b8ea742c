"""TikTok: the Display API with the creator's consent, the Research API with a workspace's access.

https://developers.tiktok.com/doc/display-api-overview and /doc/research-api-overview. Both answer
{"data": …, "error": {"code": "ok"}}. The Research API looks at most 30 days at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
    QuotaSpent,
    Refused,
    Target,
    count,
    without_none,
)

_USER = "open_id,display_name,bio_description,profile_deep_link,is_verified,username,follower_count,following_count,likes_count,video_count"
_RESEARCH_USER = "display_name,bio_description,is_verified,follower_count,following_count,likes_count,video_count"
_VIDEO = "id,title,video_description,create_time,share_url,like_count,comment_count,share_count,view_count"
_RESEARCH_VIDEO = (
    "id,video_description,create_time,username,like_count,comment_count,share_count,view_count,favorites_count"
)
_COMMENT = "id,text,like_count,parent_comment_id,create_time"
_CODES: dict[str, type[ConnectorError]] = {
    "rate_limit_exceeded": Busy,
    "daily_quota_limit_exceeded": QuotaSpent,
    "access_token_invalid": AccessLost,
    "scope_not_authorized": AccessLost,
    "internal_error": Busy,
    "user_not_found": NotThere,
}
WINDOW = timedelta(days=30)
LOOK_BACK = 6


class TikTok:
    platform = "tiktok"
    label = "TikTok API"
    base = "https://open.tiktokapis.com/v2"
    daily = 900
    needs_id = False
    oauth = OAuth(
        authorize="https://www.tiktok.com/v2/auth/authorize/",
        token="https://open.tiktokapis.com/v2/oauth/token/",  # noqa: S106  (an address)
        scopes=("user.info.basic", "user.info.profile", "user.info.stats", "video.list"),
        separator=",",
        client_param="client_key",
    )

    def headers(self, token: str, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def fault(self, status: int, answer: Any) -> ConnectorError | None:
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict) or error.get("code") in ("ok", None):
            return None
        code, message = str(error["code"]), str(error.get("message", ""))
        if code in _CODES:
            return _CODES[code](message or code)
        if status == 401:
            return AccessLost(message)
        return Busy(message) if status >= 500 or status == 429 else Refused(message, code[:20])

    def who(self, client: Client) -> dict[str, Any]:
        return self._account(self._own(client))

    def pull(self, client: Client, target: Target) -> Iterator[Page]:
        if target.own:
            yield Page("accounts", [self._account(self._own(client)) | {"handle": target.handle}])
            for videos in self._display(client, target.posts):
                yield Page("posts", [self._post(one, target.handle) for one in videos])
            return
        answer = client.post("research/user/info/", {"fields": _RESEARCH_USER}, {"username": target.handle})
        found = answer.get("data")
        if not isinstance(found, dict) or not found:
            raise NotThere("no such user")
        yield Page("accounts", [self._account(found | {"username": target.handle})])
        talked: list[str] = []
        for videos in self._research(client, target):
            posts = [self._post(one, target.handle) for one in videos]
            talked += [post["external_id"] for post in posts if post.get("comments")]
            yield Page("posts", posts)
        for video in talked[: target.comments_of]:
            yield self._comments(client, video)

    def _own(self, client: Client) -> dict[str, Any]:
        found = (client.get("user/info/", {"fields": _USER}).get("data") or {}).get("user")
        if not isinstance(found, dict):
            raise BadAnswer("no user")
        return found

    def _display(self, client: Client, most: int) -> Iterator[list[dict[str, Any]]]:
        cursor, taken = None, 0
        while taken < most:
            body = {"max_count": min(20, most - taken)} | ({"cursor": cursor} if cursor else {})
            data = client.post("video/list/", {"fields": _VIDEO}, body).get("data") or {}
            videos = data.get("videos") or []
            if videos:
                yield videos
            taken += len(videos)
            cursor = data.get("cursor")
            if not data.get("has_more") or not videos:
                return

    def _research(self, client: Client, target: Target) -> Iterator[list[dict[str, Any]]]:
        """Windows of 30 days backwards, until enough posts are found or half a year is seen."""
        query = {"and": [{"operation": "EQ", "field_name": "username", "field_values": [target.handle]}]}
        end, taken = datetime.now(UTC), 0
        for _window in range(LOOK_BACK):
            begin = end - WINDOW
            dates = {"start_date": begin.strftime("%Y%m%d"), "end_date": end.strftime("%Y%m%d")}
            more: dict[str, Any] = {}
            while taken < target.posts:
                body = {"query": query, "max_count": 100, **dates, **more}
                data = client.post("research/video/query/", {"fields": _RESEARCH_VIDEO}, body).get("data") or {}
                videos = data.get("videos") or []
                if videos:
                    yield videos[: target.posts - taken]
                taken += len(videos)
                if not data.get("has_more") or not videos:
                    break
                more = {"cursor": data.get("cursor"), "search_id": data.get("search_id")}
            if taken >= target.posts:
                return
            end = begin - timedelta(days=1)

    def _account(self, user: dict[str, Any]) -> dict[str, Any]:
        return without_none(
            {
                "platform": self.platform,
                "handle": user.get("username"),
                "external_id": user.get("open_id"),
                "display_name": user.get("display_name"),
                "bio": user.get("bio_description"),
                "url": user.get("profile_deep_link"),
                "is_verified": user.get("is_verified"),
                "followers": count(user.get("follower_count")),
                "following": count(user.get("following_count")),
                "posts_count": count(user.get("video_count")),
            }
        )

    def _post(self, video: dict[str, Any], handle: str) -> dict[str, Any]:
        name = str(video.get("id") or "")
        return without_none(
            {
                "platform": self.platform,
                "handle": handle,
                "external_id": name,
                "posted_at": video.get("create_time"),
                "kind": "video",
                "caption": video.get("video_description") or video.get("title"),
                "url": video.get("share_url") or f"https://www.tiktok.com/@{handle}/video/{name}",
                "likes": count(video.get("like_count")),
                "comments": count(video.get("comment_count")),
                "shares": count(video.get("share_count")),
                "saves": count(video.get("favorites_count")),
                "views": count(video.get("view_count")),
            }
        )

    def _comments(self, client: Client, video: str) -> Page:
        body = {"video_id": video, "max_count": 100}
        try:
            data = client.post("research/video/comment/list/", {"fields": _COMMENT}, body).get("data") or {}
        except Refused as refusal:
            return Page("comments", [], (f"{video}: {refusal.code}",))
        rows = [
            without_none(
                {
                    "platform": self.platform,
                    "post_external_id": video,
                    "external_id": str(one.get("id") or ""),
                    "parent_external_id": _parent(one, video),
                    "posted_at": one.get("create_time"),
                    "likes": count(one.get("like_count")),
                    "text": one.get("text"),
                }
            )
            for one in data.get("comments") or []
        ]
        return Page("comments", [row for row in rows if row.get("external_id")])


def _parent(comment: dict[str, Any], video: str) -> str:
    """A top comment names the video as its parent."""
    parent = str(comment.get("parent_comment_id") or "")
    return "" if parent == video else parent
