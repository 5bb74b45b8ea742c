"""Single values as people and exports write them."""

from datetime import UTC, date, datetime

import pytest

from accounts.handles import clean_handle, handle_key, platform_of_address
from matching.ingest import counts, moments, values
from matching.ingest.columns import read_column
from matching.ingest.options import Options
from matching.ingest.reasons import SENTENCES, Bad, Problem, remedy, sentence
from matching.ingest.texts import (
    clean_column,
    clean_line,
    clean_text,
    hashtag_column,
    hashtags,
    mention_column,
    mentions,
)

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()) * 10**6


def micros(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**6


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (0, 0), (12, 12), (12.0, 12), ("12400", 12400), ("12,400", 12400), ("12.400", 12400), ("1 234 567", 1234567),
        ("1\u202f234", 1234), ("1'234", 1234), ("1.234.567", 1234567), ("12.4k", 12400), ("12,4 k", 12400),
        ("12.4K", 12400),
        ("1.2M", 1200000), ("1,25 Md", 1250000000), ("3m+", 3000000), ("1.234k", 1234), ("1.2E+05", 120000), ("007", 7),
        (None, None), ("", None), ("-", None), ("N/A", None), ("nan", None), (" 42 ", 42), ("12.0", 12),
        ("1,234,567.00", 1234567),
    ],
)  # fmt: skip
def test_counts(given: object, number: int | None) -> None:
    assert counts.count(given, Options()) == number


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("abc", "not_a_count"), ("1.5", "not_a_count"), ("12.34k5", "not_a_count"), (1.5, "not_a_count"),
        (True, "not_a_count"),
        ([1], "not_a_count"), ({}, "not_a_count"), (float("inf"), "not_a_count"), (float("nan"), "not_a_count"),
        (-3, "negative"),
        ("-3", "negative"), ("-1.2k", "negative"), (10**30, "too_large"), ("9" * 50, "too_large"),
        ("1e99", "too_large"),
        ("1.234567k", "not_a_count"), ("12 apples", "not_a_count"), ("1,2,3", "not_a_count"), ("=1+1", "not_a_count"),
    ],
)  # fmt: skip
def test_counts_that_are_none(given: object, code: str) -> None:
    with pytest.raises(Bad) as caught:
        counts.count(given, Options())
    assert caught.value.problem.code == code


def test_a_decimal_mark_that_is_named_is_obeyed() -> None:
    assert counts.count("1.234k", Options(decimal=",")) == 1234000
    assert counts.count("1.234", Options(decimal=",")) == 1234
    with pytest.raises(Bad):
        counts.count("1.234", Options(decimal="."))


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        (1411602594, micros(2014, 9, 24, 23, 49, 54)), ("1411602594", micros(2014, 9, 24, 23, 49, 54)),
        (1411602594000, micros(2014, 9, 24, 23, 49, 54)), (1411602594.5, micros(2014, 9, 24, 23, 49, 54) + 500_000),
        ("2018-06-22", micros(2018, 6, 22)), ("2018-06-22T10:00:00Z", micros(2018, 6, 22, 10)),
        ("2018-06-22 10:00:00+02:00", micros(2018, 6, 22, 8)),
        ("2018-06-22T10:00:00.000+0000", micros(2018, 6, 22, 10)),
        ("22/06/2018", micros(2018, 6, 22)), ("06/22/2018", micros(2018, 6, 22)),
        ("22.06.2018 14:30", micros(2018, 6, 22, 14, 30)),
        ("06/22/2018, 2:30 PM", micros(2018, 6, 22, 14, 30)), ("05/05/2018", micros(2018, 5, 5)),
        ("Jun 22, 2018", micros(2018, 6, 22)),
        ("Fri Jun 22 10:00:00 +0000 2018", micros(2018, 6, 22, 10)),
        ("Fri, 22 Jun 2018 10:00:00 GMT", micros(2018, 6, 22, 10)),
        ("2018-06-22 10:00:00 UTC", micros(2018, 6, 22, 10)), ("20180622", micros(2018, 6, 22)), ("", None),
        (None, None),
        (datetime(2018, 6, 22, 10, tzinfo=UTC), micros(2018, 6, 22, 10)), (date(2018, 6, 22), micros(2018, 6, 22)),
    ],
)  # fmt: skip
def test_moments(given: object, moment: int | None) -> None:
    assert moments.moment(given, Options(now=NOW)) == moment


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("yesterday", "not_a_time"), ("04/05/2018", "ambiguous_date"), (100, "too_early"), ("1999-01-01", "too_early"),
        ("2031-01-01", "future"), (9_999_999_999, "future"), ("2018-02-30", "not_a_time"),
        ("31/02/2018", "not_a_time"), ([], "not_a_time"),
        (True, "not_a_time"), (float("nan"), "not_a_time"), ("9" * 400, "not_a_time"), (10**40, "future"),
        (-(10**40), "too_early"),
        ("13/13/2018", "not_a_time"), ("99999-01-01", "not_a_time"), ("0001-01-01T00:00:00+14:00", "too_early"),
    ],
)  # fmt: skip
def test_moments_that_are_none(given: object, code: str) -> None:
    with pytest.raises(Bad) as caught:
        moments.moment(given, Options(now=NOW))
    assert caught.value.problem.code == code


def test_ambiguous_dates_are_read_when_the_mapping_says_how() -> None:
    assert moments.moment("04/05/2018", Options(now=NOW, dates="day_first")) == micros(2018, 5, 4)
    assert moments.moment("04/05/2018", Options(now=NOW, dates="month_first")) == micros(2018, 4, 5)
    assert moments.moment("04/25/2018", Options(now=NOW, dates="day_first")) == micros(2018, 4, 25)


@pytest.mark.parametrize(
    ("given", "handle"),
    [
        ("@Anna.B", "Anna.B"), (" anna_b ", "anna_b"), ("https://www.instagram.com/anna.b/?hl=fr", "anna.b"),
        ("instagram.com/anna.b", "anna.b"), ("https://www.tiktok.com/@anna", "anna"),
        ("https://www.youtube.com/@MaPage", "MaPage"),
        ("https://youtube.com/channel/UCabc123", "UCabc123"), ("https://x.com/anna/status/1", "anna"),
        ("ｊａｃｋ", "ｊａｃｋ"),
        ("café.crème", "café.crème"), ("anna b", None), ("https://evil.example/anna", None),
        ("https://www.instagram.com/p/Cxyz/", None),
        ("a" * 121, None), ("", None), ("@", None), ("anna/bob", None), ("<script>", None), ("a\u0000b", None),
    ],
)  # fmt: skip
def test_handles(given: str, handle: str | None) -> None:
    assert clean_handle(given) == handle


def test_handles_fold_to_one_key() -> None:
    assert {handle_key(h) for h in ("@Anna.B", "anna.b", "ANNA.B", "ａnna.b")} == {"anna.b"}
    assert platform_of_address("https://m.youtube.com/watch?v=1") == "youtube"
    assert platform_of_address("https://notinstagram.com/x") is None


@pytest.mark.parametrize(
    ("given", "items"),
    [
        (["a", "b"], ["a", "b"]), ([{"username": "a"}, {"name": "b"}], ["a", "b"]), ('["a","b"]', ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ("a;b", ["a", "b"]), ("@a, @b", ["a", "b"]), ("a|b|a", ["a", "b"]), ("a b", ["a", "b"]), ([], []),
        (None, None), ("", None),
    ],
)  # fmt: skip
def test_lists_of_names(given: object, items: list[str] | None) -> None:
    assert values.names(given, Options(limit=120)) == items


def test_identifiers_that_a_spreadsheet_rounded_are_refused() -> None:
    assert values.identifier(17849327908056362, Options(limit=120)) == "17849327908056362"
    assert values.identifier(12.0, Options(limit=120)) == "12"
    for given in ("1.78494E+16", 1.8e17):
        with pytest.raises(Bad) as caught:
            values.identifier(given, Options(limit=120))
        assert caught.value.problem.code == "rounded_id"


def test_codes_of_countries_languages_and_kinds() -> None:
    options = Options()
    assert [values.country(c, options) for c in ("fr", "FR", "Allemagne", "Germany", "UK", "NA", "")] == [
        "FR",
        "FR",
        "DE",
        "DE",
        "GB",
        "NA",
        None,
    ]
    assert [values.language(c, options) for c in ("fr-FR", "French", "français", "EN", "und")] == [
        "fr",
        "fr",
        "fr",
        "en",
        None,
    ]
    assert [values.post_kind(c, options) for c in ("GraphImage", "CAROUSEL_ALBUM", "Reels", "video")] == [
        "image",
        "carousel",
        "reel",
        "video",
    ]


def test_texts_keep_meaning_and_lose_what_misleads() -> None:
    assert clean_text("  e\u0301te\u0301 \r\n\u202eevil\u202c \x00x ") == "été \nevil x"
    assert clean_text("👩\u200d🍳 ❤️") == "👩\u200d🍳 ❤️"
    assert clean_line("two\nlines\t here") == "two lines here"
    texts = ["a\x1fb", "e\u0301", "", "\u0301starts", "x\u2028y", " ok "]
    assert clean_column(texts) == [clean_text(text) for text in texts] == ["ab", "é", "", "\u0301starts", "x\ny", "ok"]


def test_hashtags_and_mentions() -> None:
    text = "#Pain #pain#Levain @Anna.B. mail@example.org (#été) #हिन्दी #1 https://x.y/#no @ nobody @b_c"
    assert hashtags(text) == ["pain", "levain", "été", "हिन्दी"]
    assert mentions(text, ["Zoe", "anna.b"]) == ["anna.b", "b_c", "zoe"]
    texts = ["", text, "no tags", "#a\n@b", "", "＃Ｗｉｄｅ ＠Ｂｏｂ"]
    assert hashtag_column(texts) == [[], hashtags(text), [], ["a"], [], ["wide"]]
    assert mention_column(texts, [None, ["x"], [], None, ["y"], None]) == [
        [],
        ["anna.b", "b_c", "x"],
        [],
        ["b"],
        ["y"],
        ["bob"],
    ]
    assert (hashtag_column([]), mention_column([])) == ([], [])


def test_whole_columns_read_as_single_values_do() -> None:
    """The quick ways through a column must give what one value at a time gives."""
    cases = {
        "count": [[1, 2, None], ["1", "", "22"], [1, "2k", -1, None, True], ["1", "x"]],
        "time": [[1411602594, None], ["2018-06-22", 1411602594], [5, 1411602594], [None, None]],
        "bool": [[True, None], ["yes", "non", "?", 1, 0, None]],
        "id": [["12", None], ["", "a b", 7, "x"], ["1.2E+17", "3"]],
        "text": [["a", None, ""], ["a\x1fb", 5, [1]], ["é", "e\u0301"]],
        "names": [[["a", "b", "a"], None, []], [["@a"], "x,y", [{"username": "z"}]], [[["no"]], ["ok"]]],
        "handle": [["@A", "@A", None, 5, "no way"]],
    }
    readers = {"count": counts.count, "time": moments.moment, "bool": values.boolean, "id": values.identifier,
               "text": values.text, "names": values.names, "handle": values.handle}  # fmt: skip
    options = Options(now=NOW, limit=120)
    for kind, columns in cases.items():
        for raw in columns:
            column = read_column(kind, list(raw), options)
            for place, value in enumerate(raw):
                try:
                    single = readers[kind](value, options)
                except Bad as error:
                    assert column.problems[place].code == error.problem.code
                    continue
                assert place not in column.problems
                assert (column.values[place] or None) == (single or None)


def test_every_reason_makes_a_sentence_in_both_languages() -> None:
    params = dict.fromkeys(("value", "limit", "detail", "found", "expected", "kind", "line", "known", "handle"), "9")
    for code in SENTENCES:
        problem = Problem(code, params)
        assert "%(" not in sentence(problem)
        assert sentence(problem)
        assert "%(" not in remedy(problem)
