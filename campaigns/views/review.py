"""The brand's side of review: what waits, one piece with its drafts, the calendar, and the guest's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api.limits import spend
from accounts.client import client_address
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from accounts.zone import zone
from campaigns import works
from campaigns.forms.fields import show_faults
from campaigns.forms.review import (
    AnswerForm,
    GuestForm,
    GuestRemarkForm,
    PublishForm,
    ReasonForm,
    RemarkForm,
    ReopenForm,
)
from campaigns.models import Deliverable, GuestLink, ReviewFile
from campaigns.services import publication, review
from campaigns.views.work import send

GROUPS = (
    ("waiting", ("draft_submitted", "published", "missed")),
    ("making", ("planned", "changes_requested", "approved")),
    ("verified", ("verified",)),
    ("cancelled", ("cancelled",)),
)
SHOWN_MOST = 200


@needs("deliverable.read")
@require_safe
def review_list(request: PageRequest) -> HttpResponse:
    """What waits for an answer first; the rest by state."""
    if request.actor.workspace_id is None:
        return redirect("deal_list")
    labels = {
        "waiting": _("For you"),
        "making": _("With the creators"),
        "verified": pgettext("a publication", "Verified"),
        "cancelled": _("Cancelled"),
    }
    rows = works.deliverables(request.actor)
    chosen = request.GET.get("show", "waiting")
    chosen = chosen if chosen in labels else "waiting"
    tabs = [(key, labels[key], f"?show={key}", rows.filter(state__in=states).count()) for key, states in GROUPS]
    found = rows.filter(state__in=dict(GROUPS)[chosen]).order_by(
        "state_changed_at" if chosen == "waiting" else "due_on", "pk"
    )
    context = {"tabs": tabs, "show": chosen, "works": works.works(found[:SHOWN_MOST])}
    return render(request, "campaigns/review_list.html", context)


def _one(request: PageRequest, pk: Any) -> Deliverable:
    return get_object_or_404(works.with_everything(request.actor), pk=pk)


@needs("deliverable.read")
@require_safe
def deliverable_detail(request: PageRequest, pk: Any) -> HttpResponse:
    row = _one(request, pk)
    if request.actor.workspace_id is None:
        return redirect("deal_work", pk=row.partnership_id, work=row.pk)
    return _detail(request, row)


def _detail(request: PageRequest, row: Deliverable, status: int = 200, **forms: Any) -> HttpResponse:
    newest = row.newest_draft
    caption = {"caption": row.caption, "toggle": bool(row.toggle), "url": row.published_url}
    context = works.page(request.actor, row) | {
        "campaign": row.partnership.campaign,
        "newest": newest,
        "base": reverse("deliverable_detail", args=[row.pk]),
        "may_review": can(request.actor, "deliverable.review", row),
        "guest_links": [link for link in row.guest_links.all() if link.open_at(timezone.now())],
        "answer_form": AnswerForm(),
        "remark_form": RemarkForm(),
        "reason_form": ReasonForm(),
        "guest_form": GuestForm(),
        "reopen_form": ReopenForm(),
        "publish_form": PublishForm(initial=caption),
    }
    with timezone.override(zone(row.partnership.campaign.workspace.timezone)):
        return render(request, "campaigns/deliverable_detail.html", context | forms, status=status)


@needs("deliverable.review")
@require_POST
def deliverable_step(request: PageRequest, pk: Any, step: str) -> HttpResponse:
    row = _one(request, pk)
    found = _steps(request, row).get(step)
    if found is None:
        raise Http404
    name, form, perform = found
    if not form.is_valid():
        return _detail(request, row, 422, asked=step, **{name: form})
    try:
        told = perform(form.cleaned_data)
    except InvalidInput as error:
        show_faults(form, error)
        row.refresh_from_db()
        return _detail(request, row, 422, asked=step, **{name: form})
    except WrongState as error:
        messages.warning(request, error.message)
    else:
        if isinstance(told, HttpResponse):
            return told
        messages.success(request, told)
    return redirect("deliverable_detail", pk=row.pk)


Perform = Callable[[dict[str, Any]], Any]


def _steps(request: PageRequest, row: Deliverable) -> dict[str, tuple[str, Form, Perform]]:
    """Step → the form's name on the page, the form, what it does."""
    actor, data = request.actor, request.POST

    def approve(given: dict[str, Any]) -> str:
        review.approve(actor=actor, deliverable=row, note=given["note"])
        return _("Approved. The creator may publish.")

    def change(given: dict[str, Any]) -> str:
        review.request_changes(actor=actor, deliverable=row, note=given["note"])
        return _("The creator is told what should change.")

    def reject(given: dict[str, Any]) -> str:
        review.reject(actor=actor, deliverable=row, note=given["note"])
        return _("The piece is rejected; the creator reads why.")

    def remark(given: dict[str, Any]) -> str:
        if row.newest_draft is None:
            raise WrongState(_("There is no draft yet."))
        review.remark(actor=actor, draft=row.newest_draft, **given)
        return _("Your remark is there.")

    def verify(given: dict[str, Any]) -> str:
        publication.verify(actor=actor, deliverable=row, ticks=data.getlist("ticks"), check_id=data.get("check"))
        return _("Verified. The proof is kept.")

    def waive(given: dict[str, Any]) -> str:
        publication.waive(actor=actor, deliverable=row, reason=given["reason"])
        return _("Let pass, with your reason in the register.")

    def cancel(given: dict[str, Any]) -> str:
        review.cancel(actor=actor, deliverable=row, reason=given["reason"])
        return _("The piece is taken off.")

    def reopen(given: dict[str, Any]) -> str:
        review.reopen(actor=actor, deliverable=row, due_on=given["due_on"])
        return _("The new date is set.")

    def recheck(given: dict[str, Any]) -> str:
        publication.recheck(actor=actor, deliverable=row)
        return _("Checked again by the rules of today.")

    def publish(given: dict[str, Any]) -> str:
        publication.publish(actor=actor, deliverable=row, **given)
        return _("The publication is entered.")

    def correct(given: dict[str, Any]) -> str:
        publication.correct(actor=actor, deliverable=row, **given)
        return _("The caption is checked again.")

    def guest(given: dict[str, Any]) -> HttpResponse:
        link, token = review.invite_guest(actor=actor, deliverable=row, name=given["name"], days=given["days"])
        address = settings.BASE_URL + reverse("guest_review", args=[token])
        fresh = _one(request, row.pk)
        return _detail(request, fresh, made_link=link, made_address=address)

    def close_guest(given: dict[str, Any]) -> str:
        link = next((link for link in row.guest_links.all() if str(link.pk) == data.get("link")), None)
        if link is not None:
            review.close_guest_link(actor=actor, link=link)
        return _("The link is closed.")

    answer, reason, publish_form = AnswerForm(data), ReasonForm(data), PublishForm(data, request.FILES)
    return {
        "approve": ("answer_form", answer, approve),
        "request_changes": ("answer_form", answer, change),
        "reject": ("answer_form", answer, reject),
        "remark": ("remark_form", RemarkForm(data), remark),
        "verify": ("verify_form", Form(data), verify),
        "waive": ("reason_form", reason, waive),
        "cancel": ("reason_form", reason, cancel),
        "reopen": ("reopen_form", ReopenForm(data), reopen),
        "recheck": ("recheck_form", Form(data), recheck),
        "publish": ("publish_form", publish_form, publish),
        "correct": ("publish_form", publish_form, correct),
        "guest": ("guest_form", GuestForm(data), guest),
        "close_guest": ("guest_form", Form(data), close_guest),
    }


@needs("deliverable.read")
@require_safe
def deliverable_file(request: PageRequest, pk: Any) -> HttpResponse:
    return send(get_object_or_404(ReviewFile.visible_to(request.actor), pk=pk))


@needs("deliverable.read")
@require_safe
def calendar(request: PageRequest) -> HttpResponse:
    """Due days of a month at the brand's desk. ?month=2026-12. A creator has one calendar, with every date of a deal."""
    if request.actor.kind == "creator":
        return redirect("deal_calendar")
    today = timezone.localdate()
    first = _month(request.GET.get("month", ""), today)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    weeks = works.month(request.actor, first, today)
    context = {
        "weeks": weeks,
        "days": [day for week in weeks for day in week if day.works and day.inside],
        "first": first,
        "before": before,
        "after": after,
        "names": weeks[0],
    }
    return render(request, "campaigns/calendar.html", context)


def _month(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)


GUEST_PER_MINUTE = 60


@require_http_methods(["GET", "HEAD", "POST"])
def guest_review(request: PageRequest, token: str) -> HttpResponse:
    """A guest reads the drafts of one piece and says what they think. No account; the link ends by itself."""
    if spend(f"guest:{client_address(request)}", GUEST_PER_MINUTE).remaining < 0:
        return _private(render(request, "campaigns/invitation_busy.html", status=429))
    link = review.open_guest_link(token=token)
    if link is None:
        return _private(render(request, "campaigns/guest_gone.html", status=404))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and link.created_by:
        translation.activate(link.created_by.language)
    row = link.deliverable
    newest = row.drafts.prefetch_related("remarks", "files", "checks").first()
    form = GuestRemarkForm(request.POST or None)
    status = 200
    if request.method == "POST" and newest is not None:
        status = 422
        if form.is_valid():
            try:
                review.guest_remark(link=link, draft=newest, **form.cleaned_data)
            except (InvalidInput, WrongState) as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Thank you. The brand reads it."))
                return _private(redirect("guest_review", token=token))
    context = {
        "link": link,
        "row": row,
        "work": works.work_of(row),
        "item": works.shown_draft(newest, row) if newest else None,
        "brand": row.partnership.campaign.brand,
        "creator": row.partnership.creator,
        "form": form,
        "token": token,
    }
    return _private(render(request, "campaigns/guest_review.html", context, status=status))


@require_safe
def guest_file(request: PageRequest, token: str, pk: Any) -> HttpResponse:
    """A picture of the newest draft, for who holds the link."""
    link: GuestLink | None = review.open_guest_link(token=token)
    newest = link.deliverable.drafts.first() if link else None
    if newest is None:
        raise Http404
    return _private(send(get_object_or_404(newest.files, pk=pk)))


guest_review.verb = guest_file.verb = None  # type: ignore[attr-defined]  # open to whoever holds the link


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
