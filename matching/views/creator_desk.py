"""Tabs of a creator's page where a workspace adds something: the audience, and notes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import DomainError, InvalidInput
from accounts.models import CreatorRecord, SocialAccount
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from matching import audience_profile, comment_samples, profiles
from matching.creator_frame import creator_frame, one_creator
from matching.forms.creator import AudienceForm, NoteForm
from matching.models import CreatorNote
from matching.services import audience, notes


@needs("creator.read", change="import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def creator_audience(request: PageRequest, pk: int) -> HttpResponse:
    """What is known of the audience; POST adds shares or a sample."""
    creator = one_creator(request, pk)
    accounts = list(SocialAccount.visible_to(request.actor).filter(creator=creator).order_by("-followers"))
    form = AudienceForm(request.POST or None, request.FILES or None, accounts=accounts, initial=_initial())
    if request.method == "POST" and form.is_valid():
        try:
            told = _keep(request, form.cleaned_data, accounts)
        except InvalidInput as error:
            rows = "file" if form.cleaned_data.get("file") else "pasted"
            for name, texts in error.fields.items():
                form.add_error(name if name in form.fields else rows, list(texts))
        else:
            messages.success(request, told)
            return redirect("creator_audience", pk=pk)
    _row, signals = profiles.current_signals(request.actor, creator)
    rows = [row for row in profiles.signal_rows(request.actor, signals) if row.signal.name in profiles.AUDIENCE_SIGNALS]
    told_shares = audience_profile.shares(request.actor, creator)
    spoken = None
    if not any(one.dimension == "language" for one in told_shares):
        spoken = audience_profile.comment_languages(comment_samples.read_comments(request.actor, creator))
    context = creator_frame(request, creator, "audience") | {
        "form": form,
        "told": told_shares,
        "untold": [
            audience_profile.dimension_label(name)
            for name in audience.DIMENSIONS
            if name not in {one.dimension for one in told_shares}
        ],
        "spoken": spoken,
        "samples": audience_profile.samples(request.actor, creator),
        "rows": rows,
        "may_add": can(request.actor, "import.run") and bool(accounts),
        **_overlap(request, creator),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/creator_audience.html", context, status=status)


def _initial() -> dict[str, Any]:
    return {"observed_on": timezone.localdate(), "kind": "shares"}


def _keep(request: PageRequest, given: dict[str, Any], accounts: list[SocialAccount]) -> str:
    account = next(one for one in accounts if str(one.pk) == given["account"])
    moment = datetime.combine(given["observed_on"], time(12), tzinfo=ZoneInfo("UTC"))
    if moment.date() > timezone.localdate():
        raise InvalidInput(fields={"observed_on": [_("This day has not come yet.")]})
    sent = {"label": given["source"], "basis": given["basis"]}
    n = audience.keep_sent(
        actor=request.actor, account=account, kind=given["kind"], rows=given["rows"], observed_at=moment, **sent
    )
    if given["kind"] == "sample":
        return _("%(n)s sampled followers are kept; the score is made anew.") % {"n": n}
    return _("%(n)s shares are kept.") % {"n": n}


def _overlap(request: PageRequest, creator: Any) -> dict[str, Any]:
    """With one list of the workspace, chosen by ?list=."""
    if not can(request.actor, "list.read"):
        return {"lists": [], "chosen": None, "shared": [], "overlap": None}
    lists = audience_profile.lists_for(request.actor)
    asked = request.GET.get("list", "")
    chosen = next((one for one in lists if str(one.pk) == asked), lists[0] if lists and not asked else None)
    shared, figure = audience_profile.overlap_with(request.actor, creator, chosen) if chosen else ([], None)
    return {"lists": lists, "chosen": chosen, "shared": shared, "overlap": figure}


@needs("note.read", change="note.write")
@require_http_methods(["GET", "HEAD", "POST"])
def creator_notes(request: PageRequest, pk: int) -> HttpResponse:
    creator = one_creator(request, pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            notes.write_note(actor=request.actor, creator=creator, text=form.cleaned_data["text"])
        except InvalidInput as error:
            form.add_error("text", error.message)
        else:
            return redirect("creator_notes", pk=pk)
    rows = CreatorNote.visible_to(request.actor).filter(creator=creator)
    context = creator_frame(request, creator, "notes") | {
        "form": form,
        "notes": [(note, note.author_id == request.actor.user_id or can(request.actor, "workspace.change")) for note in rows[:200]],
        "record": CreatorRecord.visible_to(request.actor).filter(creator=creator).exclude(notes="").first(),
        "may_write": can(request.actor, "note.write"),
    }  # fmt: skip
    return render(request, "matching/creator_notes.html", context, status=422 if request.method == "POST" else 200)


@needs("note.write")
@require_POST
def note_remove(request: PageRequest, pk: int) -> HttpResponse:
    creator = one_creator(request, pk)
    rows = CreatorNote.visible_to(request.actor).filter(creator=creator).select_related("workspace")
    try:
        note = get_object_or_404(rows, pk=request.POST.get("note", ""))
    except ValidationError:  # not a uuid
        return redirect("creator_notes", pk=pk)
    try:
        notes.remove_note(actor=request.actor, note=note)
    except DomainError as refusal:
        messages.warning(request, refusal.message)
    return redirect("creator_notes", pk=pk)
