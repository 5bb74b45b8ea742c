"""Who is written to when something happens to a partnership, and in which language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor, member_actor
from accounts.mail import queue_mail
from accounts.models import Event, Membership, User
from accounts.scope import reaches
from accounts.secrets import token_hash
from accounts.services.privacy import link_of, note_notice
from accounts.zone import zone
from campaigns import dialogue, letters
from campaigns.letters import Letter, Occasion, Write
from campaigns.models import Brief, Offer, Partnership, Thread
from campaigns.replies import reply_address
from campaigns.services.links import new_link

LANGUAGES = ("en", "fr")
_WORKING = ("owner", "admin", "manager")


@dataclass(frozen=True, slots=True)
class Reader:
    """One recipient. `url` is what the button opens; stop_url lets a creator refuse further contact.

    data_url: the creator's data page; first: this workspace never wrote to them, so the letter is the notice of GDPR art. 14.
    """

    address: str
    name: str
    language: str
    side: str
    url: str = ""
    stop_url: str = ""
    why: str = ""
    data_url: str = ""
    first: bool = False
    user_id: int = 0
    reply_to: str = ""


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
    rows = members.filter(role__in=_WORKING, user__is_active=True).select_related("user")
    concerned = [m for m in rows if reaches(member_actor(m), partnership)]
    inviters = [m for m in concerned if m.user_id == partnership.invited_by_id]
    people: list[User] = [m.user for m in inviters or concerned]
    url = settings.BASE_URL + reverse("partnership_detail", args=[partnership.pk])
    return [_member(user, url) for user in people]


def _member(user: User, url: str) -> Reader:
    return Reader(user.email, user.get_short_name(), user.language, "brand", url, user_id=user.pk)


def notify_dialogue(event: Event) -> int:
    """Letters that follow from messages, suggestions and parcels; the words are read from the row, not the event."""
    partnership = (
        Partnership.objects.select_related(
            "campaign__brand", "campaign__workspace", "creator__source", "creator__user", "brief", "invited_by"
        )
        .filter(pk=event.data.get("partnership"))
        .first()
    )
    if partnership is None or partnership.creator.erased_at:
        return 0
    plan = dialogue.plan(event, partnership)
    if plan is None:
        return 0
    side, write = plan
    readers = creator_readers(partnership) if side == "creator" else _looking_after(partnership)
    for reader in readers:
        _queue(event.kind.replace(".", "_"), Occasion(event, partnership, _offer(event, partnership)), write, reader)
    return len(readers)


def _looking_after(partnership: Partnership) -> list[Reader]:
    """The colleague the thread is assigned to, else those who are told anyway."""
    thread = Thread.objects.filter(partnership=partnership).select_related("assigned_to").first()
    user = thread.assigned_to if thread else None
    member = (
        user
        and Membership.objects.select_related("user")
        .filter(
            user=user, workspace_id=partnership.campaign.workspace_id, suspended_at__isnull=True, user__is_active=True
        )
        .first()
    )
    if user and member and reaches(member_actor(member), partnership):
        return [_member(user, settings.BASE_URL + reverse("thread", args=[partnership.pk]))]
    return brand_readers(partnership)


def _queue(kind: str, occasion: Occasion, write: Write, reader: Reader) -> None:
    if reader.side == "creator":
        base = settings.BASE_URL + reverse("invitation", args=[new_link(occasion.partnership, now=occasion.event.at)])
        first = note_notice(
            creator=occasion.partnership.creator, workspace_id=occasion.partnership.campaign.workspace_id
        )
        reader = replace(
            reader, url=base, stop_url=f"{base}stop/", data_url=link_of(occasion.partnership.creator), first=first
        )
    reader = replace(reader, reply_to=reply_address(occasion.partnership.pk, reader.user_id))
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
            reply_to=reader.reply_to,
            at=occasion.event.at,
        )


def send_test(*, actor: Actor, partnership: Partnership, letter: Letter, to: str, note: str) -> None:
    """An invitation's message to its writer. The same words twice within an hour are sent once."""
    url = settings.BASE_URL + reverse("partnership_invite", args=[partnership.pk])
    language = translation.get_language() or "en"
    reader = Reader(to, actor.name, language, "brand", url)
    shown = replace(letter, subject=_("Test: %(subject)s") % {"subject": letter.subject}, closing=note)
    context = {"letter": shown, "reader": reader, "brand": partnership.campaign.brand.name, "language": language}
    text = render_to_string("emails/letter.txt", context)
    mark = token_hash(f"{timezone.now():%Y%m%d%H}{text}")[:24]
    queue_mail(
        dedupe_key=f"test:{partnership.pk}:{actor.user_id}:{mark}",
        kind="partnership_test",
        to=to,
        subject=shown.subject,
        text=text,
        html=render_to_string("emails/letter.html", context),
        language=language,
        workspace_id=partnership.campaign.workspace_id,
    )
