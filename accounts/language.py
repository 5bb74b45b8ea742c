"""In which language a person reads: their choice on this device, else their browser's, else their account's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

Respond = Callable[[HttpRequest], HttpResponse]


def is_supported(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def _browser_decides(request: HttpRequest) -> bool:
    """Whether cookie or browser named a language that exists here (LocaleMiddleware has then applied it)."""
    if is_supported(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")):
        return True
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return any(is_supported(code.split("-")[0]) for code, _weight in wanted)


class AccountLanguageMiddleware:
    """Applies the account's language where neither cookie nor browser asks for one that exists here."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _browser_decides(request) and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        return self.get_response(request)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Django's language switch (cookie, safe `next`), which also writes the choice to the account, for its mail."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and is_supported(code) and request.user.language != code:
        request.user.language = code
        request.user.save(update_fields=["language"])
    return set_language(request)
