"""Filters of contract pages: parties, words of the log, faults once each, the height of a text area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from campaigns.contracts import document
from campaigns.models import Contract

register = template.Library()
WIDTH = 78


@register.filter
def log_words(kind: str) -> str:
    return document.log_words(kind)


@register.filter
def parties(contract: Contract) -> list[tuple[str, Mapping[str, str]]]:
    return [("brand", contract.brand_party), ("creator", contract.creator_party)]


@register.filter
def fault_lines(faults: Mapping[str, list[str]]) -> list[str]:
    """Every fault once, in order."""
    return list(dict.fromkeys(str(text) for texts in faults.values() for text in texts))


@register.filter
def rows_for(text: Any) -> int:
    """Lines a text takes in a text area, 3 to 14."""
    lines = sum(1 + len(line) // WIDTH for line in str(text).split("\n"))
    return max(3, min(14, lines + 1))
