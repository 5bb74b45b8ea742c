"""Catalogues of one language: merged with what the source says, checked, compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

Key = tuple[str, str | None]
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
_TAG = re.compile(r"</?[a-z]+")
# French puts a no-break space before these signs and inside « »; an ordinary space would break the line there.
_LOOSE = re.compile(r" (?=[:;?!»€])| (?=%(?![(sd]))|(?<=«) ")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=[^\W\d_])")
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one entry."""

    msgid: str
    problem: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.msgid!r}"


def main_file(folder: Path) -> Path:
    return folder / "LC_MESSAGES" / "django.po"


def load(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def load_language(folder: Path, language: str) -> Catalog:
    """django.po of one language together with its `parts/*.po`: one file per area while work goes on side by side.

    django.po wins where both have an entry; `translations merge` takes the parts into it."""
    catalog = load(main_file(folder), language)
    known = {key_of(message) for message in entries(catalog)}
    for path in sorted((folder / "parts").glob("*.po")):
        for message in entries(load(path, language)):
            if key_of(message) not in known:
                known.add(key_of(message))
                catalog.add(message.id, message.string, flags=message.flags, context=message.context)
    return catalog


def key_of(message: Message) -> Key:
    singular = message.id[0] if isinstance(message.id, tuple) else message.id
    return str(singular), message.context


def entries(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def texts_of(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return [text or "" for text in strings]


def french(text: str) -> str:
    """No-break spaces where French typography wants them, and typographic apostrophes."""
    return _APOSTROPHE.sub("’", _LOOSE.sub(NO_BREAK, text))


def _fitted(found: Message, known: Message | None, plurals: int) -> str | tuple[str, ...]:
    wants_plural = isinstance(found.id, tuple)
    texts = [french(text) for text in texts_of(known)] if known is not None else []
    if not texts or not all(texts):
        return ("",) * plurals if wants_plural else ""
    return tuple((texts * plurals)[:plurals]) if wants_plural else texts[0]


def merge(found: Catalog, known: Iterable[Catalog], language: str) -> Catalog:
    """What the source says, with the first translation any of `known` has. What the source dropped is dropped."""
    translations: dict[Key, Message] = {}
    for catalog in known:
        for message in entries(catalog):
            if all(texts_of(message)) and not message.fuzzy:
                translations.setdefault(key_of(message), message)
    merged = Catalog(
        locale=language,
        charset="utf-8",
        fuzzy=False,
        project="Resonance",
        version="1",
        header_comment="# Written by `manage.py translations merge`: edit the msgstr lines only.",
        language_team=language,
    )
    for message in entries(found):
        string = _fitted(message, translations.get(key_of(message)), merged.num_plurals)
        files = sorted({file for file, _line in message.locations})
        flags = {flag for flag in message.flags if flag.endswith("-format")}
        merged.add(message.id, string, [(file, 0) for file in files], flags=flags, context=message.context)
    return merged


def save(catalog: Catalog, path: Path) -> None:
    """Sorted and without line numbers or dates, so that a change of words is the only change of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, omit_header=False, include_lineno=False)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(
            r'^"(POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator):.*\n', "", text, flags=re.M
        ),
        encoding="utf-8",
    )


def check(found: Catalog, translated: Catalog) -> list[Fault]:
    """Every entry missing, empty, fuzzy, obsolete, with other placeholders or tags, or badly spaced."""
    wanted = {key_of(message): message for message in entries(found)}
    have = {key_of(message): message for message in entries(translated)}
    faults = [Fault(key[0], "missing") for key in wanted.keys() - have.keys()]
    faults += [Fault(key[0], "obsolete") for key in have.keys() - wanted.keys()]
    faults += [Fault(str(key[0]), "obsolete") for key in translated.obsolete]
    for key in wanted.keys() & have.keys():
        faults += _check_entry(wanted[key], have[key])
    return sorted(faults, key=str)


def _check_entry(wanted: Message, message: Message) -> Iterator[Fault]:
    msgid = key_of(wanted)[0]
    texts = texts_of(message)
    if message.fuzzy:
        yield Fault(msgid, "fuzzy")
    if not all(text.strip() for text in texts):
        yield Fault(msgid, "empty")
        return
    if isinstance(wanted.id, tuple) and len(texts) < 2:
        yield Fault(msgid, "without plural")
    originals = [str(part) for part in (wanted.id if isinstance(wanted.id, tuple) else (wanted.id,))]
    allowed = [sorted(_PLACEHOLDER.findall(original)) for original in originals]
    for text in texts:
        if sorted(_PLACEHOLDER.findall(text)) not in allowed:
            yield Fault(msgid, "other placeholders")
        if sorted(_TAG.findall(text)) not in [sorted(_TAG.findall(original)) for original in originals]:
            yield Fault(msgid, "other tags")
        if _LOOSE.search(text):
            yield Fault(msgid, "ordinary space where French wants a no-break space")
        if "!" in text:
            yield Fault(msgid, "exclamation mark")


def compile_folder(locale_dir: Path) -> int:
    """Writes the .mo beside every django.po (with its parts) that has none or an older one. Returns how many."""
    written = 0
    for path in sorted(locale_dir.glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        folder = path.parent.parent
        newest = max(source.stat().st_mtime_ns for source in (path, *(folder / "parts").glob("*.po")))
        if target.exists() and target.stat().st_mtime_ns > newest:
            continue
        catalog = load_language(folder, folder.name)
        partial = target.with_suffix(".mo.part")
        with partial.open("wb") as file:
            write_mo(file, catalog)
        partial.replace(target)
        written += 1
    return written
