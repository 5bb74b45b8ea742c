"""Handles on the networks as people write them: "@Anna.B", a profile address, or the bare name."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

MAX_LENGTH = 120
_HOSTS = {
    "instagram.com": "instagram",
    "instagr.am": "instagram",
    "tiktok.com": "tiktok",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "x.com": "x",
    "twitter.com": "x",
}
_ADDRESS = re.compile(
    r"^(?:https?://)?(?:[a-z0-9-]+\.)*(?:instagram\.com|instagr\.am|tiktok\.com|youtube\.com|x\.com|twitter\.com)/",
    re.I,
)
_PATH_WORDS = frozenset(
    {
        "c",
        "channel",
        "user",
        "p",
        "reel",
        "reels",
        "tv",
        "stories",
        "watch",
        "shorts",
        "i",
        "status",
        "hashtag",
        "explore",
    }
)
_ALLOWED = re.compile(r"[\w.\-·]{1,120}", re.UNICODE)


def clean_handle(text: str) -> str | None:
    """The bare handle of "@anna", " anna " or "https://www.instagram.com/anna/?hl=fr"; None when it is none."""
    name = unicodedata.normalize("NFC", text).strip()
    if "/" in name:
        name = _from_address(name)
    name = name.lstrip("@＠").strip()
    return name if _ALLOWED.fullmatch(name) and len(handle_key(name)) <= MAX_LENGTH else None


def handle_key(handle: str) -> str:
    """A handle folded for comparison: case and look-alike widths do not tell two accounts apart."""
    if handle.isascii():
        return handle.strip().lstrip("@").lower()
    return unicodedata.normalize("NFKC", handle.strip().lstrip("@＠")).casefold()


def platform_of_address(text: str) -> str | None:
    """The network a profile or post address belongs to."""
    address = text.strip()
    try:
        host = (urlsplit(address if "//" in address else f"//{address}").hostname or "").lower()
    except ValueError:  # a bracket that opens no IPv6 address
        return None
    return next((name for known, name in _HOSTS.items() if host == known or host.endswith(f".{known}")), None)


def _from_address(text: str) -> str:
    """The account named in a profile address; "" for an address of something else."""
    if not _ADDRESS.match(text):
        return ""
    address = text if "//" in text else f"//{text}"
    try:
        parts = [unquote(part) for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return ""
    if parts and parts[0].lower() in ("c", "channel", "user"):
        return parts[1] if len(parts) > 1 else ""
    return parts[0] if parts and parts[0].lower() not in _PATH_WORDS else ""
