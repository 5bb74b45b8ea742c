"""The API's side of the one permission table."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission

from accounts.api.authentication import actor_of_request
from accounts.permissions import require


class HasScope(BasePermission):
    """An endpoint names the verb of each method in `verbs`; a method without one is refused."""

    def has_permission(self, request: Any, view: Any) -> bool:
        request.actor = actor_of_request(request)
        if request.actor.kind == "anonymous":
            raise NotAuthenticated
        require(request.actor, view.verbs[request.method])
        return True
