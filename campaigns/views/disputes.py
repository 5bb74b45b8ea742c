"""Tickets on a datum or a score: the creator's pages, and those of whoever answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.errors import DomainError, InvalidInput
from accounts.models import Creator
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import disputes
from campaigns.models import Dispute
from campaigns.services import disputes as service

SHOWN = 200


class DisputeForm(forms.Form):
    subject = forms.ChoiceField(label=gettext_lazy("What is wrong"))
    statement = forms.CharField(
        label=gettext_lazy("Why"), max_length=service.TEXT_MOST, widget=forms.Textarea(attrs={"rows": 4})
    )
    proposed = forms.CharField(
        label=gettext_lazy("What it should be"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("A figure, a sentence or an address that proves it. Leave it empty if you do not know."),
    )

    def __init__(self, *args: Any, groups: list[tuple[str, list[disputes.Subject]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [
            (title, [(one.key, f"{one.label} · {one.shown}" if one.shown else one.label) for one in found])
            for title, found in groups
        ]


class SayForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Message"), max_length=service.TEXT_MOST, widget=forms.Textarea(attrs={"rows": 3})
    )


def _own(request: PageRequest) -> Creator:
    return get_object_or_404(Creator.visible_to(request.actor), pk=request.actor.creator_id)


@needs("creator.own", change="dispute.open")
@require_http_methods(["GET", "HEAD", "POST"])
def creator_disputes(request: PageRequest) -> HttpResponse:
    """The creator's tickets, and a form for the next. ?subject= chooses what it is about."""
    creator = _own(request)
    groups = disputes.subjects(request.actor, creator)
    asked = request.GET.get("subject", "") or request.POST.get("subject", "")
    chosen = disputes.subject(request.actor, creator, asked[:80]) if asked else None
    if chosen and chosen.key.startswith("post:"):
        groups = [(_("Posts"), [chosen]), *groups]
    form = DisputeForm(request.POST or None, groups=groups, initial={"subject": chosen.key if chosen else ""})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = service.open_dispute(
                actor=request.actor, creator=creator, key=given["subject"], statement=given["statement"],
                proposed=given["proposed"],
            )  # fmt: skip
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(request, _("Sent. The answer comes here and by mail."))
            return redirect("creator_dispute", pk=row.pk)
    rows = Dispute.visible_to(request.actor).select_related("workspace")[:SHOWN]
    context = {"form": form, "rows": [(row, disputes.subject_label(row)) for row in rows], "chosen": chosen}
    return render(request, "campaigns/dispute_mine.html", context, status=422 if form.errors else 200)


@needs("creator.own", change="dispute.open")
@require_http_methods(["GET", "HEAD", "POST"])
def creator_dispute(request: PageRequest, pk: Any) -> HttpResponse:
    dispute = get_object_or_404(Dispute.visible_to(request.actor).select_related("workspace"), pk=pk)
    return _ticket(request, dispute, "creator_dispute")


@needs("dispute.read", desk=True)
@require_http_methods(["GET", "HEAD"])
def dispute_list(request: PageRequest) -> HttpResponse:
    """What creators contest of this workspace's data; for staff, of the scores and of what nobody else brought."""
    rows = Dispute.visible_to(request.actor).select_related("creator")[:SHOWN]
    told = [(row, disputes.subject_label(row)) for row in rows]
    waiting = [pair for pair in told if pair[0].state in ("open", "answered")]
    closed = [pair for pair in told if pair not in waiting]
    return render(request, "campaigns/dispute_list.html", {"waiting": waiting, "closed": closed})


@needs("dispute.read", change="dispute.answer", desk=True)
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_detail(request: PageRequest, pk: Any) -> HttpResponse:
    dispute = get_object_or_404(Dispute.visible_to(request.actor).select_related("creator", "workspace"), pk=pk)
    return _ticket(request, dispute, "dispute_detail")


def _ticket(request: PageRequest, dispute: Dispute, name: str) -> HttpResponse:
    """Reading, adding, deciding: `decide` accept or reject comes from those who answer alone."""
    actor, form = request.actor, SayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict, text = request.POST.get("decide", ""), form.cleaned_data["text"]
        try:
            if verdict in ("accept", "reject") and actor.creator_id is None:
                service.decide(actor=actor, dispute=dispute, accept=verdict == "accept", text=text)
            else:
                service.say(actor=actor, dispute=dispute, text=text)
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(request, _("Sent."))
            return redirect(name, pk=dispute.pk)
    context = {
        "dispute": dispute,
        "label": disputes.subject_label(dispute),
        "entries": dispute.entries.all(),
        "form": form,
        "mine": actor.creator_id is not None,
        "may_answer": actor.creator_id is None and can(actor, "dispute.answer"),
        "runs": dispute.state in ("open", "answered"),
    }
    return render(request, "campaigns/dispute_detail.html", context, status=422 if form.errors else 200)


def _told(form: forms.Form, error: DomainError) -> None:
    if not isinstance(error, InvalidInput):
        form.add_error(None, error.message)
        return
    for field, texts in error.fields.items():
        form.add_error(field if field in form.fields else None, texts)
