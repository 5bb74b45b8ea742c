"""What becomes of rows that meet what is stored already."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors import ANONYMOUS, SYSTEM, Actor
from accounts.errors import NotAllowed
from accounts.models import Creator, Event, Objection, Provenance, SocialAccount
from accounts.secrets import pseudonym
from matching.ingest.definition import parse_mapping
from matching.models import Comment, FollowerCount, Post, PostMetrics, RescoreRequest
from matching.services.rows import RowsResult, import_rows
from tests.matching.desk import PLAIN, SEEN, Desk

MAY, JUNE, JULY = (datetime(2024, month, 1, tzinfo=UTC) for month in (5, 6, 7))
POST = {"handle": "anna", "external_id": "p1", "posted_at": "2024-03-01T10:00:00Z", "caption": "Pain #levain @bob"}


def store(entity: str, *rows: object, **options: object) -> RowsResult:
    return import_rows(entity, rows, actor=SYSTEM, source="test", platform="instagram", **options)  # type: ignore[arg-type]


def account(handle: str = "anna") -> SocialAccount:
    return SocialAccount.objects.get(handle_key=handle)


def test_an_account_comes_with_its_creator_source_and_history(desk: Desk) -> None:
    header = "handle,display_name,followers,country,languages,is_verified"
    done = desk.run(
        {"accounts.csv": header + '\n@Anna.B,Anna B,12.4k,France,"fr,en",yes\n'},
        wish={"source": "Agency list", "basis": "consent"},
    )
    row, creator = account("anna.b"), Creator.objects.get()
    assert (row.handle, row.followers, row.is_verified) == ("Anna.B", 12400, True)
    assert (creator.display_name, creator.country, creator.languages) == ("Anna B", "FR", ["fr", "en"])
    assert row.source == creator.source == Provenance.objects.get()
    assert (row.source.label, row.source.basis, row.source.kind) == ("Agency list", "consent", "import")
    assert row.observed_at == creator.observed_at == MAY
    assert FollowerCount.objects.values_list("followers", "observed_at").get() == (12400, MAY)
    assert done.counts("accounts") == {"rows": 1, "created": 1}
    assert RescoreRequest.objects.get().creator == creator
    assert [e.kind for e in Event.objects.order_by("id")] == [
        "job.created",
        "creators.updated",
        "import.finished",
        "job.finished",
    ]


def test_the_newer_observation_wins_whatever_the_order(db: None) -> None:
    new = {"handle": "anna", "followers": 200, "bio": "new", "observed_at": JUNE}
    old = {"handle": "Anna", "followers": 100, "bio": "old", "city": "Lyon", "observed_at": MAY}
    for order in ((new, old), (old, new)):
        Creator.objects.all().delete()
        for row in order:
            store("accounts", row)
        found = account()
        assert (found.followers, found.bio, found.observed_at, found.handle) == (200, "new", JUNE, "anna")
        assert found.creator.city == "Lyon"
        assert list(FollowerCount.objects.values_list("followers", flat=True)) == [100, 200]


def test_nothing_given_never_replaces_what_is_known(db: None) -> None:
    store(
        "accounts",
        {"handle": "anna", "followers": 100, "bio": "x", "is_verified": True, "languages": ["fr"], "observed_at": MAY},
    )
    result = store("accounts", {"handle": "anna", "followers": None, "bio": "", "languages": [], "observed_at": JUNE})
    found = account()
    assert (found.followers, found.bio, found.is_verified, found.creator.languages) == (100, "x", True, ["fr"])
    assert (result.counts["updated"], found.observed_at) == (1, JUNE)


def test_at_the_same_moment_the_corrected_row_wins(db: None) -> None:
    store("accounts", {"handle": "anna", "followers": 100, "observed_at": MAY})
    store("accounts", {"handle": "anna", "followers": 90, "observed_at": MAY})
    assert (account().followers, FollowerCount.objects.get().followers) == (90, 90)


def test_what_a_creator_said_is_not_overwritten(db: None) -> None:
    store("accounts", {"handle": "anna", "display_name": "Anna", "country": "FR", "observed_at": MAY})
    Creator.objects.update(claimed_at=MAY, bio="my own words", contact_email="me@example.org")
    store("accounts", {"handle": "anna", "display_name": "A.", "country": "BE", "contact_email": "x@y.org",
    "bio": "scraped", "followers": 5,
                       "observed_at": JUNE})  # fmt: skip
    creator = Creator.objects.get()
    assert (creator.display_name, creator.country, creator.bio) == ("Anna", "FR", "my own words")
    assert creator.contact_email == "me@example.org"
    assert (account().followers, account().bio) == (5, "scraped")


def test_a_second_account_of_a_person_fills_only_what_is_blank(db: None) -> None:
    store("accounts", {"handle": "anna", "display_name": "Anna", "bio": "first", "observed_at": MAY})
    store(
        "accounts",
        {
            "platform": "tiktok",
            "handle": "anna2",
            "display_name": "Nana",
            "bio": "second",
            "city": "Lyon",
            "observed_at": MAY,
        },
    )
    person = Creator.objects.get(display_name="Anna")
    SocialAccount.objects.filter(handle_key="anna2").update(creator=person)
    again = {
        "platform": "tiktok",
        "handle": "anna2",
        "display_name": "Nana",
        "bio": "second",
        "city": "Lyon",
        "observed_at": JUNE,
    }
    store("accounts", again)
    person.refresh_from_db()
    assert (person.display_name, person.bio, person.city) == ("Anna", "first", "Lyon")
    assert store("accounts", again).counts["unchanged"] == 1


def test_a_post_brings_its_account_and_its_counters(db: None) -> None:
    row = {
        **POST,
        "likes": 10,
        "comments": 2,
        "kind": "GraphImage",
        "sponsors": ["brand"],
        "tagged": ["Zoe"],
        "observed_at": MAY,
    }
    assert store("posts", row).counts["created"] == 1
    post = Post.objects.get()
    assert (post.account.handle, post.account.creator.display_name) == ("anna", "anna")
    assert (post.hashtags, post.mentions, post.sponsors, post.is_sponsored, post.kind) == (
        ["levain"],
        ["bob", "zoe"],
        ["brand"],
        True,
        "image",
    )
    later = store("posts", {**POST, "likes": 15, "views": 100, "observed_at": JUNE})
    post.refresh_from_db()
    assert (later.counts["updated"], post.likes, post.comments_count, post.views) == (1, 15, 2, 100)
    assert list(PostMetrics.objects.order_by("observed_at").values_list("likes", "views")) == [(10, None), (15, 100)]
    assert +store("posts", {**POST, "likes": 15, "views": 100, "observed_at": JUNE}).counts == {
        "rows": 1,
        "unchanged": 1,
    }


def test_an_older_counter_joins_the_history_and_leaves_the_latest(db: None) -> None:
    store("posts", {**POST, "likes": 15, "observed_at": JUNE})
    assert store("posts", {**POST, "likes": 10, "observed_at": MAY}).counts["updated"] == 1
    assert Post.objects.get().likes == 15
    assert sorted(PostMetrics.objects.values_list("likes", flat=True)) == [10, 15]


def test_a_changed_caption_changes_its_hashtags(db: None) -> None:
    store("posts", {**POST, "observed_at": MAY})
    store("posts", {**POST, "caption": "", "observed_at": JUNE})
    assert (Post.objects.get().caption, Post.objects.get().hashtags) == ("Pain #levain @bob", ["levain"])
    store("posts", {**POST, "caption": "No tags", "observed_at": JULY})
    assert (Post.objects.get().caption, Post.objects.get().hashtags, Post.objects.get().mentions) == ("No tags", [], [])


def test_a_post_never_moves_to_another_account(db: None) -> None:
    store("posts", POST)
    result = store("posts", {**POST, "handle": "thief", "caption": "mine now"}, by_row=True)
    assert (result.outcomes[0].status, result.outcomes[0].code) == ("rejected", "other_account")
    assert "@anna" in result.outcomes[0].detail
    assert Post.objects.get().caption.startswith("Pain")


def test_a_post_without_identifier_takes_that_of_its_address(db: None) -> None:
    row = {"handle": "anna", "posted_at": "2024-03-01", "url": "https://www.instagram.com/reel/Cx_1-b/?igsh=1"}
    assert store("posts", row).counts["created"] == 1
    assert Post.objects.get().external_id == "Cx_1-b"
    rejected = store("posts", {"handle": "anna", "posted_at": "2024-03-01"}).rejects[0].problem
    assert (rejected.code, rejected.field) == ("missing", "external_id")


def test_comments_need_their_post_and_lose_their_author(db: None) -> None:
    store("posts", POST)
    result = store(
        "comments",
        {"post_external_id": "p1", "external_id": "c1", "author": "@Some.One", "text": "Quelle farine ?", "likes": 1},
        {
            "post_external_id": "p1",
            "external_id": "c2",
            "author": "ANNA",
            "text": "Du seigle",
            "parent_external_id": "c1",
        },
        {"post_external_id": "p9", "external_id": "c3", "author": "x", "text": "?"},
        {"post_external_id": "p1", "external_id": "c4", "text": "nobody"},
        by_row=True,
    )
    assert [(o.status, o.code) for o in result.outcomes] == [
        ("created", ""),
        ("created", ""),
        ("rejected", "unknown_post"),
        ("created", ""),
    ]
    rows = {c.external_id: c for c in Comment.objects.all()}
    assert rows["c1"].author_hash == pseudonym("instagram", "some.one")
    assert [rows[key].is_owner for key in ("c1", "c2", "c4")] == [False, True, False]
    assert rows["c4"].author_hash == ""
    assert rows["c2"].parent_external_id == "c1"


def test_comments_without_identifiers_are_told_apart_by_their_content(desk: Desk) -> None:
    store("posts", POST)
    how = {"post_external_id": "post", "author": "who", "text": "text", "posted_at": "at"}
    mapping = {"observed_at": SEEN, "constants": {"platform": "instagram"}, "comments": how}
    rows = [
        {"post": "p1", "who": who, "text": text, "at": "2024-04-01"}
        for who, text in (("a", "x"), ("b", "x"), ("a", "y"), ("a", "x"))
    ]
    assert desk.run({"comments.jsonl": rows}, mapping).counts("comments") == {"rows": 4, "created": 3, "duplicates": 1}
    assert desk.run({"comments.jsonl": rows}, mapping).counts("comments") == {
        "rows": 4,
        "unchanged": 3,
        "duplicates": 1,
    }


def test_follower_counts_make_a_history_and_the_latest_is_the_accounts_own(db: None) -> None:
    store("accounts", {"handle": "anna", "followers": 100, "bio": "x", "observed_at": JUNE})
    result = store(
        "follower_counts",
        {"handle": "anna", "observed_at": MAY, "followers": 80},
        {"handle": "anna", "observed_at": JULY, "followers": 140, "following": 7},
        {"handle": "new.one", "observed_at": MAY, "followers": 1},
        {"handle": "anna", "observed_at": MAY, "followers": 80},
    )
    assert +result.counts == {"rows": 4, "created": 3, "duplicates": 1}
    assert (account().followers, account().following, account().observed_at) == (140, 7, JULY)
    assert list(account().follower_counts.values_list("followers", flat=True)) == [80, 100, 140]
    assert account("new.one").followers == 1


def test_who_objected_or_was_erased_stays_out(db: None, cast: object) -> None:
    store("posts", {**POST, "handle": "gone"}, {**POST, "handle": "stays", "external_id": "p2"})
    Objection.objects.create(scope="account", subject_hash=pseudonym("instagram", "objector"))
    Objection.objects.create(scope="account", subject_hash=pseudonym("instagram", "elsewhere"), workspace=cast.nord)  # type: ignore[attr-defined]
    Creator.objects.filter(accounts__handle_key="gone").update(erased_at=MAY)
    mine = Actor(kind="system", workspace_id=cast.alma.pk)  # type: ignore[attr-defined]
    rows = [{"handle": name, "followers": 5} for name in ("@Objector", "gone", "elsewhere", "stays")]
    result = import_rows("accounts", rows, actor=mine, source="t", platform="instagram", by_row=True)
    assert [o.code for o in result.outcomes] == ["objected", "objected", "", ""]
    posts = [{**POST, "handle": name, "external_id": f"{name}-1"} for name in ("objector", "gone", "stays")]
    assert [o.code for o in store("posts", *posts, by_row=True).outcomes] == ["objected", "objected", ""]
    comments = [{"post_external_id": post, "external_id": "c", "text": "x"} for post in ("p1", "p2")]
    assert [o.code for o in store("comments", *comments, by_row=True).outcomes] == ["objected", ""]
    counted = [{"handle": name, "followers": 5, "observed_at": JUNE} for name in ("objector", "gone")]
    assert {o.code for o in store("follower_counts", *counted, by_row=True).outcomes} == {"objected"}
    assert not SocialAccount.objects.filter(handle_key="objector").exists()
    assert not FollowerCount.objects.filter(account__handle_key="gone").exists()


def test_duplicates_within_a_call_are_counted_and_merged(db: None) -> None:
    result = store(
        "accounts",
        {"handle": "anna", "followers": 5, "observed_at": JUNE},
        {"handle": "@ANNA", "bio": "hello", "observed_at": MAY},
        {"handle": "bob"},
        {"handle": "Anna", "followers": 3, "observed_at": MAY},
        by_row=True,
    )
    assert [o.status for o in result.outcomes] == ["created", "duplicate", "created", "duplicate"]
    assert (account().followers, account().bio) == (5, "hello")


def test_only_changed_creators_are_scored_again(db: None) -> None:
    rows = [{**POST, "handle": f"user{n}", "external_id": f"p{n}", "likes": n, "observed_at": MAY} for n in range(5)]
    store("posts", *rows)
    RescoreRequest.objects.all().delete()
    rows[3] |= {"likes": 50, "observed_at": JUNE}
    assert +store("posts", *rows).counts == {"rows": 5, "updated": 1, "unchanged": 4}
    assert RescoreRequest.objects.get().creator.accounts.get().handle == "user3"
    RescoreRequest.objects.all().delete()
    store("posts", {**POST, "handle": "user1", "external_id": "new"}, rescore=False)
    assert not RescoreRequest.objects.exists()


def test_several_entities_ride_in_one_row(desk: Desk) -> None:
    mapping = {
        "observed_at": SEEN,
        "constants": {"platform": "instagram"},
        "files": [{"match": "*", "posts": {"external_id": "id", "handle": "user", "posted_at": "at", "likes": "likes"},
                   "accounts": {"followers": "fans", "category": "topic"}}],
    }  # fmt: skip
    rows = [
        {"id": f"p{n}", "user": f"u{n % 3}", "at": 1411602594, "likes": n, "fans": 100 + n % 3, "topic": "food"}
        for n in range(9)
    ]
    rows.append({"id": "p9", "user": "u0", "at": 1411602594, "fans": -1})
    rows.append({"id": "p10", "user": "not ok", "at": 1411602594, "fans": 1})
    done = desk.run({"all.jsonl": rows}, mapping)
    done.add_up()
    assert done.counts("posts") == {"rows": 11, "created": 10, "rejected": 1}
    assert (done.counts("accounts")["created"], done.counts("accounts")["rejected"]) == (3, 1)
    assert {(r["entity"], r["code"]) for r in done.rejects} == {
        ("accounts", "negative"),
        ("posts", "bad_handle"),
    }
    assert list(SocialAccount.objects.order_by("handle").values_list("followers", flat=True)) == [100, 101, 102]
    assert desk.run({"all.jsonl": rows}, mapping).counts("accounts")["unchanged"] == 3


def test_rows_that_the_database_refuses_cost_themselves(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that no check foresaw is found by halving, and the rest is stored."""
    from matching.ingest import chunks

    monkeypatch.setattr(chunks.Extractor, "_shorten", lambda *args: None)
    rows = [{"handle": f"user{n}", "city": "x" * (900 if n == 7 else 9), "observed_at": MAY} for n in range(20)]
    result = store("accounts", *rows, by_row=True)
    assert [n for n, o in enumerate(result.outcomes) if o.status == "rejected"] == [7]
    assert (result.outcomes[7].code, SocialAccount.objects.count(), result.counts["created"]) == ("not_stored", 19, 19)


def test_an_import_needs_the_right_to_import(db: None) -> None:
    for actor in (
        ANONYMOUS,
        Actor(kind="creator", creator_id=1),
        Actor(kind="api", scopes=frozenset({"creators:read"})),
    ):
        with pytest.raises(NotAllowed):
            import_rows("accounts", [], actor=actor, source="x")


def test_the_plain_mapping_of_these_tests_names_every_field() -> None:
    assert len(parse_mapping(PLAIN).files) == 4
