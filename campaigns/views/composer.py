"""The composer: one person, one sentence, the terms, what stands in the way, and how it will look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import DomainError, InvalidInput
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import selectors
from campaigns.forms.answers import InvitationForm
from campaigns.forms.fields import show_faults
from campaigns.letters import preview_invitation
from campaigns.limits import contact_address
from campaigns.notifications import language_of_creator
from campaigns.proposal import proposal
from campaigns.services import invitations
from campaigns.services.invitations import Draft, draft_invitation
from campaigns.views.partnerships import one, reasons


@needs("partnership.change")
@require_http_methods(["GET", "HEAD", "POST"])
def partnership_invite(request: PageRequest, pk: Any) -> HttpResponse:
    """GET: the empty composer. POST with `preview`: how it will read; without: sent, or what refused it."""
    row = one(request, pk)
    if row.partnership.state != "shortlisted":
        return redirect("partnership_detail", pk=pk)
    draft = draft_invitation(actor=request.actor, partnership=row.partnership)
    form = InvitationForm(request.POST or None, initial=_initial(draft))
    status, preview = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" not in request.POST:
                return _send(request, row, form)
            draft = _draft_of(request, row, form)
            preview = _preview(request, draft, form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
        except DomainError as error:
            form.add_error(None, error.message)
            status = error.status
    status = 422 if form.errors and status == 200 else status
    return render(request, "campaigns/invite.html", _context(request, row, form, draft, preview), status=status)


def _initial(draft: Draft) -> dict[str, Any]:
    days = draft.brief.answer_days if draft.brief else 7
    return {"email": contact_address(draft.partnership), "fee": draft.terms.fee, "answer_days": days}


def _terms(form: InvitationForm) -> Any:
    fee = form.cleaned_data["fee"]
    return {} if fee is None else {"fee": fee}


def _draft_of(request: PageRequest, row: selectors.Row, form: InvitationForm) -> Draft:
    email = form.cleaned_data["email"]
    return draft_invitation(actor=request.actor, partnership=row.partnership, email=email, terms=_terms(form))


def _preview(request: PageRequest, draft: Draft, data: dict[str, Any]) -> dict[str, Any]:
    """The page and the message as the creator would get them, in the creator's language."""
    partnership, sentence = draft.partnership, data["personal_sentence"]
    with translation.override(language_of_creator(partnership, draft.brief)):
        page = proposal(partnership, request.actor, draft=draft, sentence=sentence)
        letter = preview_invitation(draft, sentence, timezone.now() + timedelta(days=data["answer_days"]))
    return {"page": page, "letter": letter}


def _context(
    request: PageRequest, row: selectors.Row, form: InvitationForm, draft: Draft, preview: Any
) -> dict[str, Any]:
    partnership = row.partnership
    return {
        "row": row,
        "partnership": partnership,
        "campaign": partnership.campaign,
        "creator": partnership.creator,
        "form": form,
        "draft": draft,
        "preview": preview,
        "preview_language": language_of_creator(partnership, draft.brief),
        "blocks": [block for block in draft.blocks if not block.warning],
        "warnings": [block for block in draft.blocks if block.warning],
        "asks_reason": any(block.code == "recent_contact" for block in draft.blocks),
        "reasons": [item for item in reasons(request.actor, partnership.reasons) if item["sign"] > 0],
        "posts": selectors.recent_posts(request.actor, partnership.creator),
    }


def _send(request: PageRequest, row: selectors.Row, form: InvitationForm) -> HttpResponse:
    data = form.cleaned_data
    invitations.invite(
        actor=request.actor,
        partnership=row.partnership,
        personal_sentence=data["personal_sentence"],
        email=data["email"],
        answer_days=data["answer_days"],
        recent_contact_reason=data["recent_contact_reason"],
        terms=_terms(form),
    )
    messages.success(request, _("Invitation sent to %(name)s.") % {"name": row.partnership.creator.display_name})
    return redirect("partnership_detail", pk=row.partnership.pk)
