"""What follows from events of people and workspaces. Each handler may run twice and then changes nothing twice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.events import reaction
from accounts.mail import queue_mail
from accounts.models import Event, Job, Membership
from accounts.webhooks.messages import presents


@presents("job")
def job_of_message(actor: Actor, pk: str) -> dict[str, Any] | None:
    from accounts.api.presenters import JobSerializer  # the API's modules need every model loaded

    job = Job.visible_to(actor).filter(pk=pk).first()
    return dict(JobSerializer(job).data) if job else None


@reaction("webhook_pause_mail", "webhook_endpoint.paused")
def tell_of_pause(event: Event) -> None:
    """Owners and administrators learn that a partner system no longer hears from us, unless one of them paused it."""
    if event.data.get("reason") == "by_hand":
        return
    link = settings.BASE_URL + reverse("developer_endpoint", args=[event.object_id])
    members = Membership.objects.select_related("user", "workspace").filter(
        workspace_id=event.workspace_id, role__in=["owner", "admin"], suspended_at__isnull=True
    )
    for member in members:
        with translation.override(member.user.language):
            names = {"url": event.data.get("url", ""), "workspace": member.workspace.name, "link": link}
            if event.data.get("reason") == "gone":
                why = _("It answered that it is gone for good (410).")
            else:
                why = _("It has taken no message for 24 hours.")
            subject = _("Webhooks to %(url)s were paused") % names
            text = _(
                "Resonance no longer sends the events of %(workspace)s to %(url)s.\n\n%(why)s\n\n"
                "Nothing is lost: what happens now is kept, and sent when you resume the endpoint:\n%(link)s"
            ) % (names | {"why": why})
        queue_mail(
            dedupe_key=f"webhook-paused:{event.pk}:{member.user_id}",
            kind="webhook_paused",
            to=member.user.email,
            subject=subject,
            text=text,
            language=member.user.language,
            workspace_id=event.workspace_id,
        )
