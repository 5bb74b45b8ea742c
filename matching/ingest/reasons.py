"""Why a row, a value or a whole file was refused: a stable code, a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Problem(NamedTuple):
    """One fault of one value or row; `params` fill the sentence of its code."""

    code: str
    params: Mapping[str, Any] = {}
    field: str = ""


class Bad(ValueError):
    """Raised by the readers of single values."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)


class FileRefused(Exception):
    """A whole file, or the rest of it, cannot be read."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)


@dataclass(slots=True)
class Reject:
    """One row that was not stored. `raw` is its text, "" where it might name a commenter."""

    file: str
    line: int
    entity: str
    problem: Problem
    raw: str = field(default="", repr=False)


SENTENCES: dict[str, tuple[Any, Any]] = {
    # the line itself
    "not_utf8": (_("The line is not valid UTF-8."), _("Save the file as UTF-8, or name its encoding in the mapping.")),
    "line_too_long": (_("The line is longer than %(limit)s MB."), _("Split or shorten this row.")),
    "broken_json": (
        _("The line is not valid JSON: %(detail)s."),
        _("Export this row again, one JSON object per line."),
    ),
    "not_an_object": (_("The line is JSON but not an object."), _("Write one object with named keys per line.")),
    "column_count": (
        _("The row has %(found)s values where the header names %(expected)s."),
        _("Put values that contain the separator in double quotes."),
    ),
    "unclosed_quote": (
        _("A double quote opens and is never closed."),
        _("Close the quote, or double it inside a value."),
    ),
    "broken_csv": (_("The row cannot be split into values: %(detail)s."), _("Check the quotes of this row.")),
    # one value
    "missing": (_("A value is required and there is none."), _("Fill the column, or give a constant in the mapping.")),
    "not_a_count": (_("“%(value)s” is not a whole number."), _("Write digits only, or a short form such as 12.4k.")),
    "negative": (_("%(value)s is below zero."), _("Leave the cell empty when the figure is unknown.")),
    "too_large": (_("%(value)s is larger than any network could show."), _("Check the column that is read here.")),
    "not_a_time": (
        _("“%(value)s” is not a date or time that can be read."),
        _("Write 2026-11-22T14:30:00Z, or Unix seconds."),
    ),
    "ambiguous_date": (
        _("“%(value)s” may be read day first or month first."),
        _("Say “dates: day_first” or “dates: month_first” in the mapping."),
    ),
    "future": (_("%(value)s lies in the future."), _("Check the unit (seconds or milliseconds) and the year.")),
    "too_early": (
        _("%(value)s is before 2004, when none of these networks existed."),
        _("Check the unit and the year."),
    ),
    "not_a_bool": (_("“%(value)s” is neither yes nor no."), _("Write true or false.")),
    "unknown_platform": (
        _("“%(value)s” is not a network known here."),
        _("Write instagram, tiktok, youtube or x."),
    ),
    "bad_handle": (
        _("“%(value)s” is not a handle."),
        _("Write the handle without spaces, or the address of the profile."),
    ),
    "bad_id": (
        _("“%(value)s” is not an identifier."),
        _("Identifiers have no spaces or line breaks and at most 120 characters."),
    ),
    "rounded_id": (
        _("“%(value)s” is an identifier that a spreadsheet has rounded."),
        _("Export the column as text, so that every digit is kept."),
    ),
    "not_text": (
        _("A text is expected and the value is a list or an object."),
        _("Name the inner key, such as user.name."),
    ),
    # against what is stored
    "unknown_post": (_("The post “%(value)s” is not known."), _("Import the posts first, or in the same import.")),
    "other_account": (
        _("The post “%(value)s” is already kept for another account, @%(handle)s."),
        _("Check the handle, or the identifier of the post."),
    ),
    "objected": (
        _("This person objected to the use of their data, or was erased on request."),
        _("Nothing to do: the row stays out. Remove it from your file."),
    ),
    "not_stored": (_("The database refused this row."), _("Report this row to the person who runs the installation.")),
    # values left out, the row stays
    "shortened": (_("The text was longer than %(limit)s characters and was cut."), ""),
    "bad_url": (_("“%(value)s” is not a web address; it was left out."), ""),
    "bad_email": (_("“%(value)s” is not an e-mail address; it was left out."), ""),
    "unknown_country": (_("“%(value)s” is not a country; it was left out."), ""),
    "unknown_language": (_("“%(value)s” is not a language; it was left out."), ""),
    "unknown_kind": (_("“%(value)s” is not a kind of post known here; it was left out."), ""),
    "bad_list": (_("“%(value)s” is not a list; it was left out."), ""),
    "never_found": (_("No row has the key “%(value)s”; the field stayed empty."), ""),
    # whole files
    "empty_file": (_("The file is empty."), _("Export it again.")),
    "no_rows": (_("The file has a header and no rows."), _("Export it again.")),
    "wrong_type": (
        _("This is a %(kind)s file; rows cannot be read from it."),
        _("Save it as CSV (UTF-8) or JSON Lines."),
    ),
    "unreadable": (_("The file cannot be opened: %(detail)s."), _("Check the path and the rights.")),
    "cut_short": (
        _("The compressed file ends too early; it was read up to line %(line)s."),
        _("Transfer the file again and import it again: rows that are already there change nothing."),
    ),
    "damaged": (
        _("The compressed file is damaged after line %(line)s."),
        _("Transfer the file again and import it again: rows that are already there change nothing."),
    ),
    "unpacks_too_large": (
        _("The file unpacks to more than this installation accepts (%(limit)s)."),
        _("Split it, or raise IMPORT_MAX_UNPACKED_MB."),
    ),
    "no_mapping": (_("No part of the mapping applies to this file."), _("Add an entry whose “match” names it.")),
    "missing_columns": (
        _("The file has no column “%(value)s”; its columns are: %(known)s."),
        _("Correct the name in the mapping, or mark the field “optional: true”."),
    ),
    "bad_key": (
        _("“%(value)s” is not a key such as user.name or tagged[].username."),
        _("Correct the key in the mapping."),
    ),
    "broken_json_list": (
        _("The list breaks off at item %(line)s: %(detail)s."),
        _("Write one JSON object per line: then one bad row costs only itself."),
    ),
}


def sentence(problem: Problem) -> str:
    """What happened, in the active language."""
    template = SENTENCES.get(problem.code, (problem.code, ""))[0]
    try:
        return str(template) % dict(problem.params)
    except (KeyError, TypeError, ValueError):
        return str(template)


def remedy(problem: Problem) -> str:
    return str(SENTENCES.get(problem.code, ("", ""))[1])


def excerpt(value: Any, limit: int = 60) -> str:
    """A value short enough to stand in a sentence, on one line, without control characters."""
    text = value if isinstance(value, str) else str(value)
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 4]).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
