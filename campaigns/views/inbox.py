"""The brand's inbox: threads that wait, one thread with its partnership beside it, assigning and putting off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages as toasts
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import inbox, selectors
from campaigns.models import Message
from campaigns.services import messages as service
from campaigns.views import talking
from campaigns.views.desk import Desk, desk

LABELS = {
    "waiting": gettext_lazy("Waiting for you"),
    "mine": gettext_lazy("Assigned to you"),
    "unassigned": gettext_lazy("Nobody's yet"),
    "snoozed": gettext_lazy("Put off"),
    "all": gettext_lazy("All threads"),
}
PAGE = 50
SNOOZES = (
    ("1", gettext_lazy("until tomorrow")),
    ("3", gettext_lazy("for three days")),
    ("7", gettext_lazy("for a week")),
)


@needs("message.read", desk=True)
@require_safe
def inbox_list(request: PageRequest) -> HttpResponse:
    folder = request.GET.get("folder", "waiting")
    folder = folder if folder in inbox.FOLDERS else "waiting"
    counts = inbox.counts(request.actor)
    times = inbox.reply_times(request.actor)
    context = {
        "folder": folder,
        "label": LABELS[folder],
        "folders": [(name, LABELS[name], f"?folder={name}", counts[name]) for name in inbox.FOLDERS],
        "lines": inbox.lines(request.actor, inbox.threads(request.actor, folder)[:PAGE]),
        "more": max(0, counts[folder] - PAGE),
        "times": [(side, _duration(times[side])) for side in ("brand", "creator")],
    }
    return render(request, "campaigns/inbox.html", context)


def _duration(found: inbox.ReplyTime) -> dict[str, Any]:
    shown = inbox.in_words(found.median)
    n = shown["n"]
    words = {
        "minutes": lambda: ngettext("%(n)s minute", "%(n)s minutes", n),
        "hours": lambda: ngettext("%(n)s hour", "%(n)s hours", n),
        "days": lambda: ngettext("%(n)s day", "%(n)s days", n),
    }
    return {"text": words[shown["unit"]]() % {"n": n} if n is not None else "–", "n": found.n}


@needs("message.read", desk=True)
@require_safe
def thread(request: PageRequest, pk: Any) -> HttpResponse:
    """Opening it by hand counts as reading it; a role that may not write only looks."""
    where = desk(request, pk)
    response = _page(request, where)
    if can(request.actor, "message.write", where.partnership):
        service.mark_read(actor=request.actor, partnership=where.partnership)
    return response


def _page(request: PageRequest, where: Desk, form: Any = None, status: int = 200) -> HttpResponse:
    partnership = where.partnership
    context = {
        "partnership": partnership,
        "campaign": partnership.campaign,
        "creator": partnership.creator,
        "row": selectors.row_of(request.actor, partnership),
        "talk": talking.talk(where, form),
        "people": service.writers(partnership),
        "snoozes": SNOOZES,
        "now": timezone.now(),
    }
    return render(request, "campaigns/thread_page.html", context, status=status)


@needs("message.write", desk=True)
@require_POST
def partnership_message(request: PageRequest, pk: Any) -> HttpResponse:
    where = desk(request, pk)
    return talking.write(request, where, lambda form, status: _page(request, where, form, status))


@needs("message.write", desk=True)
@require_POST
def partnership_message_answer(request: PageRequest, pk: Any, message: Any) -> HttpResponse:
    return talking.tap(request, desk(request, pk), message)


@needs("message.sort")
@require_POST
def thread_sort(request: PageRequest, pk: Any) -> HttpResponse:
    """One button of the thread's side: assign, snooze, wake, settle."""
    partnership = desk(request, pk).partnership
    wish = request.POST.get("do", "")
    try:
        if wish == "assign":
            user = request.POST.get("user", "")
            service.assign(
                actor=request.actor,
                partnership=partnership,
                user_id=int(user) if user.isascii() and user.isdigit() else None,
            )
            toasts.success(request, _("Noted who looks after it."))
        elif wish == "snooze" and request.POST.get("days") in dict(SNOOZES):
            until = timezone.now() + timedelta(days=int(request.POST["days"]))
            service.snooze(actor=request.actor, partnership=partnership, until=until)
            toasts.success(request, _("Put off. It comes back by itself, or when the creator writes."))
            return redirect("inbox_list")
        elif wish == "wake":
            service.snooze(actor=request.actor, partnership=partnership, until=None)
        elif wish == "settle":
            service.settle(actor=request.actor, partnership=partnership)
            toasts.success(request, _("Nothing waits for an answer here any more."))
    except InvalidInput as error:
        toasts.warning(request, next(iter(error.fields.values()))[0])
    return redirect("thread", pk=pk)


@needs("message.sort")
@require_POST
def held_message(request: PageRequest, pk: Any, message: Any) -> HttpResponse:
    """A message held back: let in, or thrown away."""
    where = desk(request, pk)
    rows = Message.visible_to(request.actor).filter(partnership=where.partnership)
    row = get_object_or_404(rows.select_related("partnership__campaign"), pk=message)
    try:
        if request.POST.get("do") == "let_in":
            service.let_in(actor=request.actor, message=row)
        else:
            service.discard(actor=request.actor, message=row)
            toasts.success(request, _("Thrown away."))
    except WrongState as error:
        toasts.warning(request, error.message)
    return redirect("thread", pk=pk)
