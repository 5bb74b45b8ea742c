"""What a reader sees where a link does not lead on. Drawn once per kind and language, without request or database."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
STATUS = {"unknown": 404, "paused": 410, "expired": 410, "over": 410, "withheld": 410, "flood": 429, "away": 503}


def language_of(header: str) -> str:
    """The language of the site that a browser prefers."""
    for wanted, _weight in parse_accept_lang_header(header[:500]):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def stopped(kind: str, accept_language: str) -> tuple[int, bytes]:
    """Status and page for a link that is not followed. kind: a key of STATUS."""
    return STATUS[kind], _drawn(kind, language_of(accept_language))


@cache
def _drawn(kind: str, language: str) -> bytes:
    with translation.override(language):
        title, text = _words()[kind]
        context = {"title": title, "text": text, "LANGUAGE_CODE": language, "status": STATUS[kind]}
        return render_to_string("campaigns/link_stopped.html", context).encode()


def _words() -> dict[str, tuple[str, str]]:
    return {
        "unknown": (
            _("This link leads nowhere"),
            _("The address may be mistyped or cut off. Look at it once more where you found it."),
        ),
        "paused": (
            _("This link is paused"),
            _("Whoever made it has stopped it for a while. It may work again later."),
        ),
        "expired": (_("This link has expired"), _("It was made for a time that is over.")),
        "over": (_("This campaign is over"), _("What this link led to was offered for a time that has ended.")),
        "withheld": (
            _("This link is being checked"),
            _("Where it leads changed in a way that we do not trust. Whoever made it has been told."),
        ),
        "flood": (
            _("Too many visits from this network"),
            _("To keep the count honest we wait a little. Try again in a minute."),
        ),
        "away": (_("Back in a moment"), _("The link is fine, we are not. Try again in a few seconds.")),
    }
