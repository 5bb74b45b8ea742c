"""How allauth behaves here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.context import SECTIONS, address
from accounts.middleware import actor_of


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in, passwords and second steps. Accounts themselves are opened by our own links (join, claim)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Brands land on what needs them, creators on their deals."""
        kind = actor_of(request).kind  # anew: the actor of this request was read before the sign-in
        sections = SECTIONS.get(kind, ())
        return next((url for section in sections if (url := address(section.url_name))), "/")

    def format_email_subject(self, subject: str) -> str:
        return subject
