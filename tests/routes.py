"""Every address of the site, walked from the URLconf itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Not ours to describe one by one: allauth's pages (its own tests), the schema and its viewer.
FOREIGN = ("account_", "mfa_", "api_schema", "api_docs", "admin:")


@dataclass(frozen=True)
class Route:
    name: str
    parameters: tuple[str, ...]
    callback: Any


def routes() -> Iterator[Route]:
    yield from _walk(get_resolver().url_patterns, (), "")


def _walk(patterns: list[Any], parameters: tuple[str, ...], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        found = (*parameters, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern.url_patterns, found, inner)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{prefix}{pattern.name or ''}", found, pattern.callback)


def our_routes() -> list[Route]:
    return [route for route in routes() if not route.name.startswith(FOREIGN)]
