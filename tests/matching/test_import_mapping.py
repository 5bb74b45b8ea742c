"""The mapping itself: every mistake is named with its place, and with the name that was meant."""

from pathlib import Path

import pytest

from accounts.errors import InvalidInput
from matching.ingest.chunks import Extractor
from matching.ingest.definition import parse_mapping
from matching.ingest.guess import guess_file, look
from matching.ingest.readers import Origin, open_reader
from matching.ingest.reasons import FileRefused


def faults(text: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        parse_mapping(text)
    return dict(caught.value.fields) or {"": [caught.value.message]}


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    found = faults("constants: {platform: instagram}\naccounts: {handle: user, folowers: n}\n")
    assert found == {"files[0].accounts.folowers": ["“folowers” is not known here. Did you mean “followers”?"]}
    assert "“accounts”" in faults("acounts: {handle: user}")["acounts"][0]
    assert (
        "“skip_lines”"
        in faults("files: [{skip_line: ['#'], accounts: {platform: p, handle: h}}]")["files[0].skip_line"][0]
    )
    assert "“instagram" not in str(faults("accounts: {platform: p, handle: {kay: h}}"))


def test_every_fault_is_named_at_once() -> None:
    found = faults("""
        timezone: Europe/Pariss
        dates: american
        basis: because
        files:
          - format: xlsx
            delimiter: ",,"
            encoding: utf-99
            header: 7
            skip_first: -1
            posts: {handle: u, likes: {key: a, const: 1}, posted_at: {key: t, type: roman}}
    """)
    assert set(found) == {
        "files[0].timezone", "files[0].dates", "basis", "files[0].format", "files[0].delimiter",
        "files[0].encoding", "files[0].header",
        "files[0].skip_first", "files[0].posts.likes", "files[0].posts.posted_at.type", "files[0].posts.platform",
        "files[0].posts.external_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "42", "- a\n- b", "a: [", "a: &x {b: 1}\nc: *x", "files: 3", "files: [3]", "files: []", "accounts: 5",
        "x: !!python/object:os.system y",
        "[" * 3000, "? [1, 2]\n: 3", "accounts: {handle: [1, {}]}", "constants: 3\naccounts: {handle: h}", "\x00",
        "a: \ud800".encode("utf-8", "replace").decode(),
        "accounts: {handle: {values: 3, key: a}, platform: p}", "files: [{match: 3, posts: null}]",
        "name: " + "x" * 300_000,
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_never_an_exception(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_mapping(text)
    assert caught.value.fields or caught.value.message


def test_files_find_their_entry_by_name_or_kind() -> None:
    mapping = parse_mapping("""
        constants: {platform: tiktok}
        files:
          - {match: "*.tsv", accounts: {handle: h}}
          - {match: ["post*", "video*"], posts: {handle: h, external_id: i, posted_at: t}, accounts: {followers: f}}
    """)
    assert mapping.for_file("a.TSV").entities[0].entity.name == "accounts"
    assert mapping.for_file("videos.jsonl").entities[0].entity.name == "posts"
    assert mapping.for_file("other.csv") is None
    assert mapping.for_file("other.csv", "posts").entities[0].entity.name == "posts"
    carried = mapping.files[1].entities[1]
    assert {pick.field.name: pick.keys for pick in carried.picks} == {
        "followers": ("f",),
        "handle": ("h",),
        "platform": (),
    }


def test_a_column_that_the_file_lacks_is_named_with_those_it_has() -> None:
    mapping = parse_mapping("accounts: {platform: p, handle: Handel}")
    with pytest.raises(FileRefused) as refused:
        Extractor(mapping.files[0], "f", ("p", "Handle", "Bio"), now=0, observed_at=0)
    assert refused.value.problem.params == {"value": "Handel", "known": "p, Handle, Bio"}
    Extractor(
        parse_mapping("accounts: {platform: ' P ', handle: HANDLE}").files[0],
        "f",
        ("p", "Handle"),
        now=0,
        observed_at=0,
    )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "instagram_creators.csv",
            "Pseudo;Nom complet;Abonnés;Pays;Biographie;E-mail\nanna;Anna B;12400;France;Pain;a@b.fr\n",
            {"accounts": {"handle": "Pseudo", "display_name": "Nom complet", "followers": "Abonnés",
            "country": "Pays", "bio": "Biographie",
                          "contact_email": "E-mail"}, "constants": {"platform": "instagram"}},
        ),
        (
            "export.jsonl",
            '{"shortcode": "x", "owner": {"username": "anna"}, "taken_at": 1411602594, "caption": {"text": "hi"}, '
            '"like_count": 1, "comment_count": 2, "permalink": "https://www.instagram.com/p/x/"}\n',
            {"posts": {"external_id": "shortcode", "handle": "owner.username", "posted_at": "taken_at",
            "caption": "caption.text",
                       "likes": "like_count", "comments": "comment_count", "url": "permalink"},
                       "constants": {"platform": "instagram"}},
        ),
        (
            "comments.csv",
            "media_id,comment_id,username,text,created_at\n1,2,bob,hi,2024-01-01\n",
            {"comments": {"post_external_id": "media_id", "external_id": "comment_id", "author": "username",
            "text": "text",
                          "posted_at": "created_at"}},
        ),
        (
            "followers_history.csv",
            "platform,handle,date,followers\nx,anna,25/12/2024,12\n",
            {"follower_counts": {"platform": "platform", "handle": "handle", "observed_at": "date",
            "followers": "followers"},
             "dates": "day_first"},
        ),
    ],
)  # fmt: skip
def test_a_mapping_is_guessed_from_names_and_values(name: str, content: str, expected: dict[str, object]) -> None:
    reader = open_reader(Origin(name, data=content.encode()), None)
    assert guess_file(reader, look(reader)) == {"match": name, **expected}


def test_the_mapping_of_the_real_set_is_valid() -> None:
    mapping = parse_mapping((Path(__file__).parents[1] / "data" / "instagram_2018.yaml").read_text())
    assert [f.entities[0].entity.name for f in mapping.files] == ["accounts", "posts", "comments"]
