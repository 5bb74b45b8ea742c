"""`{% term "engagement_rate" %}`: a word of the interface that explains itself."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts import glossary

register = template.Library()


@register.inclusion_tag("components/term.html")
def term(key: str, label: str = "") -> dict[str, Any]:
    """The term's name (or `label`) with its definition one click or tap away, also without JavaScript."""
    found = glossary.term(key)
    if found is None and settings.DEBUG:
        raise template.TemplateSyntaxError(f"No glossary term {key!r} in accounts/glossary/terms.yaml.")
    # Random, because fragments of several answers meet on one page and an id may stand there once.
    return {
        "term": found,
        "label": label or (found.name if found else key),
        "id": f"term-{key}-{token_hex(4)}",
        "url": _anchor(key),
    }


def _anchor(key: str) -> str:
    try:
        return f"{reverse('glossary')}#{key}"
    except NoReverseMatch:
        return ""
