"""The creator's side of a proposal, the same behind a link and behind the sign-in.

A `Door` is how somebody came in: it gives the partnership, who they are there, and the addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.requests import PageRequest
from campaigns import selectors, works
from campaigns.forms.answers import CancelForm, CounterForm, DeclineForm
from campaigns.forms.fields import show_faults
from campaigns.links.theirs import measuring
from campaigns.models import Debrief, Partnership, Payment, UsageRight
from campaigns.proposal import proposal
from campaigns.services import answers, progress
from campaigns.standing import standing
from campaigns.timeline import timeline
from campaigns.views import cowriting, shipping, talking
from campaigns.views.partnerships import chain


@dataclass(frozen=True, slots=True)
class Door:
    partnership: Partnership
    actor: Actor
    token: str = ""

    def url(self, step: str = "", *rest: Any) -> str:
        name = ("invitation" if self.token else "deal") + (f"_{step}" if step else "" if self.token else "_detail")
        return reverse(name, args=[self.token or self.partnership.pk, *rest])

    @property
    def urls(self) -> dict[str, str]:
        steps = ("accept", "decline", "counter", "cancel", *(("seen", "stop", "claim") if self.token else ()))
        signing = ("contract", "code", "sign", "refuse", "pdf", "payment", "debrief")
        return {"page": self.url()} | {step: self.url(step) for step in (*steps, *signing)}

    @property
    def layout(self) -> str:
        return "layouts/public.html" if self.token else "layouts/app.html"


def show(request: PageRequest, door: Door, status: int = 200, **extra: Any) -> HttpResponse:
    """The proposal with its state, whatever that is by now."""
    row = selectors.row_of(door.actor, door.partnership)
    context = {
        "door": door,
        "layout": door.layout,
        "row": row,
        "partnership": door.partnership,
        "brand": door.partnership.campaign.brand,
        "p": proposal(door.partnership, door.actor),
        "offers": chain(row),
        "works": works.of_partnership(door.actor, door.partnership),
        "events": timeline(door.partnership, door.actor),
        "rounds": answers.rounds_left(door.partnership, "creator"),
        "unclaimed": bool(door.token) and claimable(door.partnership),
        "agreement": standing(door.actor, door.partnership),
        "words": cowriting.words(door),
        "parcels": shipping.parcels(door),
        "measuring": measuring(door.actor, door.partnership),
        "talk": extra.get("talk") or talking.talk(door),
        "payments": Payment.visible_to(door.actor).filter(partnership=door.partnership),
        "rights": UsageRight.visible_to(door.actor).filter(partnership=door.partnership),
        "debriefed": Debrief.visible_to(door.actor).filter(partnership=door.partnership, side="creator").exists(),
    }
    return render(request, "campaigns/proposal.html", context | extra, status=status)


def claimable(partnership: Partnership) -> bool:
    """An account is offered only at the creator's own public address: a brand may have typed any other."""
    creator = partnership.creator
    return (
        creator.user_id is None
        and bool(creator.contact_email)
        and partnership.sent_to.lower() == creator.contact_email.lower()
    )


def _step(
    request: PageRequest, door: Door, name: str, form: Form, perform: Callable[[], Any], done: str, **extra: Any
) -> HttpResponse:
    """A page with one question; its POST answers it. A second click finds the settled state, not an error."""
    verb = "counter" if name == "counter" else name
    row = selectors.row_of(door.actor, door.partnership)
    if request.method != "POST":
        if verb not in row.verbs:
            return redirect(door.url())
        return _ask(request, door, name, form, **extra)
    if form.is_valid():
        try:
            perform()
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            return _settled(request, door, name, error)
        else:
            messages.success(request, done)
            return redirect(door.url())
    return _ask(request, door, name, form, status=422, **extra)


_DONE = {"accept": "accepted", "decline": "declined", "cancel": "cancelled"}


def _settled(request: PageRequest, door: Door, name: str, error: WrongState) -> HttpResponse:
    """Already what was asked for: the page as it is. Anything else: the same page, saying what happened (409)."""
    door.partnership.refresh_from_db()
    if door.partnership.state == _DONE.get(name):
        return redirect(door.url())
    return show(request, door, status=409, refused=error.message)


def _ask(request: PageRequest, door: Door, name: str, form: Form, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "door": door,
        "layout": door.layout,
        "form": form,
        "name": name,
        "partnership": door.partnership,
        "brand": door.partnership.campaign.brand,
        "p": proposal(door.partnership, door.actor),
        "rounds": answers.rounds_left(door.partnership, "creator"),
    }
    return render(request, f"campaigns/answer_{name}.html", context | extra, status=status)


class _Nothing(Form):
    """Accepting asks nothing but the click."""


def accept(request: PageRequest, door: Door) -> HttpResponse:
    def perform() -> None:
        offer = request.POST.get("offer") or None
        answers.accept(actor=door.actor, partnership=door.partnership, offer_id=offer)

    form = _Nothing(request.POST or {"": ""})
    return _step(request, door, "accept", form, perform, _("You have accepted."))


def decline(request: PageRequest, door: Door) -> HttpResponse:
    form = DeclineForm(request.POST or None)

    def perform() -> None:
        answers.decline(actor=door.actor, partnership=door.partnership, **form.cleaned_data)

    return _step(request, door, "decline", form, perform, _("Your answer is sent. Thank you for giving one."))


def counter(request: PageRequest, door: Door) -> HttpResponse:
    row = selectors.row_of(door.actor, door.partnership)
    table = row.open_offer
    if table is None or table.side == "creator":
        if request.method == "POST":
            return show(
                request, door, status=409, refused=_("Your proposal is on the table: the other side answers next.")
            )
        return redirect(door.url())
    form = CounterForm(request.POST or None, offer=table)

    def perform() -> None:
        answers.counter_offer(actor=door.actor, partnership=door.partnership, **form.terms())  # type: ignore[arg-type]

    return _step(request, door, "counter", form, perform, _("Your proposal is sent."), table=table)


def cancel(request: PageRequest, door: Door) -> HttpResponse:
    form = CancelForm(request.POST or None)

    def perform() -> None:
        progress.cancel(actor=door.actor, partnership=door.partnership, **form.cleaned_data)

    return _step(request, door, "cancel", form, perform, _("The partnership is ended."))
