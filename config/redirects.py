"""Puts the redirects of tracked links in front of the site, and keeps everything else off their own host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Redirects:
    """Answers `/r/<slug>` itself. On the links' own host only that, the style sheets and the pages we host for
    workspaces are answered: a session of the site never exists there."""

    ON_LINK_HOST = ("/static/", "/l/", "/health/")

    def __init__(self, site: Application) -> None:
        from campaigns.links import redirect  # the apps are ready only once the site has been made

        self.site, self.redirect = site, redirect

    def __call__(self, request_environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self.redirect.serves(request_environment):
            return self.redirect.answer(request_environment, start_response)
        own = settings.LINK_HOST and self.redirect.host_of(request_environment) == settings.LINK_HOST
        if own and not request_environment.get("PATH_INFO", "").startswith(self.ON_LINK_HOST):
            start_response("404 Not Found", [("Content-Length", "0"), ("Cache-Control", "no-store")])
            return [b""]
        return self.site(request_environment, start_response)
