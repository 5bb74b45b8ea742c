"""People beyond one campaign at the brand's desk: relations, one page per person, ambassador programmes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.models import Brand, Creator
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import lookback
from campaigns.forms.aftermath import ProgrammeForm, RelationForm
from campaigns.forms.fields import show_faults
from campaigns.models import Partnership, Programme, ProgrammeMember
from campaigns.paging import paged
from campaigns.services import relations


@needs("contract.desk")
@require_safe
def relation_list(request: PageRequest) -> HttpResponse:
    found = lookback.people(request.actor)
    page = paged(found, request.GET.get("cursor"))
    context = {
        "people": page.rows,
        "page": page,
        "again": [person for person in found if person.ask_again],
        "programmes": Programme.visible_to(request.actor).select_related("brand"),
        "may_change": can(request.actor, "creator.change"),
    }
    return render(request, "campaigns/relation_list.html", context)


@needs("contract.desk", change="creator.change")
@require_http_methods(["GET", "HEAD", "POST"])
def relation_detail(request: PageRequest, creator_id: int) -> HttpResponse:
    """Everything this workspace shared with one person; a POST notes what is next, or that nobody writes any more."""
    creator = get_object_or_404(Creator.visible_to(request.actor), pk=creator_id)
    if request.method != "POST":
        return _person(request, creator)
    form = RelationForm(request.POST)
    if not form.is_valid():
        return _person(request, creator, status=422, form=form)
    try:
        relations.save_relation(actor=request.actor, creator=creator, **form.cleaned_data)
    except InvalidInput as error:
        show_faults(form, error)
        return _person(request, creator, status=422, form=form)
    messages.success(request, _("Saved."))
    return redirect("relation_detail", creator_id=creator.pk)


def _person(
    request: PageRequest, creator: Creator, status: int = 200, form: RelationForm | None = None
) -> HttpResponse:
    story = lookback.story(request.actor, creator)
    kept = story.person.relation
    names = ("next_step", "next_on", "do_not_contact", "reason")
    context = {
        "creator": creator,
        "story": story,
        "person": story.person,
        "form": form or RelationForm(initial={name: getattr(kept, name) for name in names} if kept else None),
        "may_change": can(request.actor, "creator.change"),
    }
    return render(request, "campaigns/relation_detail.html", context, status=status)


@needs("campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request: PageRequest) -> HttpResponse:
    form = ProgrammeForm(request.POST or None, brands=Brand.visible_to(request.actor))
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("brand", "name", "promise", "every_months")}
        try:
            row = relations.create_programme(actor=request.actor, tiers=form.steps(), **given)
        except InvalidInput as error:
            show_faults(form, error)
        else:
            return redirect("programme_detail", pk=row.pk)
    return render(request, "campaigns/programme_new.html", {"form": form}, status=422 if form.errors else 200)


def _programme(request: PageRequest, pk: Any) -> Programme:
    found: Programme = get_object_or_404(Programme.visible_to(request.actor).select_related("brand"), pk=pk)
    return found


@needs("campaign.read")
@require_safe
def programme_detail(request: PageRequest, pk: Any) -> HttpResponse:
    programme = _programme(request, pk)
    members = ProgrammeMember.visible_to(request.actor).filter(programme=programme).select_related("creator")
    inside = {row.creator_id for row in members if row.left_on is None}
    done = Partnership.visible_to(request.actor).filter(state="completed").exclude(creator_id__in=inside)
    context = {
        "programme": programme,
        "members": [(row, programme.tiers[min(row.tier, len(programme.tiers) - 1)]) for row in members],
        "rounds": programme.rounds.select_related("campaign"),
        "candidates": Creator.visible_to(request.actor).filter(pk__in=done.values("creator_id")),
        "may_change": can(request.actor, "campaign.change"),
    }
    return render(request, "campaigns/programme_detail.html", context)


@needs("campaign.change")
@require_POST
def programme_round(request: PageRequest, pk: Any) -> HttpResponse:
    try:
        made = relations.open_round(actor=request.actor, programme=_programme(request, pk))
    except WrongState as error:
        messages.warning(request, error.message)
        return redirect("programme_detail", pk=pk)
    return redirect("campaign_detail", pk=made.campaign_id)


@needs("campaign.change")
@require_POST
def programme_member(request: PageRequest, pk: Any) -> HttpResponse:
    """Takes somebody in, moves them to a tier, or lets them go."""
    programme = _programme(request, pk)
    number, tier = request.POST.get("creator", ""), request.POST.get("tier", "0")
    creator = Creator.visible_to(request.actor).filter(pk=int(number) if number.isdecimal() and len(number) < 12 else 0)
    person = creator.first()
    try:
        if person is None:
            messages.warning(request, _("Choose somebody."))
        elif "leave" in request.POST:
            for row in ProgrammeMember.visible_to(request.actor).filter(programme=programme, creator=person):
                relations.leave_programme(actor=request.actor, member=row)
        else:
            step = int(tier) if tier.isdecimal() and len(tier) < 3 else 0
            relations.join_programme(actor=request.actor, programme=programme, creator=person, tier=step)
    except (InvalidInput, WrongState) as error:
        messages.warning(request, error.message)
    return redirect("programme_detail", pk=pk)
