"""The composer: one person, one sentence, the terms, what stands in the way, and how it will look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import DomainError, InvalidInput, WrongState
from accounts.requests import PageRequest
from accounts.templatetags.figures import moment
from accounts.views.access import needs
from accounts.zone import zone
from campaigns import selectors
from campaigns.drafts import Said, Sketch, sketches
from campaigns.forms.answers import SendingForm
from campaigns.forms.fields import show_faults
from campaigns.letters import Letter, preview_invitation
from campaigns.limits import contact_address
from campaigns.models import Brief, Partnership
from campaigns.notifications import language_of_creator, send_test
from campaigns.proposal import proposal
from campaigns.services import invitations
from campaigns.services.invitations import Draft, draft_invitation
from campaigns.services.scheduling import schedule_invitation, unschedule, waiting_for
from campaigns.views.desk import one
from campaigns.views.partnerships import reasons


@needs("partnership.change")
@require_http_methods(["GET", "HEAD", "POST"])
def partnership_invite(request: PageRequest, pk: Any) -> HttpResponse:
    """GET: the empty composer. POST with `preview`: how it will read; `test`: to me; `draft`: a beginning; else: sent."""
    row = one(request, pk)
    if row.partnership.state != "shortlisted":
        return redirect("partnership_detail", pk=pk)
    with timezone.override(zone(row.partnership.campaign.workspace.timezone)):
        return _compose(request, row)


def _compose(request: PageRequest, row: selectors.Row) -> HttpResponse:
    draft = draft_invitation(actor=request.actor, partnership=row.partnership)
    if "draft" in request.POST:
        return _begin(request, row, draft)
    form = SendingForm(request.POST or None, initial=_initial(draft))
    status, preview = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" not in request.POST and "test" not in request.POST:
                return _send(request, row, form)
            draft = _draft_of(request, row, form)
            preview = _preview(request, draft, form.cleaned_data)
            if "test" in request.POST:
                _test(request, draft, preview["letter"])
        except InvalidInput as error:
            show_faults(form, error)
        except DomainError as error:
            form.add_error(None, error.message)
            status = error.status
    status = 422 if form.errors and status == 200 else status
    return render(request, "campaigns/invite.html", _context(request, row, form, draft, preview), status=status)


def drafts_for(request: PageRequest, partnership: Partnership, brief: Brief | None) -> list[Sketch]:
    """Beginnings that quote the posts behind the match first, then the newest ones."""
    posts = selectors.posts_to_quote(request.actor, partnership)
    said = [Said(post.caption, post.posted_at, post.url) for post in posts]
    product = (brief.product if brief else "") or partnership.campaign.name
    return sketches(said, product=product, language=language_of_creator(partnership, brief))


def _begin(request: PageRequest, row: selectors.Row, draft: Draft) -> HttpResponse:
    """The form again with a draft in it: somewhere to begin, not something to send."""
    found = drafts_for(request, row.partnership, draft.brief)
    place = request.POST.get("draft", "")
    typed = {name: request.POST.get(name) for name in SendingForm.base_fields if request.POST.get(name)}
    if place.isascii() and place.isdigit() and int(place) < len(found):
        typed["personal_sentence"] = found[int(place)].text
    form = SendingForm(initial=_initial(draft) | typed)
    return render(request, "campaigns/invite.html", _context(request, row, form, draft, None))


def _test(request: PageRequest, draft: Draft, letter: Letter) -> None:
    """The message to oneself. Its button opens the composer, never somebody's invitation."""
    creator = draft.partnership.creator.display_name
    text = _("This is how %(name)s would read it.") % {"name": creator}
    send_test(actor=request.actor, partnership=draft.partnership, letter=letter, to=request.user.email, note=text)
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})


def _initial(draft: Draft) -> dict[str, Any]:
    days = draft.brief.answer_days if draft.brief else 7
    return {"email": contact_address(draft.partnership), "fee": draft.terms.fee, "answer_days": days}


def _terms(form: SendingForm) -> Any:
    fee = form.cleaned_data["fee"]
    return {} if fee is None else {"fee": fee}


def _draft_of(request: PageRequest, row: selectors.Row, form: SendingForm) -> Draft:
    email = form.cleaned_data["email"]
    return draft_invitation(actor=request.actor, partnership=row.partnership, email=email, terms=_terms(form))


def _preview(request: PageRequest, draft: Draft, data: dict[str, Any]) -> dict[str, Any]:
    """The page and the message as the creator would get them, in the creator's language."""
    partnership, sentence = draft.partnership, data["personal_sentence"]
    with translation.override(language_of_creator(partnership, draft.brief)):
        page = proposal(partnership, request.actor, draft=draft, sentence=sentence)
        letter = preview_invitation(draft, sentence, timezone.now() + timedelta(days=data["answer_days"]))
    return {"page": page, "letter": letter}


def _context(request: PageRequest, row: selectors.Row, form: SendingForm, draft: Draft, preview: Any) -> dict[str, Any]:
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
        "drafts": drafts_for(request, partnership, draft.brief),
        "scheduled": waiting_for(partnership),
    }


def _send(request: PageRequest, row: selectors.Row, form: SendingForm) -> HttpResponse:
    data = form.cleaned_data
    common = {
        "actor": request.actor,
        "partnership": row.partnership,
        "personal_sentence": data["personal_sentence"],
        "email": data["email"],
        "answer_days": data["answer_days"],
        "recent_contact_reason": data["recent_contact_reason"],
        "terms": _terms(form),
        "follow_ups": data["follow_ups"] or 0,
    }
    name = {"name": row.partnership.creator.display_name}
    if data["send_at"]:
        kept = schedule_invitation(send_at=data["send_at"], **common)
        messages.success(request, _("Goes to %(name)s on %(moment)s.") % (name | {"moment": moment(kept.send_at)}))
    else:
        invitations.invite(**common)
        messages.success(request, _("Invitation sent to %(name)s.") % name)
    return redirect("partnership_detail", pk=row.partnership.pk)


@needs("partnership.change")
@require_POST
def partnership_unschedule(request: PageRequest, pk: Any) -> HttpResponse:
    row = one(request, pk)
    try:
        unschedule(actor=request.actor, partnership=row.partnership)
    except WrongState as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("It is not sent any more."))
    return redirect("partnership_detail", pk=pk)
