"""Parcels on both sides' pages: asked, addressed, sent, received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.shipping import AddressForm, ParcelForm, ProblemForm, ShipForm
from campaigns.limits import RUNNING
from campaigns.models import Shipment
from campaigns.services import shipping
from campaigns.views.cowriting import Side
from campaigns.views.desk import desk


def parcels(side: Side) -> dict[str, Any]:
    """What the section on parcels shows; never the address itself."""
    rows = list(Shipment.visible_to(side.actor).filter(partnership=side.partnership).order_by("-created_at"))
    running = side.partnership.state in RUNNING
    return {
        "items": [{"row": row} | _doors(side, row) for row in rows],
        "may_ask": running and side.actor.side == "brand" and can(side.actor, "shipment.send", side.partnership),
        "may_send": side.actor.side == "brand" and can(side.actor, "shipment.send", side.partnership),
        "mine": side.actor.side,
        "form": ParcelForm(initial={"product": side.partnership.brief.in_kind if side.partnership.brief else ""}),
        "ship_form": ShipForm(),
        "problem_form": ProblemForm(),
    }


def _doors(side: Side, row: Shipment) -> dict[str, str]:
    """The creator's own two pages of a parcel; the brand's are named by the template."""
    if side.actor.side == "brand":
        return {}
    return {f"{step}_url": side.url(f"parcel_{step}", row.pk) for step in ("address", "received")}


def one(side: Side, pk: Any) -> Shipment:
    rows = Shipment.visible_to(side.actor).filter(partnership=side.partnership)
    found: Shipment = get_object_or_404(rows.select_related("partnership__campaign", "partnership__creator"), pk=pk)
    return found


def _act(request: PageRequest, back: str, perform: Callable[[], Any], done: str) -> HttpResponse:
    """One button: what was done, or the sentence that says why not. The page shows how it stands now."""
    try:
        perform()
    except InvalidInput as error:
        texts = [text for lines in error.fields.values() for text in lines]
        messages.warning(request, texts[0] if texts else error.message)
    except WrongState as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, done)
    return redirect(back + "#parcels")


# --- the creator


def address(request: PageRequest, side: Side, pk: Any) -> HttpResponse:
    """Where it goes. What was given before is not shown again: behind a link anybody may be reading."""
    row = one(side, pk)
    if row.state not in ("asked", "ready", "problem"):
        return redirect(side.url() + "#parcels")
    form = AddressForm(request.POST or None, shipment=row, country=side.partnership.creator.country or "")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                shipping.give_address(actor=side.actor, shipment=row, **form.content())
            except InvalidInput as error:
                show_faults(form, error)
            except WrongState as error:
                form.add_error(None, error.message)
                status = error.status
            else:
                messages.success(request, _("Noted. Only those who send the parcel see it."))
                return redirect(side.url() + "#parcels")
    context = {
        "door": side,
        "layout": side.layout,
        "row": row,
        "form": form,
        "back": side.url(),
        "brand": side.partnership.campaign.brand,
    }
    return render(request, "campaigns/parcel_address.html", context, status=status)


def received(request: PageRequest, side: Side, pk: Any) -> HttpResponse:
    """It arrived; with `problem`, it did not, or not whole."""
    row = one(side, pk)
    if "problem" in request.POST:
        text = request.POST["problem"]
        return _act(
            request,
            side.url(),
            lambda: shipping.report(actor=side.actor, shipment=row, problem=text),
            _("They are told."),
        )
    return _act(
        request, side.url(), lambda: shipping.receive(actor=side.actor, shipment=row), _("Good. They know it arrived.")
    )


# --- the brand


@needs("shipment.send")
@require_POST
def parcel_ask(request: PageRequest, pk: Any) -> HttpResponse:
    where = desk(request, pk)
    form = ParcelForm(request.POST)
    content = form.content() if form.is_valid() else {"product": ""}

    def perform() -> None:
        shipping.ask_address(actor=request.actor, partnership=where.partnership, **content)

    return _act(request, where.url(), perform, _("The creator is asked where it goes."))


@needs("shipment.send")
@require_POST
def parcel_step(request: PageRequest, pk: Any, shipment: Any) -> HttpResponse:
    """ship, receive, cancel or resend."""
    where = desk(request, pk)
    row = one(where, shipment)
    wish = request.POST.get("do", "")
    if wish == "ship":
        form = ShipForm(request.POST)
        given = form.cleaned_data if form.is_valid() else {"tracking_url": "?"}
        return _act(
            request, where.url(), lambda: shipping.ship(actor=request.actor, shipment=row, **given), _("Noted as sent.")
        )
    calls = {"receive": shipping.receive, "cancel": shipping.cancel_shipment, "resend": shipping.resend}
    if wish not in calls:
        return redirect(where.url())
    return _act(request, where.url(), lambda: calls[wish](actor=request.actor, shipment=row), _("Noted."))


@needs("shipment.address")
@require_http_methods(["POST"])
def parcel_label(request: PageRequest, pk: Any, shipment: Any) -> HttpResponse:
    """The address, to write on the parcel. A POST, because every look is noted."""
    where = desk(request, pk)
    row = one(where, shipment)
    found = shipping.address_of(actor=request.actor, shipment=row)
    response = render(
        request, "campaigns/parcel_label.html", {"row": row, "address": found, "partnership": where.partnership}
    )
    response["Cache-Control"] = "no-store"
    return response


@needs("shipment.read", desk=True)
@require_safe
def parcel_list(request: PageRequest) -> HttpResponse:
    """Every parcel of the workspace that is not settled: what to send, what is on its way."""
    rows = (
        Shipment.visible_to(request.actor)
        .exclude(state="cancelled")
        .select_related("partnership__creator", "partnership__campaign__brand")
        .order_by("-state_changed_at")
    )
    order = ("ready", "problem", "shipped", "asked", "received")
    found = sorted(rows[:200], key=lambda row: order.index(row.state))
    context = {"rows": found, "home": reverse("campaign_list")}
    return render(request, "campaigns/parcels.html", context)
