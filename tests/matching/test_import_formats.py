"""Files of every kind, whole and broken: what is read, and what a fault costs."""

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from matching.ingest import packed
from matching.ingest.definition import parse_mapping
from matching.ingest.mapping import FileMap
from matching.ingest.readers import Origin, Reader, open_reader
from matching.ingest.reasons import FileRefused

HANDLES = parse_mapping({"constants": {"platform": "x"}, "files": [{"accounts": {"handle": "h"}}]}).files[0]


def entry(**options: object) -> FileMap:
    return parse_mapping({"constants": {"platform": "x"}, "files": [{"accounts": {"handle": "h"}, **options}]}).files[0]


def opened(data: bytes | str, how: FileMap | None = HANDLES, name: str = "f") -> Reader:
    return open_reader(Origin(name, data=data.encode() if isinstance(data, str) else data), how)


def rows(reader: Reader, after: int = 0) -> tuple[list[tuple[int, object]], list[tuple[int, str]]]:
    """(line, record) of what was read, (line, code) of what was not."""
    good, bad = [], []
    for batch in reader.batches(after):
        good += zip(batch.lines, batch.records, strict=True)
        bad += [(line, problem.code) for line, problem, _raw in batch.bad]
    return good, bad


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_encodings_are_told_by_content(encoding: str, kind: str) -> None:
    if kind == "csv":
        text = "h,bio\r\n" + "anna,café crème à la française\r\nbob,déjà vu\r\n" * 40
    else:
        text = '{"h": "anna", "bio": "café crème à la française"}\n{"h": "bob", "bio": "déjà vu"}\n' * 40
    reader = opened(text.encode(encoding))
    good, bad = rows(reader)
    assert (reader.format, len(good), bad) == (kind, 80, [])
    assert "café crème à la française" in str(good[0][1])
    assert reader.source.encoding.guessed == (encoding in ("cp1252", "latin-1", "utf-16-le", "utf-16-be"))


def test_a_broken_line_of_utf8_costs_itself() -> None:
    text = "h,bio\n" + "".join(f"user{n},é{n}\n" for n in range(100))
    data = text.encode().replace("é50".encode(), b"\xff50")
    good, bad = rows(opened(data))
    assert len(good) == 99
    assert bad == [(52, "not_utf8")]


@pytest.mark.parametrize(("mark", "ends"), [(",", "\n"), (";", "\r\n"), ("\t", "\r"), ("|", "\n")])
def test_delimiters_and_line_ends_are_told_by_content(mark: str, ends: str) -> None:
    table = [["h", "followers", "bio"], *([f"user{n}", str(n), "a, b" if mark != "," else "a b"] for n in range(20))]
    reader = opened(ends.join(mark.join(row) for row in table) + ends)
    good, bad = rows(reader)
    assert reader.columns == ("h", "followers", "bio")
    assert (len(good), bad, good[-1]) == (20, [], (21, table[-1]))


def test_a_spreadsheet_that_declares_its_separator() -> None:
    assert rows(opened("sep=;\r\nh;n\r\nanna;1,5\r\n"))[0] == [(3, ["anna", "1,5"])]


def test_comment_and_underline_lines_are_no_rows() -> None:
    how = entry(delimiter="tab", skip_lines=["===="], quote="none")
    reader = opened('h\tn\n=====\nanna "the\t1\n=======\nbob\t2\n', how)
    assert rows(reader) == ([(3, ['anna "the', "1"]), (5, ["bob", "2"])], [])


def test_a_header_may_be_given_or_missing() -> None:
    assert rows(opened("anna,1\nbob,2\n", entry(header=["h", "n"])))[0] == [(1, ["anna", "1"]), (2, ["bob", "2"])]
    assert opened("anna,1\nbob,2\n", entry(header=False)).columns == ("1", "2")
    assert opened("Report of May\n\nh,n\nanna,1\n", entry(skip_first=1)).columns == ("h", "n")
    unnamed = opened("h, h ,,\na,b,c,\nx,y\n")
    assert unnamed.columns == ("h", "h (2)", "column 3", "column 4")
    assert rows(unnamed) == ([(2, ["a", "b", "c", ""]), (3, ["x", "y", "", ""])], [])


def test_quoted_cells_hold_separators_quotes_and_lines() -> None:
    text = 'h,bio\nanna,"one, ""two""\nthree"\nbob,"x"\n'
    good, bad = rows(opened(text))
    assert (good, bad) == ([(2, ["anna", 'one, "two"\nthree']), (4, ["bob", "x"])], [])


@pytest.mark.parametrize("later", ["", 'x,"hello, world"\n', '"'])
def test_a_quote_that_is_never_closed_costs_one_row(later: str) -> None:
    text = 'h,bio\nanna,"oh no\n' + "".join(f"user{n},b{n}\n" for n in range(5000)) + later
    good, bad = rows(opened(text))
    assert (2, "unclosed_quote") in bad
    assert len(bad) <= 2
    assert sum(record[0].startswith("user") for _line, record in good) == 5000


def test_rows_of_the_wrong_width_are_told() -> None:
    good, bad = rows(opened("h,n\nanna,1\nbob\ncleo,1,2\ndan,4,,\n"))
    assert good == [(2, ["anna", "1"]), (5, ["dan", "4"])]
    assert bad == [(3, "column_count"), (4, "column_count")]


def test_broken_json_lines_cost_themselves() -> None:
    text = '{"h": "a"}\n{broken\n\n[1]\n"text"\n{"h": "b", "n": NaN}\n{"h": "c"}\x00\n{"h": "d"}'
    good, bad = rows(opened(text))
    assert [record["h"] for _line, record in good] == ["a", "d"]
    assert bad == [
        (2, "broken_json"),
        (4, "not_an_object"),
        (5, "not_an_object"),
        (6, "broken_json"),
        (7, "broken_json"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[{"h": "a"},\n {"h": "b"}]', '{\n  "h": "a"\n}\n{\n  "h": "b"\n}\n', '[\n{"h": "a"}\n,\n{"h": "b"}\n]\n',
    ],
)  # fmt: skip
def test_a_json_list_or_spread_out_objects_are_read_as_well(text: str) -> None:
    reader = opened(text)
    assert reader.format == "json"
    assert [(line, record["h"]) for line, record in rows(reader)[0]] == [(1, "a"), (2, "b")]
    assert [line for line, _record in rows(opened(text), after=1)[0]] == [2]


def test_a_json_list_that_breaks_off_keeps_what_came_before() -> None:
    reader = opened('[{"h": "a"}, {"h": "b"}, {"h": ')
    seen = []
    with pytest.raises(FileRefused) as refused:
        for batch in reader.batches():
            seen += batch.records
    assert refused.value.problem.code == "broken_json_list"
    assert [record["h"] for record in seen] == ["a", "b"]


def test_a_large_json_list_is_read_in_pieces() -> None:
    many = [{"h": f"user{n}", "bio": "é" * 500} for n in range(5000)]
    good, bad = rows(opened(json.dumps(many, ensure_ascii=False)))
    assert (len(good), bad) == (5000, [])


def test_a_line_of_ten_megabytes_costs_itself() -> None:
    long = "x" * 10_000_000
    assert rows(opened(f'{{"h": "a"}}\n{{"h": "{long}"}}\n{{"h": "b"}}\n'))[1] == [(2, "line_too_long")]
    good, bad = rows(opened(f"h,bio\na,1\nb,{long}\nc,3\n"))
    assert ([line for line, _record in good], bad) == ([2, 4], [(3, "line_too_long")])


@pytest.mark.parametrize("after", [0, 1, 2, 3, 50, 99, 100, 101])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "csv.gz", "quoted"])
def test_reading_goes_on_after_any_line(kind: str, after: int) -> None:
    if kind == "jsonl":
        text = "".join(f'{{"h": "user{n}"}}\n' for n in range(1, 101))
    else:
        quote = '"' if kind == "quoted" else ""
        text = "h\n" + "".join(f"{quote}user{n}{quote}\n" for n in range(2, 101))
    data = gzip.compress(text.encode(), mtime=0) if kind.endswith("gz") else text.encode()
    whole = rows(opened(data))[0]
    assert rows(opened(data), after)[0] == [(line, record) for line, record in whole if line > after]


def test_gzip_is_told_by_content_and_may_have_members() -> None:
    data = gzip.compress(b"h,n\nanna,1\n", mtime=0) + gzip.compress(b"bob,2\n") + b"\0" * 512
    reader = opened(data, name="plain.csv")
    assert rows(reader)[0] == [(2, ["anna", "1"]), (3, ["bob", "2"])]
    assert reader.problem is None


def test_a_packed_file_that_was_cut_short_gives_its_whole_lines() -> None:
    text = "h,n\n" + "".join(f"user{n},{n}\n" for n in range(60_000))
    whole = gzip.compress(text.encode(), mtime=0)
    reader = opened(whole[: len(whole) // 2])
    good, bad = rows(reader)
    assert bad == []
    assert 1000 < len(good) < 60_000
    assert all(record == [f"user{line - 2}", str(line - 2)] for line, record in good)
    assert reader.problem is not None
    assert (reader.problem.code, reader.problem.params["line"]) == ("cut_short", good[-1][0])


def test_a_damaged_packed_file_is_told() -> None:
    whole = bytearray(gzip.compress(("h,n\n" + "".join(f"user{n},{n * 7919}\n" for n in range(40_000))).encode()))
    whole[len(whole) // 2] ^= 0xFF
    reader = opened(bytes(whole))
    rows(reader)
    assert reader.problem is not None
    assert reader.problem.code in ("damaged", "cut_short")


def test_a_bomb_is_stopped(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_BOMB_FROM", 1 << 20)
    bomb = gzip.compress(b"h\n" + b"a\n" * 4_000_000, mtime=0)
    with pytest.raises(FileRefused) as refused:
        rows(opened(bomb))
    assert refused.value.problem.code == "unpacks_too_large"
    settings.IMPORT_MAX_UNPACKED_MB = 1  # type: ignore[attr-defined]
    with pytest.raises(FileRefused):
        rows(opened(b"h\n" + b"abcdefgh\n" * 300_000))


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("notes.txt", "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "kind"),
    [
        (b"", "empty_file", ""), (b"  \n\n ", "empty_file", ""), (gzip.compress(b"", mtime=0), "empty_file", ""),
        (b"%PDF-1.7\n%...", "wrong_type", "PDF"),
        (_zip(), "wrong_type", "ZIP"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "wrong_type", "XLS"),
        (b"<!DOCTYPE html><html>", "wrong_type", "HTML"),
        (b'<?xml version="1.0"?><a/>', "wrong_type", "XML"), (b"\x89PNG\r\n\x1a\n....", "wrong_type", "PNG"),
        (gzip.compress(gzip.compress(b"h\na\n", mtime=0), mtime=0), "wrong_type", "gzip (twice)"),
        (bytes(range(256)) * 40, "wrong_type", "binary"),
        (b"BZh91AY&SY", "wrong_type", "bzip2"), (b"\x1f\x8b\x08\x00", "cut_short", ""),
        (b"\x1f\x8bnot gzip at all", "damaged", ""),
        (zlib.compress(b"h\na\n" * 500), "wrong_type", "binary"),
    ],
)  # fmt: skip
def test_what_holds_no_rows_is_refused_by_name(data: bytes, code: str, kind: str) -> None:
    with pytest.raises(FileRefused) as refused:
        rows(opened(data))
    assert refused.value.problem.code == code
    assert refused.value.problem.params.get("kind", "") == kind


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        open_reader(Origin("gone", tmp_path / "gone.csv"), HANDLES)
    assert refused.value.problem.code == "unreadable"


def test_memory_does_not_grow_with_the_file() -> None:
    """A packed file three times as long is read within the same few blocks' worth of memory."""
    import tracemalloc

    def most(rows: int) -> int:
        data = gzip.compress(b"h,bio\n" + b"anna,some words that repeat themselves in a biography\n" * rows, 1, mtime=0)
        tracemalloc.start()
        count = sum(len(batch.lines) for batch in opened(data).batches())
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows
        return peak

    assert most(300_000) < 1.2 * most(100_000) < 40 << 20
