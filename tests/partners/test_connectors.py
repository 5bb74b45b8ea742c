"""Connectors against a local server: the networks' real answers where they are at hand, our own always."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import Consent, Job, Mail, SocialAccount
from accounts.sealing import seal
from accounts.services.jobs import create_job
from benchmarks.instagram import shared_data
from matching.ingest.connectors import CONNECTORS
from matching.ingest.connectors.base import AccessLost, Busy, Client, QuotaSpent, Target
from matching.models import Comment, Connection, ConnectionDay, Post
from matching.services import connections, oauth
from tests.cast import Cast
from tests.partners.receiver import Receiver, receiver

REAL = shared_data() / "api_payloads"
NOW = "2026-05-01T10:00:00Z"


def payload(name: str) -> object:
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"no recorded answers here ({path.parent.name}); set RESONANCE_API_PAYLOADS to their folder")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def network(settings: object) -> object:
    with receiver() as here:
        settings.OUTBOUND_ALLOWED_HOSTS = [here.host]
        base = f"http://{here.host}"
        settings.CONNECTOR_ADDRESSES = dict.fromkeys(CONNECTORS, base) | {
            f"{name}.{which}": f"{base}/{name}/{which}" for name in CONNECTORS for which in ("token", "authorize")
        }
        yield here


def answers(table: dict[str, Callable[[dict[str, str], bytes], object]]) -> Callable[..., object]:
    """Path → (query, body) → data, or (status, data[, headers])."""

    def answer(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for known, give in table.items():
            if parts.path.strip("/") == known.strip("/"):
                given = give(query, body)
                status, data, *more = given if isinstance(given, tuple) else (200, given)
                return status, json.dumps(data).encode(), (more[0] if more else {})
        return 404, b'{"error": {"code": 404, "message": "no such address"}}', {}

    return answer


def pull(platform: str, network: Receiver, target: Target, **options: object) -> dict[str, list[dict]]:
    client = Client(
        CONNECTORS[platform], token="secret", base=f"http://{network.host}", sleep=lambda s: None, **options
    )
    found: dict[str, list[dict]] = {"notes": []}
    for page in CONNECTORS[platform].pull(client, target):
        found.setdefault(page.entity, []).extend(page.rows)
        found["notes"] += page.notes
    return found


def video(number: int, **figures: str) -> dict:
    said = {"title": f"Film {number}", "description": "Texte", "publishedAt": NOW, "defaultAudioLanguage": "fr-FR"}
    return {"id": f"v{number}", "snippet": said, "statistics": figures}


def youtube(hidden: bool = False) -> dict[str, Callable]:
    statistics = (
        {"subscriberCount": "0", "hiddenSubscriberCount": True}
        if hidden
        else {"subscriberCount": "8200", "hiddenSubscriberCount": False}
    )
    channel = {
        "id": "UCx", "snippet": {"title": "Max", "customUrl": "@max.blum", "country": "FR"},
        "statistics": statistics | {"videoCount": "3"}, "contentDetails": {"relatedPlaylists": {"uploads": "UUx"}},
    }  # fmt: skip
    pages = {
        "": {"items": [{"contentDetails": {"videoId": "v1"}}, {"contentDetails": {"videoId": "v2"}}], "nextPageToken": "p2"},
        "p2": {"items": [{"contentDetails": {"videoId": "v3"}}]},
    }  # fmt: skip
    films = {
        "v1": video(1, viewCount="900", likeCount="80", commentCount="2"),
        "v2": video(2, viewCount="500"),
        "v3": video(3, viewCount="50", commentCount="1"),
    }
    comment = {
        "id": "c1",
        "snippet": {"authorChannelId": {"value": "UCz"}, "textOriginal": "Bravo", "likeCount": 3, "publishedAt": NOW},
    }
    reply = {
        "id": "c1.r",
        "snippet": {"authorChannelId": {"value": "UCx"}, "textOriginal": "Merci", "publishedAt": NOW},
    }
    thread = {"snippet": {"topLevelComment": comment}, "replies": {"comments": [reply]}}
    closed = {"error": {"code": 403, "message": "off", "errors": [{"reason": "commentsDisabled"}]}}
    return {
        "channels": lambda query, body: {"items": [channel]},
        "playlistItems": lambda query, body: pages[query.get("pageToken", "")],
        "videos": lambda query, body: {"items": [films[name] for name in query["id"].split(",")]},
        "commentThreads": lambda query, body: (
            (403, closed) if query["videoId"] == "v3" else {"items": [thread] if query["videoId"] == "v1" else []}
        ),
    }


def test_youtube_pages_hidden_counts_and_closed_comments(network: Receiver) -> None:
    network.answer = answers(youtube(hidden=True))
    found = pull("youtube", network, Target("max.blum"))
    [account] = found["accounts"]
    assert "followers" not in account, "hidden is unknown, not 0"
    assert (account["external_id"], account["posts_count"]) == ("UCx", 3)
    assert [post["external_id"] for post in found["posts"]] == ["v1", "v2", "v3"]
    assert "likes" not in found["posts"][1]
    assert found["posts"][0]["language"] == "fr"
    assert [(c["external_id"], c["is_owner"]) for c in found["comments"]] == [("c1", False), ("c1.r", True)]
    assert found["notes"] == ["v3: commentsDisabled"]
    assert all(headers["x-goog-api-key"] == "secret" for _path, headers, _body in network.taken)
    assert not any("secret" in path for path, _headers, _body in network.taken)


def test_youtube_reads_the_recorded_answers(network: Receiver) -> None:
    channel = payload("youtube_data_api_v3/channel_info_single.json")
    first = payload("youtube_data_api_v3/playlist_items/playlist_items_paged_1.json")
    second = payload("youtube_data_api_v3/playlist_items/playlist_items_paged_2.json")
    videos = payload("youtube_data_api_v3/videos/videos_info_multi.json")
    threads = payload("youtube_data_api_v3/comment_threads/comment_threads_by_video_paged_1.json")
    channel["items"][0].setdefault("contentDetails", {"relatedPlaylists": {"uploads": "UU"}})
    network.answer = answers(
        {
            "channels": lambda query, body: channel,
            "playlistItems": lambda query, body: second if query.get("pageToken") else first,
            "videos": lambda query, body: videos,
            "commentThreads": lambda query, body: threads,
        }
    )
    found = pull("youtube", network, Target("googledevelopers"))
    assert found["accounts"][0]["external_id"] == "UC_x5XG1OV2P6uZZ5FSM9Ttw"
    assert {post["external_id"] for post in found["posts"]} >= {"D-lhorsDlUQ"}
    assert all(post["posted_at"].startswith("20") for post in found["posts"])
    assert all(comment["author"].startswith("UC") and comment["text"] for comment in found["comments"])
    asked = [query for path, _h, _b in network.taken if "playlistItems" in path for query in [path]]
    assert len(asked) == 2
    assert "pageToken=CAoQAA" in asked[1]


def test_instagram_discovery_reads_the_recorded_answers(network: Receiver) -> None:
    profile = payload("instagram_graph_api/apidata/discovery/user_fields.json")
    first = payload("instagram_graph_api/apidata/discovery/medias_p1.json")
    second = payload("instagram_graph_api/apidata/discovery/medias_p2.json")

    def discover(query: dict[str, str], body: bytes) -> object:
        page = second if ".after(" in query["fields"] else first
        return {"business_discovery": profile["business_discovery"] | page["business_discovery"]}

    network.answer = answers({"17841406338772941": discover})
    found = pull("instagram", network, Target("facebookfordevelopers", posts=8), owner_id="17841406338772941")
    [account] = found["accounts"]
    assert (account["followers"], account["posts_count"]) == (64976, 436)
    posts = found["posts"]
    assert (
        len({post["external_id"] for post in posts}) == len(posts) > len(first["business_discovery"]["media"]["data"])
    )
    assert posts[0]["likes"] == 87
    assert posts[0]["kind"] == "image"
    assert "comments" in posts[0]


def test_instagram_of_the_creator_reads_the_recorded_answers(network: Receiver) -> None:
    profile = payload("instagram_graph_api/apidata/users/user_fields.json")
    media = payload("instagram_graph_api/apidata/users/medias_p1.json")
    insights = payload("instagram_graph_api/apidata/medias/insights.json")
    comments = payload("instagram_graph_api/apidata/medias/comments_p1.json")
    media = media | {"paging": {}}
    table = {"me": lambda query, body: profile, "me/media": lambda query, body: media}
    for one in media["data"]:
        table[f"{one['id']}/insights"] = lambda query, body: insights
        table[f"{one['id']}/comments"] = lambda query, body: comments | {"paging": {}}
    network.answer = answers(table)
    found = pull("instagram", network, Target("facebookfordevelopers", own=True))
    assert found["accounts"][0]["followers"] == 64363
    assert {(post["reach"], post["saves"]) for post in found["posts"]} == {(5, 0)}
    assert {comment["text"] for comment in found["comments"]} == {"Beautiful!"}
    assert all("author" not in comment for comment in found["comments"])


def test_instagram_hidden_likes_and_refused_insights_are_unknown(network: Receiver) -> None:
    media = [
        {"id": "1", "media_type": "VIDEO", "media_product_type": "REELS", "timestamp": "2026-05-01T10:00:00+0000", "comments_count": 0}
    ]  # fmt: skip
    refused = {"error": {"code": 10, "message": "not enough viewers"}}
    network.answer = answers(
        {
            "me": lambda query, body: {"id": "9", "username": "lea.cuisine"},
            "me/media": lambda query, body: {"data": media},
            "1/insights": lambda query, body: (400, refused),
        }
    )
    found = pull("instagram", network, Target("lea.cuisine", own=True))
    [post] = found["posts"]
    assert not {"likes", "reach", "saves"} & set(post)
    assert (post["comments"], post["kind"]) == (0, "reel")
    assert "followers" not in found["accounts"][0]
    assert found["notes"] == ["1: graph_10"]


def test_tiktok_display_and_research(network: Receiver) -> None:
    one = {
        "id": "7",
        "create_time": 1777629600,
        "like_count": 5,
        "comment_count": 2,
        "view_count": 90,
        "share_count": 0,
    }
    ok = {"code": "ok", "message": ""}

    def listed(query: dict[str, str], body: bytes) -> object:
        asked = json.loads(body)
        more = "cursor" not in asked
        return {"data": {"videos": [one | {"id": "7" if more else "8"}], "cursor": 99, "has_more": more}, "error": ok}

    network.answer = answers(
        {
            "user/info": lambda q, b: {"data": {"user": {"open_id": "o", "username": "tom.trails", "follower_count": 10}}, "error": ok},
            "video/list": listed,
            "research/user/info": lambda q, b: {"data": {"display_name": "Tom", "follower_count": 12}, "error": ok},
            "research/video/query": lambda q, b: {"data": {"videos": [one], "has_more": False}, "error": ok},
            "research/video/comment/list": lambda q, b: {"data": {"comments": [{"id": "c", "text": "hey", "parent_comment_id": "7", "create_time": 1777629700}]}, "error": ok},
        }
    )  # fmt: skip
    own = pull("tiktok", network, Target("tom.trails", own=True))
    assert [post["external_id"] for post in own["posts"]] == ["7", "8"]
    public = pull("tiktok", network, Target("tom.trails", posts=1))
    assert public["accounts"][0]["followers"] == 12
    [comment] = public["comments"]
    assert (comment["text"], comment.get("parent_external_id")) == ("hey", None)


def test_a_busy_network_is_asked_again_and_then_left(network: Receiver) -> None:
    waits: list[float] = []
    times = iter([429, 503, 200])

    def channels(query: dict[str, str], body: bytes) -> object:
        status = next(times)
        if status == 200:
            return {"items": [{"id": "UCx", "snippet": {}}]}
        return status, {"error": {"code": status, "message": "busy"}}, {"Retry-After": "3"}

    network.answer = answers({"channels": channels})
    client = Client(CONNECTORS["youtube"], token="s", base=f"http://{network.host}", sleep=waits.append)
    assert CONNECTORS["youtube"].who(client)["external_id"] == "UCx"
    assert waits == [3.0, 3.0]
    network.answer = lambda *request: (500, b"<html>", {})
    with pytest.raises(Busy):
        client.get("channels")
    lost = {"error": {"code": 401, "message": "bad", "errors": [{"reason": "authError"}]}}
    network.answer = answers({"channels": lambda query, body: (401, lost)})
    with pytest.raises(AccessLost):
        client.get("channels")


def key_for_youtube(cast: Cast) -> SocialAccount:
    connections.save_key(actor=cast.actor(cast.owner), platform="youtube", token="secret")
    return SocialAccount.objects.create(
        creator=cast.max, platform="youtube", handle="max.blum", handle_key="max.blum", source=cast.source
    )


def refresh(cast: Cast, account: SocialAccount) -> Job:
    job = connections.request_refresh(actor=cast.actor(cast.owner), account=account)
    connections.run_refresh(job.pk)
    job.refresh_from_db()
    return job


def test_refreshing_stores_with_origin_and_a_second_time_changes_nothing(cast: Cast, network: Receiver) -> None:
    network.answer = answers(youtube())
    account = key_for_youtube(cast)
    job = refresh(cast, account)
    assert (job.state, job.result["partial"]) == ("succeeded", True)
    account.refresh_from_db()
    assert (account.followers, account.source.kind, account.source.basis) == (8200, "connector", "legitimate_interest")
    assert Post.objects.filter(account=account).count() == 3
    assert Post.objects.get(external_id="v2").likes is None
    assert len(Comment.objects.get(external_id="c1").author_hash) == 24
    assert timezone.now() - account.observed_at < timedelta(minutes=1)
    before = (Post.objects.count(), Comment.objects.count(), SocialAccount.objects.count())
    again = refresh(cast, account)
    assert again.pk != job.pk
    assert (Post.objects.count(), Comment.objects.count(), SocialAccount.objects.count()) == before
    assert "secret" not in Connection.objects.get().token


def test_two_clicks_are_one_refresh(cast: Cast, network: Receiver) -> None:
    account = key_for_youtube(cast)
    actor = cast.actor(cast.owner)
    first = connections.request_refresh(actor=actor, account=account)
    assert connections.request_refresh(actor=actor, account=account).pk == first.pk


def test_what_came_before_a_fault_stays_and_the_fault_is_told(cast: Cast, network: Receiver) -> None:
    table = youtube()
    lost = {"error": {"code": 403, "message": "spent", "errors": [{"reason": "quotaExceeded"}]}}
    network.answer = answers(table | {"videos": lambda query, body: (403, lost)})
    job = refresh(cast, key_for_youtube(cast))
    assert (job.state, job.result["fault"], job.result["partial"]) == ("succeeded", "quota", True)
    row = Connection.objects.get()
    assert (row.state, row.error, row.refreshed_at) == ("active", "quota", None)
    gone = {"error": {"code": 401, "message": "revoked", "errors": [{"reason": "authError"}]}}
    network.answer = answers(table | {"channels": lambda query, body: (401, gone)})
    failed = refresh(cast, SocialAccount.objects.get(platform="youtube"))
    assert (failed.state, failed.error) == ("failed", "access")
    assert Connection.objects.get().state == "lost"


def test_the_day_s_budget_is_kept(cast: Cast, network: Receiver, settings: object) -> None:
    settings.CONNECTOR_DAILY = {"youtube": "5"}
    key_for_youtube(cast)
    row = Connection.objects.get()
    for _ in range(5):
        connections.spend(row, 1)
    with pytest.raises(QuotaSpent):
        connections.spend(row, 1)
    assert ConnectionDay.objects.get().spent == 5
    with pytest.raises(QuotaSpent):
        settings.CONNECTOR_DAILY = {"youtube": "0"}
        connections.spend(row, 1)


def consented(cast: Cast, network: Receiver, settings: object, channel: str = "lea.films") -> object:
    settings.CONNECTOR_CLIENTS = {"youtube": "app:hush"}
    settings.BASE_URL = "http://testserver"
    told = {"id": "UCl", "snippet": {"customUrl": f"@{channel}", "title": "Léa"}}
    network.answer = answers(
        youtube()
        | {
            "channels": lambda query, body: {"items": [told]},
            "youtube/token": lambda query, body: {"access_token": "at", "refresh_token": "rt", "expires_in": 3600},
        }
    )
    browser = cast.browser(cast.lea_user)
    page = browser.post("/profile/accounts/connect/youtube/")
    assert "code_challenge_method=S256" in page.content.decode()
    state = browser.session["connect:youtube"][0]
    return browser.get("/profile/accounts/connect/youtube/back/", {"code": "c", "state": state}, follow=True)


def test_a_creator_connects_reads_and_disconnects(cast: Cast, network: Receiver, settings: object) -> None:
    page = consented(cast, network, settings)
    assert page.status_code == 200
    row = Connection.objects.get()
    assert (row.kind, row.creator_id, row.account.handle) == ("oauth", cast.lea.pk, "lea.films")
    assert row.consent.purpose == "connector:youtube"
    assert "@lea.films" in page.content.decode()
    sent = next(body.decode() for path, _headers, body in network.taken if path.startswith("/youtube/token"))
    assert "code_verifier=" in sent
    assert row.token != "at"
    browser = cast.browser(cast.lea_user)
    assert browser.post(f"/profile/accounts/{row.pk}/disconnect/").status_code == 302
    assert not Connection.objects.exists()
    assert list(Consent.objects.order_by("pk").values_list("given", flat=True)) == [True, False]
    assert not Mail.objects.filter(text__contains="at").exists()


def test_an_account_of_somebody_else_is_not_taken_over(cast: Cast, network: Receiver, settings: object) -> None:
    SocialAccount.objects.create(
        creator=cast.tom, platform="youtube", handle="tom.films", handle_key="tom.films", source=cast.source
    )
    page = consented(cast, network, settings, "tom.films")
    assert "belongs to another profile" in page.content.decode()
    assert not Connection.objects.exists()
    assert SocialAccount.objects.get(handle="tom.films").creator_id == cast.tom.pk


def test_an_answer_with_another_state_connects_nothing(cast: Cast, network: Receiver, settings: object) -> None:
    settings.CONNECTOR_CLIENTS = {"youtube": "app:hush"}
    browser = cast.browser(cast.lea_user)
    browser.post("/profile/accounts/connect/youtube/")
    for params in ({"code": "c", "state": "x"}, {"code": "c"}, {"error": "denied", "state": "y"}):
        assert browser.get("/profile/accounts/connect/youtube/back/", params).status_code == 302
    assert not Connection.objects.exists()
    assert network.taken == []


def test_instagram_s_token_of_an_hour_becomes_one_of_weeks_and_is_renewed_early(
    cast: Cast, network: Receiver, settings: object
) -> None:
    settings.CONNECTOR_CLIENTS = {"instagram": "app:hush"}
    base = f"http://{network.host}"
    settings.CONNECTOR_ADDRESSES |= {"instagram.long_lived": f"{base}/long", "instagram.renews": f"{base}/renew"}
    weeks = 60 * 24 * 3600
    table = {
        "instagram/token": lambda query, body: {
            "data": [{"access_token": "short", "user_id": "1", "permissions": "x"}]
        },
        "long": lambda query, body: {"access_token": f"long-of-{query['access_token']}", "expires_in": weeks},
        "renew": lambda query, body: {"access_token": f"next-of-{query['access_token']}", "expires_in": weeks},
    }
    network.answer = answers(table)
    tokens = oauth.exchanged("instagram", "code", oauth.new_ticket(), "http://testserver/back/")
    assert (tokens.access, tokens.refresh) == ("long-of-short", "long-of-short")
    assert tokens.expires_at > timezone.now() + timedelta(days=59)
    asked = next(path for path, _headers, _body in network.taken if path.startswith("/long"))
    assert {"grant_type=ig_exchange_token", "client_secret=hush", "access_token=short"} <= set(asked[6:].split("&"))

    row = Connection.objects.create(
        platform="instagram", kind="key", workspace=cast.alma, token=seal(tokens.access),
        refresh_token=seal(tokens.refresh), expires_at=timezone.now() + timedelta(days=11),
    )  # fmt: skip
    assert connections._token(row) == "long-of-short", "too early"
    Connection.objects.update(expires_at=timezone.now() + timedelta(days=9))
    row.refresh_from_db()
    network.answer = answers(table | {"renew": lambda query, body: (503, {})})
    assert connections._token(row) == "long-of-short", "the network is away: the token is still good"
    network.answer = answers(table)
    assert connections._token(row) == "next-of-long-of-short"
    row.refresh_from_db()
    assert row.expires_at > timezone.now() + timedelta(days=59)
    network.answer = answers(table | {"renew": lambda query, body: (400, {"error": {"message": "ended", "code": 190}})})
    Connection.objects.update(expires_at=timezone.now() - timedelta(days=1))
    row.refresh_from_db()
    with pytest.raises(AccessLost):
        connections._token(row)


def test_a_token_that_ends_is_renewed(cast: Cast, network: Receiver, settings: object) -> None:
    consented(cast, network, settings)
    Connection.objects.update(expires_at=timezone.now(), refresh_token=seal("rt"), token=seal("old"))
    row = Connection.objects.get()
    assert connections._token(row) == "at"
    row.refresh_from_db()
    assert row.expires_at > timezone.now()
    assert oauth.available("youtube")
    assert create_job(actor=cast.actor(cast.owner), kind="x", title="", params={}, started=False).pk


def test_the_workspace_s_page_keeps_the_key_to_itself(cast: Cast, network: Receiver) -> None:
    browser = cast.browser(cast.owner)
    bad = browser.post("/settings/connectors/", {"platform": "instagram", "token": "abc", "owner_id": "me"})
    assert bad.status_code == 422
    saved = browser.post("/settings/connectors/", {"platform": "youtube", "token": "abc-key"}, follow=True)
    assert saved.status_code == 200
    assert "abc-key" not in saved.content.decode()
    account = SocialAccount.objects.create(
        creator=cast.max, platform="youtube", handle="m", handle_key="m", source=cast.source
    )
    assert f"/accounts/{account.pk}/refresh/" in browser.get(f"/creators/{cast.max.pk}/").content.decode()
    assert (
        f"/accounts/{account.pk}/refresh/"
        not in cast.browser(cast.viewer).get(f"/creators/{cast.max.pk}/").content.decode()
    )
