"""Pages of connectors: a workspace's keys, a creator's connected accounts, refreshing now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import DomainError, InvalidInput
from accounts.models import Creator, SocialAccount
from accounts.permissions import can
from accounts.settings_nav import tabs
from accounts.views.access import needs
from matching.ingest.connectors import CONNECTORS
from matching.ingest.connectors.base import ConnectorError
from matching.models import Connection
from matching.services import connections, oauth


class KeyForm(forms.Form):
    token = forms.CharField(
        label=gettext_lazy("Key or token"), max_length=4000, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    owner_id = forms.CharField(label=gettext_lazy("Account number"), max_length=120, required=False)

    def __init__(self, *args: Any, needs_id: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_id:
            del self.fields["owner_id"]


@needs("connection.read", change="connection.change")
@require_http_methods(["GET", "POST"])
def connectors(request: HttpRequest) -> HttpResponse:
    """One card per network: what is connected, what it spent today, and a form for the key."""
    asked = request.POST.get("platform", "")
    bound: KeyForm | None = None
    if request.method == "POST" and asked in CONNECTORS:
        bound = KeyForm(request.POST, needs_id=CONNECTORS[asked].needs_id, prefix="")
        if bound.is_valid():
            try:
                connections.save_key(actor=request.actor, platform=asked, **bound.cleaned_data)
            except InvalidInput as error:
                for field, texts in error.fields.items():
                    bound.add_error(field if field in bound.fields else None, texts)
            else:
                messages.success(request, _("Saved. The key is kept encrypted and is not shown again."))
                return redirect("settings_connectors")
    mine = {row.platform: row for row in Connection.visible_to(request.actor).filter(kind="key")}
    cards = []
    for platform, known in CONNECTORS.items():
        row = mine.get(platform)
        form = bound if bound is not None and platform == asked else KeyForm(needs_id=known.needs_id)
        form.auto_id = f"{platform}-%s"
        spent = connections.spent_today(row) if row else (0, known.daily)
        cards.append({"platform": platform, "label": known.label, "row": row, "form": form, "spent": spent})
    context = {
        "tabs": tabs(request),
        "current": "connectors",
        "cards": cards,
        "may_change": can(request.actor, "connection.change"),
    }
    return render(request, "matching/connectors.html", context, status=422 if bound is not None else 200)


@needs("connection.change")
@require_POST
def connector_remove(request: HttpRequest, pk: str) -> HttpResponse:
    row = get_object_or_404(Connection.visible_to(request.actor), pk=pk)
    connections.remove(actor=request.actor, row=row)
    messages.success(request, _("The key was removed."))
    return redirect("settings_connectors")


@needs("import.run")
@require_POST
def account_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh now, by a workspace."""
    account = get_object_or_404(SocialAccount.visible_to(request.actor), pk=pk)
    _refresh(request, account)
    return redirect("creator_detail", pk=account.creator_id)


def _refresh(request: HttpRequest, account: SocialAccount) -> None:
    try:
        connections.request_refresh(actor=request.actor, account=account)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("@%(handle)s is being read anew.") % {"handle": account.handle})


@needs("creator.own")
@require_http_methods(["GET"])
def own_accounts(request: HttpRequest) -> HttpResponse:
    """The creator's accounts with what each brings, and what may be connected."""
    creator = get_object_or_404(Creator.visible_to(request.actor), pk=request.actor.creator_id)
    rows = {row.account_id: row for row in Connection.visible_to(request.actor)}
    accounts = [{"account": one, "row": rows.get(one.pk)} for one in creator.accounts.order_by("platform", "handle")]
    networks = [
        {"platform": platform, "label": known.label, "available": oauth.available(platform)}
        for platform, known in CONNECTORS.items()
    ]
    context = {"creator": creator, "accounts": accounts, "networks": networks}
    return render(request, "matching/own_accounts.html", context)


@needs("creator.own")
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, platform: str) -> HttpResponse:
    """Says what will be read and why; after the consent, the way to the network.

    The way is a link, not a redirect of the form: the page's policy lets forms go nowhere else.
    """
    known = CONNECTORS.get(platform)
    if known is None or not oauth.available(platform):
        messages.error(request, _("This installation is not registered with that network yet."))
        return redirect("creator_accounts")
    address = ""
    if request.method == "POST":
        ticket = oauth.new_ticket()
        request.session[f"connect:{platform}"] = [ticket.state, ticket.verifier]
        address = oauth.consent_address(platform, ticket, _back(platform))
    context = {"platform": platform, "label": known.label, "scopes": known.oauth.scopes, "address": address}
    return render(request, "matching/connect.html", context)


def _back(platform: str) -> str:
    return settings.BASE_URL + reverse("creator_connected", args=[platform])


@needs("creator.own")
@require_http_methods(["GET"])
def connected(request: HttpRequest, platform: str) -> HttpResponse:
    """Back from the network. The state of the session makes sure that it is the same person who left."""
    kept = request.session.pop(f"connect:{platform}", None)
    given = request.GET.get("state", "")
    if platform not in CONNECTORS or not kept or not constant_time_compare(kept[0], given):
        messages.error(request, _("This answer does not belong to your request. Start again."))
        return redirect("creator_accounts")
    if request.GET.get("error") or not request.GET.get("code"):
        messages.info(request, _("Nothing was connected: the network says that you did not agree."))
        return redirect("creator_accounts")
    creator = get_object_or_404(Creator.visible_to(request.actor), pk=request.actor.creator_id)
    try:
        tokens = oauth.exchanged(platform, request.GET["code"], oauth.Ticket(*kept), _back(platform))
        row = connections.connect_account(actor=request.actor, creator=creator, platform=platform, tokens=tokens)
        connections.request_refresh(actor=request.actor, account=row.account)
    except ConnectorError as error:
        messages.error(request, connections.said(error))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Connected. The figures are being read."))
    return redirect("creator_accounts")


@needs("creator.own")
@require_POST
def own_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SocialAccount.visible_to(request.actor), pk=pk)
    _refresh(request, account)
    return redirect("creator_accounts")


@needs("creator.own")
@require_POST
def disconnect(request: HttpRequest, pk: str) -> HttpResponse:
    row = get_object_or_404(Connection.visible_to(request.actor), pk=pk)
    connections.remove(actor=request.actor, row=row)
    messages.success(request, _("Disconnected. Your consent is recorded as withdrawn; nothing new is read."))
    return redirect("creator_accounts")
