"""How every page asks whether its reader may be there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed
from accounts.permissions import require

View = Callable[..., HttpResponse]


def needs(verb: str, *, change: str = "", desk: bool = False) -> Callable[[View], View]:
    """Strangers go to the sign-in, an actor whose role lacks the verb gets 403 (`NotAllowed`).

    desk: a page of the brand: a creator whose rights allow the verb does it on pages of their own, and gets 403 here.
    change: the verb needed by every method that writes. Which rows are reached stays `visible_to`'s part (404).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            reads = request.method in ("GET", "HEAD", "OPTIONS")
            require(request.actor, verb if reads or not change else change)  # type: ignore[attr-defined]
            if desk and request.actor.kind == "creator":  # type: ignore[attr-defined]
                raise NotAllowed(_("This page belongs to the brand. Yours is under “My deals”."))
            return view(request, *args, **kwargs)

        guarded.verb, guarded.change = verb, change or verb  # type: ignore[attr-defined]  # read by the matrix test
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """For what is about the signed-in person alone, whatever their role; the view reads nothing of others."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.verb = None  # type: ignore[attr-defined]  # read by the matrix test
    return guarded
