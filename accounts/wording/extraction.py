"""Finds every translatable string: Python by Babel's extractor, templates through Django's own `templatize`."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize

_SINGLE = ("_", "gettext", "gettext_lazy", "gettext_noop")
_PLURAL = ("ngettext", "ngettext_lazy")
_CONTEXT = ("pgettext", "pgettext_lazy")
_CONTEXT_PLURAL = ("npgettext", "npgettext_lazy")
_KEYWORDS: dict[str, None] = dict.fromkeys((*_SINGLE, *_PLURAL, *_CONTEXT, *_CONTEXT_PLURAL))
PACKAGES = ("accounts", "campaigns", "config", "matching")
TEMPLATE_SUFFIXES = {".html", ".txt"}


def sources(base: Path) -> Iterator[Path]:
    """Every file that may hold words, in a stable order."""
    for package in PACKAGES:
        for path in sorted((base / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for folder in [base / "templates", *(base / package / "templates" for package in PACKAGES)]:
        yield from (path for path in sorted(folder.rglob("*")) if path.suffix in TEMPLATE_SUFFIXES)


def _python_of(path: Path) -> bytes:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    # templatize leaves calls of gettext among blanked-out words; without indentation that tokenises as Python.
    lines = templatize(text, origin=str(path)).split("\n")
    return "\n".join(line.strip() for line in lines).encode()


def messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    """Line, msgid (or singular and plural), context. Raises SyntaxError on a template that cannot be read."""
    for line, function, found, _comments in extract_python(
        BytesIO(_python_of(path)), _KEYWORDS, [], {"encoding": "utf-8"}
    ):
        parts = [str(part) for part in (found if isinstance(found, (tuple, list)) else (found,)) if part]
        context = parts.pop(0) if function in _CONTEXT + _CONTEXT_PLURAL and len(parts) > 1 else None
        if function in _PLURAL + _CONTEXT_PLURAL and len(parts) > 1:
            yield line, (parts[0], parts[1]), context
        elif parts:
            yield line, parts[0], context


def extract(base: Path | None = None) -> Catalog:
    """A catalogue of everything found, without translations."""
    root = Path(base or settings.BASE_DIR)
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in sources(root):
        where = path.relative_to(root).as_posix()
        for line, msgid, context in messages(path):
            catalog.add(msgid, locations=[(where, line)], context=context)
    return catalog
