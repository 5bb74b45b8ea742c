"""The settings area as data: which pages it has, in which group, and who may open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.context import address
from accounts.permissions import can


@dataclass(frozen=True)
class Page:
    """A page without a route in this installation, or not open to the reader's role, is left out."""

    key: str
    label: Any
    icon: str
    url_name: str
    verb: str


GROUPS: tuple[tuple[Any, tuple[Page, ...]], ...] = (
    (
        _("Workspace"),
        (
            Page("workspace", _("General"), "adjustments", "settings_workspace", "workspace.read"),
            Page("members", _("Members"), "users", "settings_members", "member.read"),
            Page("security", _("Security"), "shield-lock", "settings_security", "workspace.change"),
            Page("brands", _("Brands"), "building-store", "settings_brands", "brand.read"),
        ),
    ),
    (
        _("Measures and rules"),
        (
            Page("scoring", _("Scoring"), "scale", "settings_scoring", "scoring.read"),
            Page("rules", _("Disclosure rules"), "gavel", "settings_rules", "rule.read"),
            Page("currencies", _("Currencies and attribution"), "coins", "attribution_settings", "conversion.read"),
        ),
    ),
    (
        _("Integrations"),
        (
            Page("keys", _("API keys"), "key", "settings_keys", "key.read"),
            Page("developer", _("Developers"), "code", "developer", "webhook.read"),
            Page("connectors", _("Connectors"), "plug-connected", "settings_connectors", "connection.read"),
        ),
    ),
    (
        _("Records"),
        (
            Page("audit", _("Audit log"), "list-details", "settings_audit", "audit.read"),
            Page("retention", _("Retention"), "trash", "settings_retention", "retention.read"),
            Page("register", _("Register of processing"), "file-certificate", "settings_register", "register.read"),
            Page("usage", _("Usage"), "chart-bar", "settings_usage", "health.read"),
        ),
    ),
)


def tabs(request: HttpRequest) -> list[tuple[Any, list[tuple[str, Any, str, str]]]]:
    """[(group, [(key, label, icon, url)])] of what this reader may open."""
    found = []
    for title, pages in GROUPS:
        shown = [
            (page.key, page.label, page.icon, url)
            for page in pages
            if (url := address(page.url_name)) and can(request.actor, page.verb)  # type: ignore[attr-defined]
        ]
        if shown:
            found.append((title, shown))
    return found
