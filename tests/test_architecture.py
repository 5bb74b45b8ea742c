"""The rules of the house that a machine can check. Each of them was once broken by accident somewhere."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "campaigns", "matching", "accounts")
SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
EDGE_FOLDERS = {"views", "api"}
EDGE_MODULES = {"forms", "serializers"}
SAYS_NOTHING = re.compile(r"^(utils?|helpers?|common|misc|shared|tools)$")


def test_layers_and_purity() -> None:
    """The contracts of pyproject.toml: config, campaigns, matching, accounts; scoring without ORM or queue."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_linter_sees_a_broken_layer(tmp_path: Path) -> None:
    """A contract that cannot fail would be worth nothing: the same contracts, turned round, must be broken."""
    text = (ROOT / "pyproject.toml").read_text()
    layers = 'layers = ["config", "campaigns", "matching", "accounts"]'
    assert layers in text
    turned = text.replace(layers, 'layers = ["accounts", "matching", "campaigns", "config"]')
    (tmp_path / "pyproject.toml").write_text(turned)
    linter = Path(sys.executable).with_name("lint-imports")
    command = [linter, "--no-cache", "--config", tmp_path / "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


def _edges() -> Iterator[Path]:
    for path in SOURCES:
        inside = path.relative_to(ROOT)
        if EDGE_FOLDERS & set(inside.parts) or inside.stem in EDGE_MODULES:
            yield path


def test_edges_reach_data_only_through_visible_to() -> None:
    """`.objects` in a view is how a stranger's row gets onto a page."""
    edges = list(_edges())
    assert len(edges) > 10
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in edges
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert found == []


def test_names_say_what_lives_there() -> None:
    parts = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    parts |= {folder.name for base in ("templates", "static") for folder in (ROOT / base).rglob("*") if folder.is_dir()}
    assert [part for part in sorted(parts) if SAYS_NOTHING.match(part)] == []


FORBIDDEN_MARKUP = {
    "a script inside the page": re.compile(
        r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype=\"application/(?:ld\+)?json\")", re.I
    ),
    "a style sheet inside the page": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an event handler attribute": re.compile(r"\son[a-z]+\s*=\s*[\"'{]", re.I),
    "an htmx handler that needs eval": re.compile(r"\shx-(?:on[:-]|vals\s*=\s*[\"']js:)", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "something fetched from another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=\s*[\"']https?:", re.I
    ),
}


def _markup_faults(text: str) -> list[str]:
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.S)
    return [name for name, pattern in FORBIDDEN_MARKUP.items() if pattern.search(text)]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<script nonce="x">a</script>',
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a onclick="x()">',
        "<a\n onmouseover = 'x'>",
        '<a href="javascript:x">',
        '<b hx-on:click="x">',
        '<img src="https://elsewhere.example/x.png">',
    ],
)
def test_forbidden_markup_is_recognised(markup: str) -> None:
    assert _markup_faults(markup)


def test_pages_keep_the_content_security_policy() -> None:
    """Letters are exempt: mail programs know nothing but style attributes."""
    pages = [path for path in TEMPLATES if "emails" not in path.parts]
    assert len(pages) > 20
    faults = {str(path.relative_to(ROOT)): found for path in pages if (found := _markup_faults(path.read_text()))}
    assert faults == {}


def test_every_static_file_that_pages_name_is_collected() -> None:
    """SelectiveFinder leaves most of the browser libraries out; what a page needs must not be among it."""
    collected = {
        f"{getattr(storage, 'prefix', '') or ''}/{path}".lstrip("/")
        for finder in finders.get_finders()
        for path, storage in finder.list([])
    }
    named = {
        match
        for path in [*TEMPLATES, *SOURCES]
        for match in re.findall(r"\{%\s*static\s+[\"']([^\"']+)[\"']\s*%\}", path.read_text())
    }
    assert len(named) > 3
    assert sorted(named - collected) == []
    styles = {path: path.read_text() for path in (ROOT / "static").rglob("*.css")}
    linked = {
        (path.parent / address).resolve()
        for path, text in styles.items()
        for address in re.findall(r"url\([\"']?(?!data:|https?:|#)([^\"')#?]+)", text)
    }
    missing = [str(target) for target in linked if str(target.relative_to(ROOT / "static")) not in collected]
    assert missing == []


@pytest.mark.django_db
def test_migrations_are_up_to_date() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_path_of_a_machine_is_committed() -> None:
    """What works only where it was written works nowhere else."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    pattern = re.compile(rb"/(?:work|opt/pypi|opt/wheels|tmp/w)/|/root/\.")
    found = [name for name in names if pattern.search((ROOT / name).read_bytes())]
    assert [name for name in found if name != "tests/test_architecture.py"] == []
