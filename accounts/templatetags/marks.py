"""Small pictures drawn inline: interface icons (Tabler), marks of the networks, avatars."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Both folders hold drawings of this project and of its icon set, never anything a visitor sent.
MARKS = Path(settings.BASE_DIR) / "static/img/networks"
ICONS = Path(settings.BASE_DIR) / "node_modules/@tabler/icons/icons"
NETWORKS = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "x": "X"}


@lru_cache(maxsize=8)
def _mark(platform: str) -> str:
    if platform not in NETWORKS:
        return ""
    return re.sub(r"<svg.*?>|</svg>", "", (MARKS / f"{platform}.svg").read_text(encoding="utf-8"), flags=re.S).strip()


@lru_cache(maxsize=512)
def _drawing(name: str) -> str:
    style, _, plain = name.rpartition("/")
    path = ICONS / (style or "outline") / f"{plain}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", plain) or not path.is_file():
        if settings.DEBUG:
            raise template.TemplateSyntaxError(f"No icon named {name!r} in @tabler/icons.")
        return ""
    inner = re.sub(r"<svg.*?>|</svg>", "", path.read_text(encoding="utf-8"), flags=re.S)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    return re.sub(r"\s+", " ", inner).strip()


@register.simple_tag
def icon(name: str, size: int = 20, css: str = "", label: str = "") -> SafeString:
    """An icon of the set; "filled/heart" takes the filled drawing. Hidden from readers unless `label`."""
    filled = name.startswith("filled/")
    paint = 'fill="currentColor"' if filled else 'fill="none" stroke="currentColor" stroke-width="1.75"'
    return format_html(
        '<svg class="icon {}" width="{}" height="{}" viewBox="0 0 24 24" {} stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        css,
        size,
        size,
        SafeString(paint),
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        SafeString(_drawing(name)),
    )


@register.simple_tag
def network(platform: str, size: int = 18, label: bool = False) -> SafeString:
    """The mark of a network; with `label` its name is written beside, otherwise it is the mark's name."""
    name = NETWORKS.get(platform, platform)
    named = SafeString('aria-hidden="true"') if label else format_html('role="img" aria-label="{}"', name)
    return format_html(
        '<span class="network network-{}"><svg width="{}" height="{}" viewBox="0 0 24 24" {}>{}</svg>{}</span>',
        platform,
        size,
        size,
        named,
        SafeString(_mark(platform)),
        format_html("<span>{}</span>", name) if label else "",
    )


@register.simple_tag
def avatar(creator_id: int, name: str = "", size: str = "md") -> SafeString:
    """A creator's generated picture. size: xs 24, sm 32, md 40, lg 64, xl 96 px. Decorative beside the name."""
    side = {"xs": 24, "sm": 32, "md": 40, "lg": 64, "xl": 96}[size]
    return format_html(
        '<img class="avatar-img avatar-img-{}" src="{}" alt="{}" width="{}" height="{}" loading="lazy" '
        'decoding="async">',
        size,
        reverse("avatar", args=[creator_id]),
        name,
        side,
        side,
    )
