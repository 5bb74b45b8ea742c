"""Several invitations side by side: still one sentence per person, each checked and sent on its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import formset_factory
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.errors import DomainError, InvalidInput
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import personal, selectors
from campaigns.drafts import unedited
from campaigns.forms.answers import BulkLineForm
from campaigns.models import Partnership
from campaigns.services import invitations
from campaigns.services.invitations import draft_invitation, names_of
from campaigns.views.campaigns import frame, one
from campaigns.views.composer import drafts_for

MOST = 20
Lines = formset_factory(BulkLineForm, extra=0, max_num=MOST, absolute_max=MOST)


@needs("partnership.change")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_invite(request: PageRequest, pk: Any) -> HttpResponse:
    """GET: everybody on the shortlist with what stands in the way. POST `check`: row by row; else what is ready goes out."""
    campaign = one(request, pk)
    found = selectors.partnerships(request.actor).filter(campaign=campaign, state="shortlisted").order_by("created_at")
    rows: dict[str, Partnership] = {str(row.pk): row for row in found[:MOST]}
    sent: list[str] = []
    if request.method == "POST":
        formset = Lines(request.POST, prefix="lines")
        lines = _judged(request, formset, rows) if formset.is_valid() else []
        if "check" not in request.POST:
            sent = _send(request, lines)
            if sent and len(sent) == len([line for line in lines if line["written"]]):
                _say(request, sent)
                return redirect("campaign_pipeline", pk=pk)
            _say(request, sent)
    else:
        formset = Lines(initial=[{"partnership": key} for key in rows], prefix="lines")
        lines = [_line(request, row, form, "", "") for row, form in zip(rows.values(), formset, strict=True)]
    context = frame(request, campaign, "pipeline") | {
        "formset": formset,
        "lines": [line for line in lines if line["name"] not in sent],
        "left_out": max(0, found.count() - len(rows)),
        "checked": request.method == "POST",
    }
    return render(request, "campaigns/invite_several.html", context)


def _line(request: PageRequest, row: Partnership, form: Any, sentence: str, reason: str) -> dict[str, Any]:
    """One person: what stands in the way now, and what is wrong with the sentence."""
    draft = draft_invitation(actor=request.actor, partnership=row)
    blocks = [b for b in draft.blocks if not b.warning and not (b.code == "recent_contact" and len(reason) >= 10)]
    return {
        "row": row,
        "form": form,
        "name": row.creator.display_name,
        "blocks": blocks,
        "asks_reason": any(block.code == "recent_contact" for block in draft.blocks),
        "faults": [],
        "written": bool(sentence),
        "draft": next(iter(drafts_for(request, row, draft.brief)), None),
        "sentence": sentence,
        "reason": reason,
        "refusal": "",
    }


def _judged(request: PageRequest, formset: Any, rows: dict[str, Partnership]) -> list[dict[str, Any]]:
    """Every line with its reasons. Sentences are compared with each other too, the first of two alike stands."""
    lines: list[dict[str, Any]] = []
    before: list[tuple[str, list[str]]] = []
    for form in formset:
        row = rows.get(str(form.cleaned_data.get("partnership")))
        if row is None:  # invited meanwhile, or not ours
            continue
        sentence = form.cleaned_data["personal_sentence"]
        line = _line(request, row, form, sentence, form.cleaned_data["recent_contact_reason"])
        if sentence:
            names = names_of(row.creator)
            draft = unedited(sentence)
            line["faults"] = [draft] if draft else personal.faults(sentence, names=names, others=before)
            before.append((sentence, names))
        lines.append(line)
    return lines


def _send(request: PageRequest, lines: list[dict[str, Any]]) -> list[str]:
    """Sends the lines that are ready, each in its own transaction. Returns to whom it went."""
    sent = []
    for line in lines:
        if not line["written"] or line["faults"] or line["blocks"]:
            continue
        try:
            invitations.invite(
                actor=request.actor,
                partnership=line["row"],
                personal_sentence=line["sentence"],
                recent_contact_reason=line["reason"],
            )
        except InvalidInput as error:
            line["faults"] = [text for texts in error.fields.values() for text in texts] or [error.message]
        except DomainError as error:
            line["refusal"] = error.message
        else:
            sent.append(line["name"])
    return sent


def _say(request: PageRequest, sent: list[str]) -> None:
    if sent:
        text = ngettext("%(n)s invitation sent: %(names)s.", "%(n)s invitations sent: %(names)s.", len(sent))
        messages.success(request, text % {"n": len(sent), "names": ", ".join(sent)})
    else:
        messages.warning(request, _("Nothing was sent. Each row says why."))
