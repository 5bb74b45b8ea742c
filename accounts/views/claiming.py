"""A creator asks for a code for their account, puts it in the biography, and waits until it was seen there."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.api import limits
from accounts.client import client_address
from accounts.errors import DomainError, NotAllowed
from accounts.forms import ClaimForm, NewPersonForm
from accounts.models import Creator
from accounts.requests import PageRequest
from accounts.services import claims, people
from accounts.views.access import signed_in
from accounts.views.joining import BACKEND, dead_link, person_of

ASKS_PER_MINUTE = 5


class TooMany(DomainError):
    status = 429
    code = "too_many"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim_ask(request: HttpRequest) -> HttpResponse:
    """Open to everybody; the answer is the same whether a profile exists or not."""
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if limits.spend(f"claim:{client_address(request)}", ASKS_PER_MINUTE).remaining < 0:
            raise TooMany(_("Too many tries. Wait a minute, then ask again."))
        claims.mail_code_link(**form.cleaned_data, language=get_language() or "en")
        return render(request, "accounts/claim_asked.html", {"email": form.cleaned_data["email"]})
    return render(request, "accounts/claim_ask.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim_code(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: whoever opens it proved the address, chooses a password, and receives the code."""
    wish = claims.wish_of_token(token)
    if wish is None:
        return dead_link(request)
    account, email = wish
    form = NewPersonForm(request.POST or None, email=email)
    known = people.is_known(email)
    if request.method == "POST" and (request.user.is_authenticated or not known):
        user = person_of(request, email, form)
        if user is not None:
            if user.email.lower() != email:
                raise NotAllowed(_("This link is for %(email)s. Sign in with that address.") % {"email": email})
            claims.open_code_claim(user=user, account=account)
            if not request.user.is_authenticated:
                login(request, user, backend=BACKEND)
            return redirect("claim_mine")
    context = {"account": account, "email": email, "form": form, "known": known}
    return render(request, "accounts/claim_code.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@signed_in
def claim_mine(request: PageRequest) -> HttpResponse:
    """The code and what to do with it; the profile as soon as the claim is proved."""
    if Creator.visible_to(request.actor).filter(user=request.user).exists():
        return redirect("creator_profile")
    claim = claims.open_claims().filter(user=request.user).last()
    return render(request, "accounts/claim_mine.html", {"claim": claim})
