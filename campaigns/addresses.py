"""Addresses that creators paste: of the right network, https, and nothing hidden in them. Never fetched."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from campaigns.texts import one_line

HOSTS = {
    "instagram": ("instagram.com", "instagr.am"),
    "tiktok": ("tiktok.com",),
    "youtube": ("youtube.com", "youtu.be"),
    "x": ("x.com", "twitter.com"),
}


def publication_address(value: object, platform: str, field: str = "url") -> str:
    """The address of a post on its network. Raises InvalidInput that says what is wrong."""
    url, host = _read(value, field)
    allowed = HOSTS.get(platform, ())
    if not any(host == name or host.endswith(f".{name}") for name in allowed):
        names = {"host": host, "expected": allowed[0] if allowed else "–"}
        raise InvalidInput(fields={field: [_("This is an address of %(host)s; the post is on %(expected)s.") % names]})
    if len(urlsplit(url).path.strip("/")) < 2:
        raise InvalidInput(
            fields={field: [_("This is the network’s front page. Paste the address of the post itself.")]}
        )
    return url


def video_address(value: object, field: str = "video_url") -> str:
    """The address of a video anybody with the link can watch; "" stays ""."""
    return _read(value, field)[0] if one_line(value, 600) else ""


def _read(value: object, field: str) -> tuple[str, str]:
    text = one_line(value, 600)
    if text and "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
        host.encode("ascii")
    except (ValueError, UnicodeEncodeError):
        host, port, parts = "", None, urlsplit("")
    plain = parts.scheme == "https" and "." in host and port in (None, 443) and "@" not in parts.netloc
    if not plain or _is_number(host) or host.endswith((".local", ".internal", ".localhost")) or len(text) > 500:
        raise InvalidInput(fields={field: [_("Paste a complete address that begins with https://.")]})
    return text, host


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True
