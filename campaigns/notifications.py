"""Who is written to when something happens to a partnership, and in which language."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.mail import queue_mail
from accounts.models import Event, Membership, User
from accounts.zone import zone
from campaigns import letters
from campaigns.letters import Letter, Occasion, Write
from campaigns.models import Brief, Offer, Partnership
from campaigns.services.links import new_link

LANGUAGES = ("en", "fr")
_WORKING = ("owner", "admin", "manager")


@dataclass(frozen=True, slots=True)
class Reader:
    """One recipient. `url` is what the button opens; stop_url lets a creator refuse further contact."""

    address: str
    name: str
    language: str
    side: str
    url: str = ""
    stop_url: str = ""
    why: str = ""


def notify(event: Event) -> int:
    """Queues the letters an event asks for; the same event twice queues nothing twice. Returns how many."""
    kind = event.kind.partition(".")[2]
    partnership = (
        Partnership.objects.select_related(
            "campaign__brand", "campaign__workspace", "creator__source", "creator__user", "brief", "invited_by"
        )
        .filter(pk=event.object_id)
        .first()
    )
    if partnership is None or partnership.creator.erased_at:
        return 0
    occasion = Occasion(event, partnership, _offer(event, partnership))
    count = 0
    for side, write in _plan(kind, event):
        readers = brand_readers(partnership) if side == "brand" else creator_readers(partnership)
        for reader in readers:
            _queue(kind, occasion, write, reader)
            count += 1
    return count


def _plan(kind: str, event: Event) -> list[tuple[str, Write]]:
    """(side, letter) for one kind of event."""
    by_brand = event.data.get("side") == "brand"
    code = event.data.get("code")
    proposed: tuple[str, Write] = (
        ("creator", letters.countered_to_creator) if by_brand else ("brand", letters.countered_to_brand)
    )
    ended: tuple[str, Write] = (
        ("brand", letters.ended_to_brand) if code == "creator" else ("creator", letters.ended_to_creator)
    )
    agreed: list[tuple[str, Write]] = [("creator", letters.accepted_to_creator), ("brand", letters.accepted_to_brand)]
    plans: dict[str, list[tuple[str, Write]]] = {
        "invited": [("creator", letters.invitation)],
        "reminded": [("creator", letters.reminder)],
        "deadline_extended": [("creator", letters.extended)],
        "countered": [proposed],
        "accepted": agreed[:1] if by_brand else agreed,
        "declined": [("brand", letters.declined)],
        "withdrawn": [("creator", letters.ended_to_creator)],
        "expired": [("creator", letters.ended_to_creator), ("brand", letters.ended_to_brand)],
        "cancelled": [ended],
    }
    return plans.get(kind, [])


def _offer(event: Event, partnership: Partnership) -> Offer | None:
    """The offer the event speaks of (its number), else the newest."""
    offers = Offer.objects.filter(partnership=partnership)
    number = event.data.get("offer")
    return offers.filter(number=number).first() if number else offers.order_by("-number").first()


def language_of_creator(partnership: Partnership, brief: Brief | None = None) -> str:
    """Their account's language, else the first of theirs we speak, else the brief's."""
    creator = partnership.creator
    if creator.user:
        return str(creator.user.language)
    spoken = [code for code in creator.languages if code in LANGUAGES]
    shown = partnership.brief or brief
    written = shown.language if shown else ""
    return spoken[0] if spoken else written if written in LANGUAGES else "en"


def creator_readers(partnership: Partnership) -> list[Reader]:
    if not partnership.sent_to:
        return []
    source = partnership.creator.source
    why = source.label if source else ""
    language = language_of_creator(partnership)
    return [Reader(partnership.sent_to, partnership.creator.display_name, language, "creator", why=why)]


def brand_readers(partnership: Partnership) -> list[Reader]:
    """The person who invited, while they work here; else everybody who runs campaigns in the workspace."""
    members = Membership.objects.filter(workspace_id=partnership.campaign.workspace_id, suspended_at__isnull=True)
    members = members.filter(role__in=_WORKING, user__is_active=True).select_related("user")
    people: list[User] = [m.user for m in members if m.user_id == partnership.invited_by_id] or [
        m.user for m in members
    ]
    url = settings.BASE_URL + reverse("partnership_detail", args=[partnership.pk])
    return [Reader(user.email, user.get_short_name(), user.language, "brand", url) for user in people]


def _queue(kind: str, occasion: Occasion, write: Write, reader: Reader) -> None:
    if reader.side == "creator":
        base = settings.BASE_URL + reverse("invitation", args=[new_link(occasion.partnership, now=occasion.event.at)])
        reader = Reader(reader.address, reader.name, reader.language, "creator", base, f"{base}stop/", reader.why)
    with (
        translation.override(reader.language),
        timezone.override(zone(occasion.partnership.campaign.workspace.timezone)),
    ):
        letter: Letter = write(occasion)
        context = {"letter": letter, "reader": reader, "brand": occasion.brand, "language": reader.language}
        queue_mail(
            dedupe_key=f"partnership:{occasion.event.pk}:{reader.side}:{reader.address}"[:160],
            kind=f"partnership_{kind}",
            to=reader.address,
            subject=letter.subject,
            text=render_to_string("emails/letter.txt", context),
            html=render_to_string("emails/letter.html", context),
            language=reader.language,
            workspace_id=occasion.partnership.campaign.workspace_id,
            at=occasion.event.at,
        )
