"""The mail about a promo code that seems to be used by others than its creator's audience."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail import queue_mail
from accounts.models import Event, Membership
from campaigns.models import PromoCode
from campaigns.services.code_leaks import sign_words

ROLES = ("owner", "admin", "manager")


def notify_leak(event: Event) -> None:
    """Those who run campaigns learn it once; the same event twice queues nothing twice."""
    code = (
        PromoCode.objects.select_related("campaign__brand", "partnership__creator").filter(pk=event.object_id).first()
    )
    if code is None:
        return
    link = f"{settings.BASE_URL}{reverse('campaign_links', args=[code.campaign_id])}#codes"
    rows = Membership.objects.filter(workspace_id=code.workspace_id, role__in=ROLES, suspended_at__isnull=True)
    for member in rows.filter(user__is_active=True).select_related("user"):
        with translation.override(member.user.language):
            words = sign_words()
            names = {
                "code": code.code,
                "campaign": code.campaign.name,
                "creator": code.partnership.creator.display_name if code.partnership else "–",
                "signs": "\n".join(f"– {words[sign]}" for sign in event.data.get("signs", []) if sign in words),
                "link": link,
            }
            subject = _("The code %(code)s may have leaked") % names
            text = (
                _(
                    "The code %(code)s of %(creator)s (%(campaign)s) shows signs of being used by others than their"
                    " audience:\n\n%(signs)s\n\nThis accuses nobody: a code that is read aloud has no clicks either. Look at"
                    " its uses, and pause it here and in the shop if need be:\n%(link)s"
                )
                % names
            )
        queue_mail(
            dedupe_key=f"leak:{event.pk}:{member.user_id}", kind="code_leaking", to=member.user.email, subject=subject,
            text=text, language=member.user.language, workspace_id=code.workspace_id,
        )  # fmt: skip
