"""The creator's page of one piece: draft, remarks, publication. The same behind a link and behind the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.requests import PageRequest
from campaigns import works
from campaigns.forms.fields import show_faults
from campaigns.forms.review import DraftForm, PublishForm, RemarkForm
from campaigns.models import Deliverable, ReviewFile
from campaigns.reviewfiles import path_of
from campaigns.services import publication, review
from campaigns.views.answering import Door
from campaigns.views.deals import by_deal
from campaigns.views.invitation import by_link


def work_url(door: Door, work: Any, step: str = "") -> str:
    name = ("invitation_work" if door.token else "deal_work") + ("_step" if step else "")
    return reverse(name, args=[door.token or door.partnership.pk, work, *([step] if step else [])])


def _one(door: Door, work: Any) -> Deliverable:
    rows = works.with_everything(door.actor).filter(partnership=door.partnership)
    return get_object_or_404(rows, pk=work)


def show(request: PageRequest, door: Door, row: Deliverable, status: int = 200, **forms: Form) -> HttpResponse:
    newest = row.newest_draft
    written = {"text": newest.text, "video_url": newest.video_url} if newest else {}
    caption = row.caption or (newest.text if newest else "")
    published = {"caption": caption, "toggle": bool(row.toggle), "url": row.published_url}
    context = works.page(door.actor, row) | {
        "door": door,
        "layout": door.layout,
        "base": work_url(door, row.pk),
        "draft_form": DraftForm(initial=written),
        "publish_form": PublishForm(initial=published),
        "remark_form": RemarkForm(),
    }
    return render(request, "campaigns/work.html", context | forms, status=status)


def _step(request: PageRequest, door: Door, work: Any, step: str) -> HttpResponse:
    row = _one(door, work)
    perform, form = _steps(request, door, row).get(step, (None, None))
    if perform is None or form is None:
        raise Http404
    name = {"draft": "draft_form", "remark": "remark_form"}.get(step, "publish_form")
    if not form.is_valid():
        return show(request, door, row, 422, **{name: form})
    try:
        done = perform()
    except InvalidInput as error:
        show_faults(form, error)
        row.refresh_from_db()
        return show(request, door, row, 422, **{name: form})
    except WrongState as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, done)
    return redirect(work_url(door, row.pk))


def _steps(request: PageRequest, door: Door, row: Deliverable) -> dict[str, tuple[Callable[[], str], Form]]:
    """Step of the address → what it does, with its form. The sentence returned says what was done."""
    data, files = request.POST, request.FILES
    draft_form, publish_form, remark_form = DraftForm(data, files), PublishForm(data, files), RemarkForm(data)

    def draft() -> str:
        given = draft_form.cleaned_data
        notices = [name for name in ("images_retouched", "images_virtual") if given[name]]
        review.submit_draft(
            actor=door.actor, deliverable=row, text=given["text"], video_url=given["video_url"],
            note=given["note"], files=given["files"], notices=notices,
        )  # fmt: skip
        return _("Your draft is with the brand.")

    def remark() -> str:
        newest = row.newest_draft
        if newest is None:
            raise WrongState(_("There is no draft yet."))
        review.remark(actor=door.actor, draft=newest, **remark_form.cleaned_data)
        return _("Your remark is there.")

    def publish() -> str:
        found = publication.publish(actor=door.actor, deliverable=row, **publish_form.cleaned_data)
        return _told(found.verdict)

    def correct() -> str:
        found = publication.correct(actor=door.actor, deliverable=row, **publish_form.cleaned_data)
        return _told(found.verdict)

    return {
        "draft": (draft, draft_form),
        "remark": (remark, remark_form),
        "publish": (publish, publish_form),
        "correct": (correct, publish_form),
    }


def _told(verdict: str) -> str:
    if verdict == "clear":
        return _("Thank you. The label is clear; a person of the brand has a last look.")
    return _("Thank you. The label needs mending: see what to change below.")


def send(file: ReviewFile) -> HttpResponse:
    """Always as a download with a type of our own: nothing that was sent here is ever run by a browser."""
    path = path_of(file)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@by_deal
def deal_work(request: PageRequest, door: Door, work: Any) -> HttpResponse:
    return show(request, door, _one(door, work))


@require_POST
@by_deal
def deal_work_step(request: PageRequest, door: Door, work: Any, step: str) -> HttpResponse:
    return _step(request, door, work, step)


@require_safe
@by_deal
def deal_work_file(request: PageRequest, door: Door, file: Any) -> HttpResponse:
    rows = ReviewFile.visible_to(door.actor).filter(deliverable__partnership=door.partnership)
    return send(get_object_or_404(rows, pk=file))


@require_safe
@by_link
def invitation_work(request: PageRequest, door: Door, work: Any) -> HttpResponse:
    return show(request, door, _one(door, work))


@require_POST
@by_link
def invitation_work_step(request: PageRequest, door: Door, work: Any, step: str) -> HttpResponse:
    return _step(request, door, work, step)


@require_safe
@by_link
def invitation_work_file(request: PageRequest, door: Door, file: Any) -> HttpResponse:
    rows = ReviewFile.visible_to(door.actor).filter(deliverable__partnership=door.partnership)
    return send(get_object_or_404(rows, pk=file))
