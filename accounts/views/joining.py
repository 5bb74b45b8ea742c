"""Coming in by a link: joining a workspace, claiming a creator record, choosing among one's workspaces."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import NewPersonForm
from accounts.middleware import WORKSPACE_KEY
from accounts.models import CreatorClaim, User, WorkspaceInvitation
from accounts.services import claims, people, workspaces

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_POST
def switch_workspace(request: HttpRequest) -> HttpResponse:
    """Remembers which of one's workspaces is open. A foreign or unknown id changes nothing."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    wanted = request.POST.get("workspace", "")
    if workspaces.is_member(user=request.user, workspace_id=wanted):
        request.session[WORKSPACE_KEY] = wanted
    return redirect("home")


def person_of(request: HttpRequest, email: str, form: NewPersonForm) -> User | None:
    """The signed-in person, or a new one from the form; None while the form is not valid."""
    if request.user.is_authenticated:
        return request.user
    if not form.is_valid():
        return None
    address = email or form.cleaned_data.get("email", "")
    try:
        validate_password(form.cleaned_data["password"], User(email=address, full_name=form.cleaned_data["full_name"]))
        return people.register(
            email=address,
            full_name=form.cleaned_data["full_name"],
            password=form.cleaned_data["password"],
            language=get_language() or "en",
        )
    except ValidationError as error:
        form.add_error("password" if not hasattr(error, "error_dict") else None, error)
    return None


@never_cache
@require_http_methods(["GET", "POST"])
def join_workspace(request: HttpRequest, token: str) -> HttpResponse:
    invitation = workspaces.invitation_of_token(token)
    if invitation is None:
        return dead_link(request)
    known = people.is_known(invitation.email)
    form = NewPersonForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and (request.user.is_authenticated or not known):
        user = person_of(request, invitation.email, form)
        if user is not None:
            return _join(request, user, invitation)
    context = {"invitation": invitation, "form": form, "known": known}
    return render(request, "accounts/join.html", context, status=422 if form.errors else 200)


def _join(request: HttpRequest, user: User, invitation: WorkspaceInvitation) -> HttpResponse:
    membership = workspaces.join_workspace(user=user, invitation=invitation)
    if not request.user.is_authenticated:
        login(request, user, backend=BACKEND)
    request.session[WORKSPACE_KEY] = str(membership.workspace_id)
    messages.success(request, _("Welcome to %(workspace)s.") % {"workspace": invitation.workspace.name})
    return redirect("home")


@never_cache
@require_http_methods(["GET", "POST"])
def claim_creator(request: HttpRequest, token: str) -> HttpResponse:
    claim = claims.claim_of_token(token)
    if claim is None:
        return dead_link(request)
    form = NewPersonForm(request.POST or None, email=claim.creator.contact_email)
    if request.method == "POST":
        user = person_of(request, claim.creator.contact_email, form)
        if user is not None:
            return _claim(request, user, claim)
    context = {"claim": claim, "creator": claim.creator, "form": form}
    return render(request, "accounts/claim.html", context, status=422 if form.errors else 200)


def _claim(request: HttpRequest, user: User, claim: CreatorClaim) -> HttpResponse:
    claims.prove_by_link(user=user, claim=claim)
    if not request.user.is_authenticated:
        login(request, user, backend=BACKEND)
    messages.success(request, _("This profile is now yours."))
    return redirect("creator_profile")


def dead_link(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/dead_link.html", status=404)
