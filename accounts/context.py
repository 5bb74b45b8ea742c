"""What every page needs around its content: who looks at it, where they can go, in which language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Section:
    """One entry of the navigation. prefixes: url names (or their beginnings) that count as inside it."""

    url_name: str
    label: Any
    icon: str
    prefixes: tuple[str, ...] = ()
    primary: bool = True
    demo_only: bool = False

    def contains(self, url_name: str) -> bool:
        return url_name == self.url_name or any(url_name.startswith(prefix) for prefix in self.prefixes)


BRAND_SECTIONS = (
    Section("home", pgettext_lazy("navigation", "Home"), "home"),
    Section(
        "discover",
        _("Discover"),
        "compass",
        ("discover", "creator_detail", "creator_page", "match", "shortlist", "search"),
    ),
    Section("list_list", _("Lists"), "list-check", ("list_",), primary=False),
    Section(
        "campaign_list",
        _("Campaigns"),
        "speakerphone",
        ("campaign", "brief", "partnership", "invit", "link", "code", "content", "report"),
    ),
    Section("conversion_list", _("Conversions"), "shopping-cart", ("conversion", "attribution"), primary=False),
    Section("analytics", _("What worked"), "chart-dots", ("analytics",), primary=False),
    Section("contract_list", _("Contracts"), "signature", ("contract",), primary=False),
    Section("inbox_list", _("Inbox"), "inbox", ("inbox", "thread", "held")),
    Section("payment_list", _("Payments"), "cash", ("payment",), primary=False),
    Section("relation_list", _("Relations"), "users-group", ("relation", "programme"), primary=False),
    Section("dispute_list", _("Contested figures"), "message-report", ("dispute",), primary=False),
    Section("review_list", _("Review"), "eye-check", ("review", "deliverable", "disclosure", "calendar")),
    Section("import_list", _("Imports"), "database-import", ("import",)),
    Section("glossary", _("Glossary"), "book-2", ("glossary",), primary=False),
    Section(
        "settings_members",
        _("Settings"),
        "settings",
        ("settings", "scoring", "account_", "mfa_", "developer"),
        primary=False,
    ),
    Section("mailbox", _("Mailbox"), "mail", ("mailbox",), primary=False, demo_only=True),
)
CREATOR_SECTIONS = (
    Section("deal_list", _("My deals"), "heart-handshake", ("deal_list", "deal_detail", "deal_co")),
    Section("deal_calendar", _("Calendar"), "calendar", ("deal_calendar",), primary=False),
    Section("deal_payments", _("Payments"), "cash", ("deal_payments",), primary=False),
    Section("deal_identity", _("My details in contracts"), "id", ("deal_identity",), primary=False),
    Section(
        "creator_profile", _("My profile"), "user-circle", ("creator_profile", "creator_account", "creator_connect")
    ),
    Section("creator_disputes", _("What I contest"), "message-report", ("creator_dispute",), primary=False),
    Section("creator_privacy", _("Privacy"), "shield-lock", ("creator_privacy",)),
    Section("glossary", _("Glossary"), "book-2", ("glossary",), primary=False),
    Section("mailbox", _("Mailbox"), "mail", ("mailbox",), primary=False, demo_only=True),
)
STAFF_SECTIONS = (
    Section("staff_home", _("Installation"), "building-community", ("staff",)),
    Section("dispute_list", _("Contested figures"), "message-report", ("dispute",)),
    Section("health", _("Health"), "heartbeat", ("health",)),
    Section("glossary", _("Glossary"), "book-2", ("glossary",)),
    Section("mailbox", _("Mailbox"), "mail", ("mailbox",), demo_only=True),
)
PUBLIC_SECTIONS = (Section("glossary", _("Glossary"), "book-2", ("glossary",)),)
SECTIONS = {"member": BRAND_SECTIONS, "staff": STAFF_SECTIONS, "creator": CREATOR_SECTIONS}


def address(url_name: str) -> str:
    """The path of a named route, "" where this installation does not have it."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def navigation(kind: str, current: str) -> list[dict[str, Any]]:
    """The sections open to this kind of actor, with address and whether the reader stands inside."""
    entries = []
    for section in SECTIONS.get(kind, PUBLIC_SECTIONS):
        url = address(section.url_name)
        if url and (settings.DEMO_MODE or not section.demo_only):
            entries.append({"section": section, "url": url, "current": section.contains(current)})
    return entries


_DEMO_LABELS = {
    "Brand owner": _("Brand owner"),
    "Brand viewer (read only)": _("Brand viewer (read only)"),
    "Owner of another workspace": _("Owner of another workspace"),
    "Creator (French)": _("Creator (French)"),
    "Creator (English)": _("Creator (English)"),
    "Staff of this installation": _("Staff of this installation"),
}


def demo_people() -> list[dict[str, Any]]:
    """The demonstration's public logins, as the loader of the demonstration noted them."""
    if not settings.DEMO_MODE:
        return []
    try:
        entries = json.loads((settings.VAR_DIR / "demo_logins.json").read_text(encoding="utf-8"))
        return [
            {"label": _DEMO_LABELS.get(e["role"], e["role"]), "email": e["email"], "password": e["password"]}
            for e in entries
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template variables `shell.*`, computed only where a template asks for them."""
    return {"shell": SimpleLazyObject(_reader(request))}


def _reader(request: HttpRequest) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        actor = getattr(request, "actor", None)
        match = getattr(request, "resolver_match", None)
        kind = getattr(actor, "kind", "anonymous")
        entries = navigation(kind, (match.url_name or "") if match else "")
        return {
            "actor": actor,
            "kind": kind,
            "workspace": getattr(request, "workspace", None) if kind == "member" else None,
            "workspaces": [membership.workspace for membership in getattr(request, "memberships", [])],
            "navigation": entries,
            "primary": [entry for entry in entries if entry["section"].primary][:4],
            "home_url": entries[0]["url"] if kind != "anonymous" and entries else "/",
            "search_url": address("discover") if kind == "member" else "",
            "switch_url": address("workspace_switch"),
            "demo": settings.DEMO_MODE,
            "layout": "layouts/reading.html" if kind == "anonymous" else "layouts/app.html",
            "demo_people": demo_people() if (match and match.url_name == "account_login") else (),
            "request_id": getattr(request, "request_id", ""),
        }

    return read
