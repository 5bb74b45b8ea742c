"""After the agreement: payments, debriefs, relations, ambassador programmes; the creator's calendar and payments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Case, F, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import lookback
from campaigns.forms.aftermath import DebriefForm, SentForm
from campaigns.forms.fields import show_faults
from campaigns.models import Debrief, Partnership, Payment, UsageRight
from campaigns.paging import paged
from campaigns.services import payments, relations
from campaigns.states import PAYMENT
from campaigns.views.answering import Door
from campaigns.views.deals import by_deal
from campaigns.views.invitation import by_link

ABOUT = ("partnership__campaign__brand", "partnership__campaign__workspace", "partnership__creator")


_URGENCY = ("disputed", "due", "sent", "agreed", "received")


@needs("contract.desk")
@require_safe
def payment_list(request: PageRequest) -> HttpResponse:
    return _payments(request)


def _payments(request: PageRequest, status: int = 200, **extra: Any) -> HttpResponse:
    rows = Payment.visible_to(request.actor).select_related(*ABOUT)
    urgent = Case(*(When(state=state, then=place) for place, state in enumerate(_URGENCY)))
    page = paged(rows.order_by(urgent, F("due_on").asc(nulls_last=True), "created_at"), request.GET.get("cursor"))
    context = {
        "rows": page.rows,
        "page": page,
        "years": payments.yearly(rows, by="creator"),
        "form": SentForm(initial={"sent_on": timezone.now().date()}),
        "may_change": can(request.actor, "payment.change"),
    }
    return render(request, "campaigns/payment_list.html", context | extra, status=status)


@needs("payment.change")
@require_POST
def payment_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    """fall_due or send."""
    if verb not in ("fall_due", "send"):
        raise Http404
    row = get_object_or_404(Payment.visible_to(request.actor).select_related(*ABOUT), pk=pk)
    form = SentForm(request.POST)
    try:
        if verb == "fall_due":
            payments.fall_due(actor=request.actor, payment=row)
        elif form.is_valid():
            payments.send_payment(actor=request.actor, payment=row, **form.cleaned_data)
        else:
            return _payments(request, status=422, refused=_("Check the date."))
    except InvalidInput as error:
        return _payments(request, status=422, refused=error.message)
    except WrongState as error:
        return _payments(request, status=409, refused=error.message)
    messages.success(request, _("Noted."))
    return redirect("payment_list")


# --- looking back


def _debrief(request: PageRequest, partnership: Partnership, actor: Any, back: str, **extra: Any) -> HttpResponse:
    own = Debrief.visible_to(actor).filter(partnership=partnership, side=actor.side).first()
    initial = {name: getattr(own, name) for name in ("result", "cooperation", "lesson")} if own else {}
    if own:
        initial["again"] = "yes" if own.again else "no"
    form = DebriefForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                relations.write_debrief(actor=actor, partnership=partnership, **form.cleaned_data)
            except InvalidInput as error:
                show_faults(form, error)
            except WrongState as error:
                status = error.status
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Thank you. It is kept for next time."))
                return redirect(back)
    context = {
        "partnership": partnership,
        "brand": partnership.campaign.brand,
        "form": form,
        "back": back,
        "debriefs": lookback.readable_debriefs(actor, partnership),
        "layout": "layouts/app.html",
    }
    return render(request, "campaigns/debrief.html", context | extra, status=status)


@needs("campaign.read", change="partnership.change")
@require_http_methods(["GET", "HEAD", "POST"])
def partnership_debrief(request: PageRequest, pk: Any) -> HttpResponse:
    rows = Partnership.visible_to(request.actor).select_related("campaign__brand", "creator")
    partnership = get_object_or_404(rows, pk=pk)
    return _debrief(request, partnership, request.actor, f"/partnerships/{pk}/")


def _theirs(request: PageRequest, door: Door) -> HttpResponse:
    return _debrief(request, door.partnership, door.actor, door.urls["page"], door=door, layout=door.layout)


deal_debrief = require_http_methods(["GET", "HEAD", "POST"])(by_deal(_theirs))
invitation_debrief = require_http_methods(["GET", "HEAD", "POST"])(by_link(_theirs))


def _answer_payment(request: PageRequest, door: Door) -> HttpResponse:
    """The creator confirms a payment, or says what is wrong with it."""
    rows = Payment.visible_to(door.actor).filter(partnership=door.partnership)
    number = request.POST.get("payment", "")
    row = next((one for one in rows if str(one.pk) == number), None)
    if row is None:
        messages.warning(request, _("There is no such payment here."))
        return redirect(door.urls["page"])
    try:
        if request.POST.get("answer") == "dispute":
            payments.dispute_payment(actor=door.actor, payment=row, reason=request.POST.get("reason", ""))
            messages.success(request, _("The brand reads what is wrong."))
        else:
            payments.receive_payment(actor=door.actor, payment=row)
            messages.success(request, _("Confirmed. Thank you."))
    except (InvalidInput, WrongState) as error:
        messages.warning(request, error.message)
    back = "deal_payments" if request.POST.get("from") == "list" and not door.token else door.urls["page"]
    return redirect(back)


deal_payment = require_POST(by_deal(_answer_payment))
invitation_payment = require_POST(by_link(_answer_payment))


# --- the creator's own


@needs("creator.own")
@require_safe
def deal_payments(request: PageRequest) -> HttpResponse:
    rows = list(Payment.visible_to(request.actor).select_related(*ABOUT))
    context = {
        "rows": rows,
        "years": payments.yearly(rows),
        "rights": UsageRight.visible_to(request.actor).select_related(*ABOUT),
        "states": PAYMENT.badges,
    }
    return render(request, "campaigns/deal_payments.html", context)
