"""Who asks: a person's browser or a machine, and on what kind of device. Read from the user agent alone.

The kept list is `crawler-user-agents`; `scanners.yaml` adds what it lacks. Agents repeat, so answers are remembered:
the list takes milliseconds for one that was never seen. Limit: a machine that poses as a browser is not told apart.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

LONGEST = 512
REMEMBERED = 4096

# A browser that names nothing but itself: most of all traffic, decided without the long list.
_PLAIN = re.compile(
    r"Mozilla/5\.0 \((?:Windows NT|Macintosh|X11|iPhone|iPad|iPod|Linux; (?:U; )?Android|Android)[^()]*\) "
    r"(?:AppleWebKit/[\d.]+ \(KHTML, like Gecko\)|Gecko/[\d.]+)"
    r"(?: (?:Version|Chrome|CriOS|FxiOS|EdgiOS|Safari|Mobile|Firefox|Edg|EdgA|OPR|SamsungBrowser)(?:/[\w.]+)?)*"
)
_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk|Kindle|SM-T\d|Nexus (?:7|9|10)", re.I)
_PHONE = re.compile(r"iPhone|iPod|Mobi|Windows Phone|Opera Mini", re.I)
_TELEVISION = re.compile(r"SmartTV|SMART-TV|AppleTV|GoogleTV|HbbTV|CrKey|Roku|BRAVIA", re.I)


class Agent(NamedTuple):
    """device: phone, tablet, desktop, tv or "". bot: why it is a machine, "" for a person."""

    device: str
    bot: str


@cache
def _known() -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str]]], re.Pattern[str]]:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    listed = re.compile("|".join(f"(?:{row['pattern']})" for row in CRAWLER_USER_AGENTS_DATA))
    ours = yaml.safe_load((Path(__file__).parent / "scanners.yaml").read_text(encoding="utf-8"))
    people = re.compile("|".join(ours.pop("people")), re.I)
    return listed, [(kind, re.compile("|".join(words), re.I)) for kind, words in ours.items()], people


@lru_cache(maxsize=REMEMBERED)
def read_agent(text: str) -> Agent:
    """Cut `text` to LONGEST first: what is remembered must stay small."""
    device = _device(text)
    if _PLAIN.fullmatch(text):
        return Agent(device, "")
    if not text.strip():
        return Agent("", "no_agent")
    listed, ours, people = _known()
    for kind, pattern in ours:
        if pattern.search(text):
            return Agent(device, kind)
    if people.search(text) and "bot" not in text.lower():
        return Agent(device, "")
    return Agent(device, "crawler" if listed.search(text) else "")


def _device(text: str) -> str:
    if _TELEVISION.search(text):
        return "tv"
    if _TABLET.search(text) or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if _PHONE.search(text):
        return "phone"
    return "desktop" if re.search(r"Windows|Macintosh|X11|CrOS|Linux", text) else ""
