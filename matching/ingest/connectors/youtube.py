"""YouTube Data API v3 (https://developers.google.com/youtube/v3/docs). Every list call costs one unit of 10,000 a day."""

from __future__ import annotations

from collections.abc import Iterator
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

_REASONS: dict[str, type[ConnectorError]] = {
    "quotaExceeded": QuotaSpent,
    "dailyLimitExceeded": QuotaSpent,
    "rateLimitExceeded": Busy,
    "userRateLimitExceeded": Busy,
    "backendError": Busy,
    "keyInvalid": AccessLost,
    "badRequest": Refused,
    "authError": AccessLost,
    "accessNotConfigured": AccessLost,
    "commentsDisabled": Refused,
    "videoNotFound": Refused,
    "playlistNotFound": NotThere,
    "channelNotFound": NotThere,
}


class YouTube:
    platform = "youtube"
    label = "YouTube Data API v3"
    base = "https://www.googleapis.com/youtube/v3"
    daily = 9000
    needs_id = False
    oauth = OAuth(
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106  (an address)
        scopes=("https://www.googleapis.com/auth/youtube.readonly",),
        extra={"access_type": "offline", "prompt": "consent"},
    )

    def headers(self, token: str, kind: str) -> dict[str, str]:
        return {"X-Goog-Api-Key": token} if kind == "key" else {"Authorization": f"Bearer {token}"}

    def fault(self, status: int, answer: Any) -> ConnectorError | None:
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return None
        reasons = [str(one.get("reason", "")) for one in error.get("errors") or [] if isinstance(one, dict)]
        message = str(error.get("message", ""))
        for reason in reasons:
            if reason in _REASONS:
                kind = _REASONS[reason]
                return kind(message, reason) if kind is Refused else kind(message)
        if status == 401 or "API key not valid" in message:
            return AccessLost(message)
        return Busy(message) if status >= 500 or status == 429 else Refused(message, *reasons[:1])

    def who(self, client: Client) -> dict[str, Any]:
        return self._account(self._channel(client, {"mine": "true"}))

    def pull(self, client: Client, target: Target) -> Iterator[Page]:
        if target.own:
            wanted = {"mine": "true"}
        elif target.external_id.startswith("UC"):
            wanted = {"id": target.external_id}
        else:
            wanted = {"forHandle": f"@{target.handle.lstrip('@')}"}
        channel = self._channel(client, wanted)
        account = self._account(channel) | {"handle": target.handle}
        yield Page("accounts", [account])
        uploads = channel.get("contentDetails", {}).get("relatedPlaylists", {}).get("uploads")
        ids: list[str] = []
        for page in self._uploads(client, uploads, target.posts) if uploads else ():
            posts = self._videos(client, page, target.handle)
            ids += [post["external_id"] for post in posts if post.get("comments") != 0]
            yield Page("posts", posts)
        for video in ids[: target.comments_of]:
            yield self._comments(client, video, channel["id"])

    def _channel(self, client: Client, wanted: dict[str, str]) -> dict[str, Any]:
        answer = client.get("channels", {"part": "snippet,statistics,contentDetails", **wanted})
        items = answer.get("items") or []
        if not items:
            raise NotThere("no such channel")
        if not isinstance(items[0], dict) or "id" not in items[0]:
            raise BadAnswer("channel without id")
        return items[0]

    def _account(self, channel: dict[str, Any]) -> dict[str, Any]:
        said, figures = channel.get("snippet") or {}, channel.get("statistics") or {}
        hidden = figures.get("hiddenSubscriberCount") is True
        return without_none(
            {
                "platform": self.platform,
                "handle": str(said.get("customUrl") or channel["id"]).lstrip("@"),
                "external_id": channel["id"],
                "display_name": said.get("title"),
                "bio": said.get("description"),
                "url": f"https://www.youtube.com/channel/{channel['id']}",
                "country": said.get("country"),
                "followers": None if hidden else count(figures.get("subscriberCount")),
                "posts_count": count(figures.get("videoCount")),
            }
        )

    def _uploads(self, client: Client, playlist: str, most: int) -> Iterator[list[str]]:
        token, taken = "", 0
        while taken < most:
            params = {"part": "contentDetails,snippet", "playlistId": playlist, "maxResults": min(50, most - taken)}
            answer = client.get("playlistItems", params | ({"pageToken": token} if token else {}))
            found = [_video_id(item) for item in answer.get("items") or []]
            ids = [name for name in found if name]
            if ids:
                yield ids
            taken += len(found) or most
            token = answer.get("nextPageToken") or ""
            if not token:
                return

    def _videos(self, client: Client, ids: list[str], handle: str) -> list[dict[str, Any]]:
        parts = "snippet,statistics,contentDetails,paidProductPlacementDetails"
        answer = client.get("videos", {"part": parts, "id": ",".join(ids), "maxResults": 50})
        return [self._post(item, handle) for item in answer.get("items") or [] if item.get("snippet")]

    def _post(self, video: dict[str, Any], handle: str) -> dict[str, Any]:
        said, figures = video["snippet"], video.get("statistics") or {}
        text = f"{said.get('title') or ''}\n\n{said.get('description') or ''}".strip()
        return without_none(
            {
                "platform": self.platform,
                "handle": handle,
                "external_id": video["id"],
                "posted_at": said.get("publishedAt"),
                "kind": "video",
                "caption": text[:20_000],
                "url": f"https://www.youtube.com/watch?v={video['id']}",
                "language": (said.get("defaultAudioLanguage") or said.get("defaultLanguage") or "")[:2],
                "likes": count(figures.get("likeCount")),
                "comments": count(figures.get("commentCount")),
                "views": count(figures.get("viewCount")),
                "is_sponsored": (video.get("paidProductPlacementDetails") or {}).get("hasPaidProductPlacement"),
            }
        )

    def _comments(self, client: Client, video: str, channel: str) -> Page:
        params = {"part": "snippet,replies", "videoId": video, "maxResults": 100, "textFormat": "plainText"}
        try:
            answer = client.get("commentThreads", params)
        except Refused as refusal:
            return Page("comments", [], (f"{video}: {refusal.code}",))
        rows = []
        for thread in answer.get("items") or []:
            top = (thread.get("snippet") or {}).get("topLevelComment") or {}
            rows.append(self._comment(top, video, channel, ""))
            for reply in (thread.get("replies") or {}).get("comments") or []:
                rows.append(self._comment(reply, video, channel, top.get("id", "")))
        return Page("comments", [row for row in rows if row.get("external_id")])

    def _comment(self, comment: dict[str, Any], video: str, channel: str, parent: str) -> dict[str, Any]:
        said = comment.get("snippet") or {}
        author = (said.get("authorChannelId") or {}).get("value") or said.get("authorDisplayName")
        return without_none(
            {
                "platform": self.platform,
                "post_external_id": video,
                "external_id": comment.get("id"),
                "parent_external_id": parent,
                "author": author,
                "is_owner": author == channel,
                "posted_at": said.get("publishedAt"),
                "likes": count(said.get("likeCount")),
                "text": said.get("textOriginal") or said.get("textDisplay"),
            }
        )


def _video_id(item: dict[str, Any]) -> str:
    details = (item.get("contentDetails") or {}).get("videoId")
    return str(details or ((item.get("snippet") or {}).get("resourceId") or {}).get("videoId") or "")
