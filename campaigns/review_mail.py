"""Letters about pieces: a draft to look at, changes asked, approved, late, missed, a label that is not clear."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mail import queue_mail
from accounts.models import Event
from accounts.templatetags.figures import day
from accounts.zone import zone
from campaigns.deliverables import described
from campaigns.disclosure.wording import said
from campaigns.letters import Letter
from campaigns.models import Deliverable, DisclosureCheck
from campaigns.notifications import Reader, brand_readers, creator_readers
from campaigns.services.links import new_link

# event → who is written to
_READERS = {
    "deliverable.draft_submitted": ("brand",),
    "deliverable.changes_requested": ("creator",),
    "deliverable.approved": ("creator",),
    "deliverable.published": ("brand",),
    "deliverable.verified": ("creator",),
    "deliverable.late": ("creator",),
    "deliverable.missed": ("creator", "brand"),
    "deliverable.planned": ("creator",),
    "deliverable.cancelled": ("creator",),
    "disclosure.flagged": ("creator", "brand"),
}


def piece(deliverable: Deliverable) -> str:
    """ "1 short video", "3 stories", in the language in force."""
    item = {"format": deliverable.format, "quantity": deliverable.quantity, "platform": deliverable.platform}
    return str(described([item])[0]["words"])


def notify(event: Event) -> int:
    """Queues the letters of an event of a piece; twice the same event queues nothing twice. Returns how many."""
    sides = _READERS.get(event.kind, ())
    # Created with the acceptance, or ended together with the partnership, which has its own letter.
    if not sides or event.data.get("with") == "partnership" or event.object_type != "deliverable":
        return 0
    row = (
        Deliverable.objects.select_related(
            "partnership__campaign__brand", "partnership__campaign__workspace", "partnership__creator__source",
            "partnership__creator__user", "partnership__brief", "partnership__invited_by",
        )
        .filter(pk=event.object_id, partnership__creator__erased_at__isnull=True)
        .first()
    )  # fmt: skip
    if row is None:
        return 0
    count = 0
    for side in sides:
        for reader in brand_readers(row.partnership) if side == "brand" else creator_readers(row.partnership):
            _queue(event, row, reader)
            count += 1
    return count


def _queue(event: Event, row: Deliverable, reader: Reader) -> None:
    workspace = row.partnership.campaign.workspace
    if reader.side == "creator":
        token = new_link(row.partnership, now=event.at)
        base = settings.BASE_URL + reverse("invitation", args=[token])
        url = settings.BASE_URL + reverse("invitation_work", args=[token, row.pk])
        reader = Reader(reader.address, reader.name, reader.language, "creator", url, f"{base}stop/", reader.why)
    else:
        url = settings.BASE_URL + reverse("deliverable_detail", args=[row.pk])
        reader = Reader(reader.address, reader.name, reader.language, "brand", url)
    with translation.override(reader.language), timezone.override(zone(workspace.timezone)):
        letter = _letter(event, row, reader.side)
        context = {
            "letter": letter, "reader": reader, "brand": row.partnership.campaign.brand.name, "language": reader.language,
        }  # fmt: skip
        queue_mail(
            dedupe_key=f"deliverable:{event.pk}:{reader.side}:{reader.address}"[:160],
            kind=event.kind.replace(".", "_"),
            to=reader.address,
            subject=letter.subject,
            text=render_to_string("emails/letter.txt", context),
            html=render_to_string("emails/letter.html", context),
            language=reader.language,
            workspace_id=workspace.pk,
            at=event.at,
        )


def _letter(event: Event, row: Deliverable, side: str) -> Letter:
    names = {
        "piece": piece(row),
        "brand": row.partnership.campaign.brand.name,
        "creator": row.partnership.creator.display_name,
        "due": day(row.due_on) if row.due_on else "–",
    }
    note = str(event.data.get("note") or event.data.get("reason") or "")
    facts = ((_("Due"), names["due"]),) if row.due_on else ()
    table = {
        "deliverable.draft_submitted": (
            _("%(creator)s shows a draft: %(piece)s"), _("A draft waits for your answer."), _("Look at the draft"),
        ),
        "deliverable.changes_requested": (
            _("%(brand)s asks for changes: %(piece)s"),
            _("Your draft was read. Here is what should change."),
            _("Read and answer"),
        ),
        "deliverable.approved": (
            _("Approved: %(piece)s"),
            _("%(brand)s agrees to your draft. Publish it with the label line as its first words, then enter its address."),
            _("Publish and enter the address"),
        ),
        "deliverable.published": (
            _("Published by %(creator)s: %(piece)s"),
            _("The post is out. Look at it and confirm what text cannot show."),
            _("Look and confirm"),
        ),
        "deliverable.verified": (
            _("Confirmed: %(piece)s"), _("%(brand)s has looked at your post: everything is in order."), _("Open"),
        ),
        "deliverable.late": (
            _("Was due on %(due)s: %(piece)s"),
            _("This piece is past its day. Show it soon, or write to %(brand)s for another date."),
            _("Open"),
        ),
        "deliverable.missed": (
            _("Missed: %(piece)s"), _("It was due on %(due)s and has not come. A new date can still be agreed."), _("Open"),
        ),
        "deliverable.planned": (_("New date for %(piece)s"), _("%(brand)s has set a new day."), _("Open")),
        "deliverable.cancelled": (_("No longer asked: %(piece)s"), _("%(brand)s has taken this piece off."), _("Open")),
        "disclosure.flagged": (
            _("The label of a post needs mending: %(piece)s"), _("The check found that the label is not clear."), _("Mend it"),
        ),
    }  # fmt: skip
    subject, text, button = table[event.kind]
    paragraphs = [text % names]
    if event.kind == "disclosure.flagged":
        paragraphs += _findings(event, row)
    return Letter(
        subject=subject % names,
        paragraphs=tuple(paragraphs),
        quote=note,
        quoted=names["brand"] if note else "",
        facts=facts,
        button=button if not (event.kind == "disclosure.flagged" and side == "brand") else _("Open"),
    )


def _findings(event: Event, row: Deliverable) -> list[str]:
    found = DisclosureCheck.objects.filter(pk=event.data.get("check")).first()
    if found is None:
        return []
    told = said(
        found.decisive, language=found.language, brand=row.partnership.campaign.brand.name, platform=found.platform
    )
    return [line for line in (told.title, told.fix) if line]
