"""Bearer keys for systems, the session for the site. No JWT."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts import second_step
from accounts.actors import ANONYMOUS, Actor, api_actor
from accounts.client import client_address
from accounts.models import ApiClient
from accounts.services.api_keys import client_of_key


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rsn_live_…`."""

    def authenticate(self, request: Any) -> tuple[ApiClient, ApiClient] | None:
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise AuthenticationFailed(_("Send “Authorization: Bearer <key>”."))
        client = client_of_key(parts[1].decode("latin-1"))
        if client is None:
            raise AuthenticationFailed(_("This key is unknown, expired or revoked."))
        return client, client

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


def actor_of_request(request: Any) -> Actor:
    """The acting key, else the person of the session."""
    if isinstance(request.auth, ApiClient):
        return api_actor(request.auth, client_address(request._request))
    if request.user is not None and getattr(request.user, "is_authenticated", False):
        second_step.check(request._request)
        return request._request.actor
    return ANONYMOUS


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of the workspace: Settings → API keys."}
