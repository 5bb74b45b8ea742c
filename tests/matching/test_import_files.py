"""Whole files: every row accounted for, nothing half-written, and no input that raises an exception."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Creator, Job, Provenance, SocialAccount
from accounts.secrets import pseudonym
from matching.ingest.reasons import SENTENCES
from matching.ingest.rejects import neutral
from matching.models import Comment, Post, PostMetrics
from tests.matching.desk import Desk, read_rejects

POSTS = [
    {
        "handle": f"user{n % 7}",
        "external_id": f"p{n}",
        "posted_at": 1411602594 + n,
        "caption": f"post {n} #tag{n % 3}",
        "likes": n,
    }
    for n in range(60)
]
COMMENTS = [
    {
        "post_external_id": f"p{n % 60}",
        "external_id": f"c{n}",
        "author": f"secret.person.{n % 11}",
        "text": f"comment {n}",
    }
    for n in range(200)
]


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every stored row of what imports write, without ids and sources."""
    tables = {
        "accounts_socialaccount": "platform, handle, followers, bio, observed_at",
        "accounts_creator": "display_name, bio, country, languages, observed_at",
        "matching_post": "external_id, caption, hashtags, mentions, likes, observed_at",
        "matching_postmetrics": "likes, comments_count, observed_at",
        "matching_comment": "external_id, author_hash, is_owner, text, observed_at",
        "matching_followercount": "followers, observed_at",
    }
    found = {}
    with connection.cursor() as cursor:
        for table, columns in tables.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}")
            found[table] = cursor.fetchall()
    return found


def test_files_are_read_in_the_order_in_which_they_need_each_other(desk: Desk) -> None:
    counts = "handle,observed_at,followers\nuser1,2024-01-01,5\n"
    done = desk.run(
        {
            "comments.jsonl.gz": COMMENTS,
            "counts.csv": counts,
            "posts.jsonl": POSTS,
            "accounts.csv": "handle,bio\nuser0,hi\n",
        }
    )
    done.add_up()
    assert [file["name"] for file in done.job.result["files"]] == [
        "accounts.csv",
        "posts.jsonl",
        "comments.jsonl.gz",
        "counts.csv",
    ]
    assert (Post.objects.count(), Comment.objects.count(), SocialAccount.objects.count()) == (60, 200, 7)
    assert (done.job.state, done.job.done, done.job.rejected, done.rejects) == ("succeeded", 262, 0, [])
    assert done.job.percent == 100


def test_a_second_import_changes_nothing_at_all(desk: Desk) -> None:
    """Not even the time of rows that carry none: the same content keeps the time of its first import."""
    mapping = {"constants": {"platform": "instagram"}, "files": [
        {"match": "posts*", "posts": {"handle": "handle", "external_id": "external_id", "posted_at": "posted_at",
        "likes": "likes"}},
    ]}  # fmt: skip
    desk.run({"posts.jsonl": POSTS}, mapping)
    before = everything()
    done = desk.run({"posts.jsonl": POSTS}, mapping)
    assert done.counts("posts") == {"rows": 60, "unchanged": 60}
    assert everything() == before
    changed = [{**row, "likes": 99} if row["external_id"] == "p5" else row for row in POSTS]
    assert desk.run({"posts.jsonl": changed}, mapping).counts("posts")["updated"] >= 1


def test_a_dry_run_tells_everything_and_stores_nothing(desk: Desk) -> None:
    files = {
        "posts.jsonl": [*POSTS, {"handle": "x"}],
        "comments.jsonl": [*COMMENTS, {"post_external_id": "no", "external_id": "c"}],
    }
    dry = desk.run(files, dry_run=True)
    assert (Creator.objects.count(), Post.objects.count(), Job.objects.count(), Provenance.objects.count()) == (
        0,
        0,
        0,
        0,
    )
    wet = desk.run(files)
    assert dry.job.result["entities"] == wet.job.result["entities"]
    assert dry.codes == wet.codes == ["missing", "unknown_post"]
    dry.add_up()


def test_one_bad_row_among_many_costs_itself_and_is_explained(desk: Desk) -> None:
    rows = [f'{{"handle": "user{n}", "followers": {n}}}' for n in range(12_000)]
    rows[7_000] = '{"handle": "user7000", "followers": -5}'
    rows[9_000] = "{oops"
    done = desk.run({"accounts.jsonl": "\n".join(rows)})
    done.add_up()
    assert done.counts("accounts") == {"rows": 12_000, "created": 11_998, "rejected": 2}
    first, second = done.rejects
    assert (first["file"], first["line"], first["field"], first["code"]) == (
        "accounts.jsonl",
        "7001",
        "followers",
        "negative",
    )
    assert "-5" in first["reason"]
    assert first["remedy"]
    assert json.loads(first["row"])["handle"] == "user7000"
    assert (second["line"], second["code"]) == ("9001", "broken_json")


def test_values_that_mislead_are_left_out_with_a_warning_and_the_row_stays(desk: Desk) -> None:
    done = desk.run({"accounts.jsonl": [
        {"handle": "a", "country": "Freedonia", "contact_email": "nope", "url": "javascript:alert(1)",
        "languages": ["xx"], "bio": "x" * 9000},
        {"handle": "b", "country": "Atlantis", "display_name": {"deep": 1}},
    ]})  # fmt: skip
    assert done.counts("accounts") == {"rows": 2, "created": 2}
    warned = {key: row[0] for key, row in done.job.result["warnings"].items()}
    assert warned["accounts country unknown_country"] == 2
    assert {key.split()[2] for key in warned} >= {"bad_email", "bad_url", "unknown_language", "shortened", "not_text"}
    assert (SocialAccount.objects.get(handle="a").url, len(SocialAccount.objects.get(handle="a").bio)) == ("", 5000)


def test_hostile_texts_are_kept_as_texts(desk: Desk) -> None:
    hostile = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "'; DROP TABLE accounts_user; --", "{{ 7*7 }}",
    "\u202egnp.exe", "\\N", "a\\nb",
               "%s %(x)s", "${jndi:ldap://x}", '{"a": "b"}', "tab\there", "nul\u0000here", "quote\"'`"]  # fmt: skip
    rows = [{"handle": f"u{n}", "bio": text, "display_name": text} for n, text in enumerate(hostile)]
    done = desk.run({"accounts.jsonl": rows})
    assert done.counts("accounts") == {"rows": len(hostile), "created": len(hostile)}
    stored = dict(SocialAccount.objects.values_list("handle", "bio"))
    assert stored["u0"] == "<script>alert(1)</script>"
    assert (stored["u4"], stored["u5"], stored["u6"], stored["u11"]) == ("gnp.exe", "\\N", "a\\nb", "nulhere")


def test_rejected_rows_are_no_formulas(desk: Desk) -> None:
    done = desk.run({"accounts.csv": 'handle,followers\n=HYPERLINK("http://x"),-1\n@SUM(1),1\nbob,+x\n'})
    with (desk.folder / "rejects-1.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert done.codes == ["bad_handle", "bad_handle", "not_a_count"]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert neutral("-5") == "'-5"


AUTHOR = "secret.person.of.lyon"


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_the_name_of_a_commenter_goes_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    caplog.set_level("DEBUG")
    good = {"post_external_id": "p1", "external_id": "c1", "author": AUTHOR, "text": "hello", "author_name": AUTHOR}
    bad = [
        {**good, "post_external_id": "none"},
        {**good, "external_id": "", "likes": 1},
        {**good, "external_id": "c9", "likes": "many"},
    ]
    if kind == "jsonl":
        content = "\n".join(json.dumps(row) for row in (good, *bad)) + f'\n{{"broken": "{AUTHOR}\n["{AUTHOR}"]\n'
    else:
        names = ("post_external_id", "external_id", "author", "text", "likes", "author_name")
        lines = [names, *([str(row.get(name, "")) for name in names] for row in (good, *bad)), [AUTHOR], [f'"{AUTHOR}']]
        content = "\n".join(",".join(line) for line in lines)
    done = desk.run({"posts.jsonl": POSTS, f"comments.{kind}": content})
    done.add_up()
    assert done.counts("comments")["created"] == 1
    assert len(done.rejects) == 5
    assert Comment.objects.get().author_hash == pseudonym("instagram", AUTHOR)
    assert AUTHOR not in (desk.folder / "rejects-1.csv").read_text()
    assert AUTHOR not in json.dumps(list(Job.objects.values("params", "checkpoint", "result")), default=str)
    assert AUTHOR not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{AUTHOR}%"])
            assert cursor.fetchone()[0] == 0, table


def test_files_that_cannot_be_read_do_not_stop_the_others(desk: Desk) -> None:
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in POSTS * 40).encode())
    done = desk.run({"accounts.pdf": b"%PDF-1.4", "accounts.csv": "handle,followers\nanna,1\n",
    "posts.jsonl.gz": whole[: len(whole) * 2 // 3],
                     "comments.csv": "post_external_id,external_id\n", "other.csv": "a,b\n1,2\n"})  # fmt: skip
    problems = {file["name"]: (file["problem"] or {}).get("code") for file in done.job.result["files"]}
    assert problems == {"accounts.pdf": "wrong_type", "accounts.csv": None, "posts.jsonl.gz": "cut_short",
    "comments.csv": "no_rows",
                        "other.csv": "no_mapping"}  # fmt: skip
    assert done.job.state == "succeeded"
    assert SocialAccount.objects.filter(handle="anna").exists()
    nothing = desk.run({"accounts.zip": b"PK\x03\x04...."})
    assert (nothing.job.state, nothing.job.error) == ("failed", "no_readable_file")


def test_the_command_reports_and_fails_where_it_must(
    desk: Desk, capsys: pytest.CaptureFixture[str], cast: object
) -> None:
    path, mapping = desk.write("posts.jsonl", [*POSTS, {"handle": "x"}]), desk.folder / "m.yaml"
    mapping.write_text(
        "constants: {platform: instagram}\nposts: {handle: handle, external_id: external_id, posted_at: posted_at}\n"
    )
    rejects = desk.folder / "r.csv"
    call_command(
        "import_creators",
        str(path),
        mapping=mapping,
        workspace="alma",
        source="Agency",
        rejects=rejects,
        observed_at="2024-05-01",
    )
    out = capsys.readouterr().out
    assert "posts: 61 rows = 60 created, 0 updated, 0 unchanged, 0 duplicates, 1 rejected" in out
    assert [row["code"] for row in read_rejects(rejects)] == ["missing"]
    assert Job.objects.get().workspace.slug == "alma"
    for wrong in (
        {"paths": [str(desk.folder / "gone.csv")], "mapping": mapping},
        {"paths": [str(path)], "mapping": mapping, "workspace": "nobody"},
        {"paths": [str(path)], "mapping": desk.folder / "gone.yaml"},
        {"paths": [str(path)], "mapping": mapping, "observed_at": "soon"},
        {"paths": [str(path)], "mapping": mapping, "limit": 5},
        {"paths": [str(desk.write("x.pdf", b"%PDF"))], "mapping": mapping},
    ):
        with pytest.raises(CommandError) as caught:
            call_command("import_creators", *wrong.pop("paths"), **wrong)
        assert str(caught.value)
    call_command("import_creators", str(desk.write("instagram_accounts.csv", "Pseudo;Abonnés\nanna;12,4k\n")))
    assert SocialAccount.objects.get(handle="anna").followers == 12400


def test_repeats_within_a_file_are_counted_with_examples(desk: Desk) -> None:
    done = desk.run({"posts.jsonl": [*POSTS, *POSTS[:3]]})
    done.add_up()
    assert done.counts("posts") == {"rows": 63, "created": 60, "duplicates": 3}
    assert done.job.result["repeats"] == [["posts.jsonl", 61, 1], ["posts.jsonl", 62, 2], ["posts.jsonl", 63, 3]]
    assert PostMetrics.objects.count() == 60


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.text(max_size=5),
    max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.sampled_from(["anna", "@Anna", "p1", "2024-01-01", "1411602594", "-1", "12.4k", "1e400", "\ud800", "\x00",
    "=1+1", "9" * 200, "é", "instagram"]),
)  # fmt: skip
NAMES = (
    "handle",
    "external_id",
    "posted_at",
    "likes",
    "caption",
    "followers",
    "post_external_id",
    "author",
    "text",
    "observed_at",
    "tagged",
    "url",
)
GOOD = {
    "handle": "anna",
    "external_id": "p1",
    "posted_at": 1411602594,
    "post_external_id": "p1",
    "observed_at": "2024-01-01",
    "followers": 5,
}
NEARLY = st.builds(
    lambda number, junk: {**GOOD, "external_id": f"p{number}", "handle": f"user{number % 3}", **junk},
    st.integers(0, 99),
    st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=1),
)
ROW = NEARLY | NEARLY | st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=8)
LINE = st.builds(lambda row: [str(row.get(name, "")) for name in NAMES], NEARLY)
CELL = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', '""', ",", "\n", "\r", "anna", "12", "2024-01-01", "\x00", "p1"]
)


def _json_file(rows: list[object], junk: bytes) -> bytes:
    return b"\n".join(json.dumps(row).encode("utf-8", "replace") for row in rows) + b"\n" + junk


def _csv_file(rows: list[list[str]], junk: bytes) -> bytes:
    out = io.StringIO()
    out.write(",".join(NAMES) + "\n")
    for row in rows:
        out.write(",".join(row) + "\n")
    return out.getvalue().encode("utf-8", "replace") + junk


FILES = st.one_of(
    st.builds(_json_file, st.lists(ROW | JUNK, max_size=12), st.binary(max_size=60)),
    st.builds(_csv_file, st.lists(LINE | st.lists(CELL, min_size=1, max_size=14), max_size=12), st.binary(max_size=60)),
    st.binary(max_size=400),
    st.builds(lambda data, cut: gzip.compress(data)[:cut], st.binary(max_size=300), st.integers(1, 200)),
    st.builds(lambda rows, mark: _json_file(rows, b"").decode().encode(mark, "replace"), st.lists(ROW, max_size=6),
    st.sampled_from(["utf-16", "latin-1", "utf-32"])),
)  # fmt: skip


@pytest.mark.timeout(600)
def test_a_thousand_bad_files_never_raise_and_always_add_up(desk: Desk) -> None:
    seen: Counter[str] = Counter()
    contents = st.lists(
        st.tuples(st.sampled_from(["accounts", "posts", "comments", "counts"]), FILES), min_size=5, max_size=5
    )

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(contents=contents)
    def holds(contents: list[tuple[str, bytes]]) -> None:
        with transaction.atomic():
            done = desk.run({f"{kind}{n}.x": data for n, (kind, data) in enumerate(contents)})
            done.add_up()
            assert sum(file["rows"] for file in done.job.result["files"]) == done.job.done
            assert all(file["rows"] or file["problem"] for file in done.job.result["files"])
            assert (done.job.state, done.job.error) in (("succeeded", ""), ("failed", "no_readable_file"))
            for counts in done.job.result["entities"].values():
                seen.update(counts)
            seen.update(done.codes)
            seen["files"] += len(contents)
            transaction.set_rollback(True)

    holds()
    assert seen["files"] >= 1000
    assert min(seen["created"] / 4, seen["duplicates"], seen["rejected"]) > 50, seen
    assert len([code for code in seen if code in SENTENCES]) >= 12, seen


def test_an_empty_folder_and_a_folder_of_files(desk: Desk, tmp_path: Path) -> None:
    from accounts.errors import InvalidInput
    from matching.ingest.uploads import files_at

    (tmp_path / "inner").mkdir()
    with pytest.raises(InvalidInput):
        files_at([tmp_path / "inner"])
    (tmp_path / "inner" / "b.csv").write_text("x")
    (tmp_path / "inner" / ".hidden").write_text("x")
    assert [file["name"] for file in files_at([tmp_path / "inner"])] == ["b.csv"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty.csv is empty"),
        ("noise.csv", bytes(range(256)) * 40, "No columns of accounts"),
    ],
)
def test_the_command_names_a_file_in_which_nothing_is_recognised(
    desk: Desk, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("import_creators", str(desk.write(name, content)), verbosity=0)
    assert said in str(caught.value)
    assert not Job.objects.exists()
