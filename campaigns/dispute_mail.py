"""Letters of a ticket: to whoever answers when it is opened, to the creator at every answer."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail import queue_mail
from accounts.models import Event, Membership, User
from campaigns.disputes import subject_label
from campaigns.models import Dispute


def notify(event: Event) -> None:
    dispute = Dispute.objects.select_related("creator__user").filter(pk=event.object_id).first()
    if dispute is None or (event.kind == "dispute.answered" and dispute.closed_at == event.at):
        return  # answered and decided in one step: one letter
    to_creator = event.actor_kind != "creator"
    for user in _creator(dispute) if to_creator else _answerers(dispute):
        with translation.override(user.language):
            _write(event, dispute, user, to_creator)


def _creator(dispute: Dispute) -> list[User]:
    return [dispute.creator.user] if dispute.creator.user else []


def _answerers(dispute: Dispute) -> list[User]:
    if dispute.workspace_id is None:
        return list(User.objects.filter(is_staff=True, is_active=True)[:20])
    roles = ("owner", "admin", "manager")
    found = Membership.objects.filter(workspace_id=dispute.workspace_id, role__in=roles, suspended_at__isnull=True)
    return [row.user for row in found.select_related("user")[:20]]


def _write(event: Event, dispute: Dispute, user: User, to_creator: bool) -> None:
    label = subject_label(dispute)
    page = reverse("creator_dispute" if to_creator else "dispute_detail", args=[dispute.pk])
    last = dispute.entries.order_by("-at", "-pk").first()
    opening = {
        "accepted": _("What you contested was put right: %(label)s."),
        "rejected": _("What you contested stays as it is: %(label)s. The reason stands below."),
    }
    told = opening.get(dispute.state) if event.kind in ("dispute.accepted", "dispute.rejected") else None
    told = told or (_("There is an answer about: %(label)s.") if to_creator else _("A creator contests: %(label)s."))
    subject = _("Your ticket: %(label)s") if to_creator else _("Contested: %(label)s")
    text = "\n\n".join([told % {"label": label}, last.text if last else "", settings.BASE_URL + page])
    queue_mail(
        dedupe_key=f"dispute:{event.pk}:{user.pk}", kind="dispute", to=user.email, subject=subject % {"label": label},
        text=text, language=user.language, workspace_id=dispute.workspace_id, at=event.at,
    )  # fmt: skip
