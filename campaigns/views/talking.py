"""The thread of a partnership, the same for both sides: reading, writing, answering with one tap."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as toasts
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from campaigns.cowriting import LABELS
from campaigns.forms.fields import show_faults
from campaigns.forms.messages import MessageForm, TapForm
from campaigns.limits import RUNNING, WAITING
from campaigns.models import Message, Thread
from campaigns.services import messages as service
from campaigns.views.cowriting import Side

MOST = 200


def talk(side: Side, form: MessageForm | None = None) -> dict[str, Any]:
    """What the thread shows. Changes nothing by itself."""
    partnership, actor = side.partnership, side.actor
    rows = list(
        Message.visible_to(actor)
        .filter(partnership=partnership)
        .select_related("author", "answers", "answered_by")
        .order_by("-created_at", "-pk")[:MOST]
    )[::-1]
    thread = Thread.visible_to(actor).filter(partnership=partnership).first()
    read_at = getattr(thread, f"{actor.side}_read_at", None)
    open_ = partnership.invited_at is not None and (
        partnership.state in service.TALKING
        or (actor.side == "creator" and timezone.now() - partnership.state_changed_at < service.LISTENING)
    )
    return {
        "items": [_shown(side, row, read_at) for row in rows],
        "form": form or MessageForm(),
        "may_write": open_ and can(actor, "message.write", partnership),
        "may_sort": can(actor, "message.sort", partnership),
        "thread": thread,
        "mine": actor.side,
        "unread": sum(1 for row in rows if row.side != actor.side and (read_at is None or row.created_at > read_at)),
        "write_url": side.url("message"),
        "other": partnership.creator.display_name if actor.side == "brand" else partnership.campaign.brand.name,
        "early": partnership.state in WAITING,
        "running": partnership.state in RUNNING,
    }


def _shown(side: Side, row: Message, read_at: Any) -> dict[str, Any]:
    partnership, mine = side.partnership, row.side == side.actor.side
    brand = partnership.campaign.brand.name
    who = partnership.creator.display_name if row.side == "creator" else brand
    if row.side == "brand" and side.actor.side == "brand":
        who = row.author.display_name if row.author else row.author_name or brand
    answered = getattr(row, "answered_by", None)
    return {
        "row": row,
        "who": row.author_name if row.held else who,
        "mine": mine,
        "new": not mine and (read_at is None or row.created_at > read_at),
        "about": LABELS.get(row.about, ""),
        "tap": bool(row.asks) and not mine and answered is None and can(side.actor, "message.write", partnership),
        "answered": answered,
        "tap_url": side.url("message_answer", row.pk),
    }


def write(request: PageRequest, side: Side, show: Any) -> HttpResponse:
    """POST: sends; a fault shows the page again with what was written."""
    form = MessageForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            service.write(actor=side.actor, partnership=side.partnership, **form.content())
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            form.add_error(None, error.message)
            status = error.status
        else:
            toasts.success(request, _("Sent."))
            return redirect(here(side))
    response: HttpResponse = show(form, status)
    return response


def here(side: Side) -> str:
    where = reverse("thread", args=[side.partnership.pk]) if side.actor.side == "brand" else side.url()
    return where + "#thread"


def tap(request: PageRequest, side: Side, pk: Any) -> HttpResponse:
    """The ready answer. The second tap finds it given."""
    row = get_object_or_404(Message.visible_to(side.actor).filter(partnership=side.partnership), pk=pk)
    form = TapForm(request.POST)
    try:
        data = form.cleaned_data if form.is_valid() else {"value": ""}
        service.answer(actor=side.actor, message=row, value=data["value"], note=data.get("note", ""))
    except InvalidInput as error:
        toasts.warning(request, next(iter(error.fields.values()))[0] if error.fields else error.message)
    except WrongState as error:
        toasts.warning(request, error.message)
    else:
        toasts.success(request, _("Your answer is sent."))
    return redirect(here(side))
