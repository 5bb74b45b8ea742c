"""The demonstration's mailbox: what would have been sent, to be read and followed. Absent elsewhere (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import Mail

View = Callable[..., HttpResponse]
SHOWN = 200


def demo_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO_MODE:
            raise Http404
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.verb = None  # type: ignore[attr-defined]  # every signed-in person reads their own; the matrix test knows
    return guarded


@require_safe
@never_cache
@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    mails = Mail.visible_to(request.actor).order_by("-created_at", "-pk")  # type: ignore[attr-defined]
    return render(request, "accounts/mailbox.html", {"mails": mails[:SHOWN], "total": mails.count()})


@require_safe
@never_cache
@demo_only
def mailbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(Mail.visible_to(request.actor), pk=pk)  # type: ignore[attr-defined]
    return render(request, "accounts/mailbox_message.html", {"mail": mail})


# A message's own look needs inline styles; the frame runs no script and reaches nothing.
@csp(
    {
        "default-src": [NONE],
        "style-src": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-top-navigation-by-user-activation", "allow-popups"],
    }
)
@require_safe
@never_cache
@xframe_options_sameorigin
@demo_only
def mailbox_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of one message, alone, for the frame that shows it."""
    mail = get_object_or_404(Mail.visible_to(request.actor), pk=pk)  # type: ignore[attr-defined]
    return HttpResponse(mail.html.replace("<head>", '<head><base target="_top">', 1))
