"""Every template compiles, says nothing untranslated, carries nothing inline, and names what exists."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

from accounts import glossary
from accounts.templatetags.marks import ICONS
from tests.routes import routes

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(path for path in ROOT.rglob("*") if path.suffix in {".html", ".txt"})
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
NAMES = [path.relative_to(ROOT).as_posix() for path in TEMPLATES]
# Words that are the same in every language: names, units, keys of the keyboard, signs.
UNTRANSLATED = {
    # names of languages, formats and headers; “r” begins the address of a tracked link, “w” a version of weights
    *"Python JSON SHA SVG PNG ms r w webhook id".split(),
    "Resonance",
    "J",
    "K",
    "X",
    "S",
    "P",
    "I",
    "E",
    "Enter",
    "Esc",
    "Ctrl",
    "CSV",
    "XLSX",
    "PDF",
    "API",
    "curl",
}
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm")

_TRANSLATED = re.compile(r"{% *blocktrans(late)?\b.*?{% *endblocktrans(late)? *%}", re.S)
_CLASS = re.compile(r"{% *block body_class *%}.*?{% *endblock *%}", re.S)
_COMMENT = re.compile(r"{% *comment.*?{% *endcomment *%}|{#.*?#}", re.S)
_EITHER = re.compile(r"<(/?){% *if [^%]*%}(\w+){% *else *%}\w+{% *endif *%}")  # <p> or <h1>, as the page has it
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)


class Words(HTMLParser):
    """Collects what a reader would see or hear of a template's own text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.inline: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("script", "style", "svg", "kbd")
        values = dict(attrs)
        self.words += [values[name] or "" for name in SPOKEN if name in values]
        self.inline += [f"{tag} {name}" for name in values if name == "style" or re.match(r"on[a-z]+$", name)]
        if tag == "style" or (tag == "script" and "src" not in values and values.get("type") != "application/json"):
            self.inline.append(tag)
        if str(values.get("href", "")).startswith("javascript:"):
            self.inline.append(f"{tag} href")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "svg", "kbd")

    def handle_data(self, data: str) -> None:
        if self.silent <= 0:
            self.words.append(data)


def read(path: Path) -> Words:
    source = _EITHER.sub(r"<\1\2", path.read_text(encoding="utf-8"))
    text = _TAG.sub(" ", _TRANSLATED.sub(" ", _CLASS.sub("", _COMMENT.sub("", source))))
    parser = Words()
    parser.feed(text)
    parser.close()
    return parser


def literal(words: list[str]) -> Iterator[str]:
    for text in words:
        for word in re.findall(r"[^\W\d_]+", text):
            if word not in UNTRANSLATED:
                yield word


BLOCK = re.compile(r"{% *block (\w+)")
ADDRESS = re.compile(r"""{% *url +["']([\w:-]+)["'](?![^%]* as \w+ *%})""")  # `as`: may be missing, the page asks


@functools.cache
def blocks_of(name: str) -> frozenset[str]:
    """Blocks that a template has, with those of what it extends."""
    source = (ROOT / name).read_text(encoding="utf-8")
    parent = re.search(r"""{% *extends +["']([^"']+)["']""", source)
    above = blocks_of(parent[1]) if parent and (ROOT / parent[1]).is_file() else frozenset()
    return above | frozenset(BLOCK.findall(source))


@functools.cache
def route_names() -> frozenset[str]:
    return frozenset(route.name for route in routes())


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    """It compiles, and all that Django finds out only when the page is drawn is there: its parts, blocks and addresses."""
    engines["django"].get_template(name)
    source = _COMMENT.sub("", (ROOT / name).read_text(encoding="utf-8"))
    for part in re.findall(r"""{% *(?:include|extends) +["']([^"']+)["']""", source):
        engines["django"].get_template(part)
    parent = re.search(r"""{% *extends +["']([^"']+)["']""", source)
    if parent and (ROOT / parent[1]).is_file():
        # A block that no ancestor has is silently never shown. Those inside another block of this file are new ones.
        outermost = {block for block in BLOCK.findall(source) if not _inside_another(source, block)}
        assert outermost - blocks_of(parent[1]) == set()
    assert set(ADDRESS.findall(source)) - route_names() == set()


def _inside_another(source: str, block: str) -> bool:
    before = source[: re.search(r"{% *block " + block + r"\b", source).start()]  # type: ignore[union-attr]
    return len(re.findall(r"{% *block ", before)) > len(re.findall(r"{% *endblock", before))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_it_says_nothing_untranslated(path: Path) -> None:
    if path.name == "styleguide.html":
        pytest.skip("its sample data stand for what people write")
    assert list(literal(read(path).words)) == []


@pytest.mark.parametrize("path", [path for path in PAGES if "emails" not in path.parts], ids=lambda path: path.name)
def test_it_carries_no_inline_script_or_style(path: Path) -> None:
    assert read(path).inline == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Save</p>", ["Save"]),
        ('<a aria-label="Close">x</a>', ["Close", "x"]),
        ("<p>{% trans 'Save' %} · 12</p>", []),
    ],
)
def test_the_scan_sees_literal_words(tmp_path: Path, text: str, found: list[str]) -> None:
    path = tmp_path / "page.html"
    path.write_text(text)
    assert list(literal(read(path).words)) == found


def test_every_icon_named_exists() -> None:
    named = {
        (name, path.name)
        for path in [*TEMPLATES, *Path(settings.BASE_DIR).glob("[acm]*/**/*.py")]
        for name in re.findall(r'{% *(?:icon|empty) +"([a-z0-9/-]+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    missing = {(name, where) for name, where in named if not _drawing(name).is_file()}
    assert missing == set()


def _drawing(name: str) -> Path:
    style, _, plain = name.rpartition("/")
    return ICONS / (style or "outline") / f"{plain}.svg"


def test_every_icon_of_the_badges_exists() -> None:
    from campaigns.states import MACHINES

    missing = [
        badge.icon for machine in MACHINES for badge in machine.badges.values() if not _drawing(badge.icon).is_file()
    ]
    assert missing == []


def test_every_term_named_is_in_the_glossary() -> None:
    pattern = re.compile(r'{% *term +"(\w+)"|\bterm="(\w+)"')
    named = {key for path in PAGES for pair in pattern.findall(path.read_text(encoding="utf-8")) for key in pair if key}
    assert named
    assert named - set(glossary.terms("en")) == set()
