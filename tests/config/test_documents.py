"""What the documents say about the code, asked of the code."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_CALL = re.compile(r"`(\w+)\(([^`]*?)\)(?: -> [^`]*)?`")


def _calls() -> list[tuple[str, str, list[str]]]:
    """(module, function, parameter names) of the table in docs/matching.md."""
    rows = re.findall(r"^\| (.+?) \| `(matching/[\w/]+)\.py` \|", (ROOT / "docs" / "matching.md").read_text(), re.M)
    return [
        (path.replace("/", "."), name, [word.strip().split("=")[0] for word in given.split(",") if word.strip(" *")])
        for cell, path in rows
        for name, given in _CALL.findall(cell)
    ]


@pytest.mark.parametrize(("module", "name", "told"), _calls(), ids=lambda value: str(value))
def test_the_calls_named_in_the_document_exist_as_written(module: str, name: str, told: list[str]) -> None:
    assert list(inspect.signature(getattr(importlib.import_module(module), name)).parameters) == told


def test_the_table_of_calls_was_read() -> None:
    assert len(_calls()) >= 8


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_command_of_a_document_exists(document: Path) -> None:
    text = document.read_text()
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (document.parent / link).exists()] == []
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert named - set(get_commands()) == set()
