"""What the letters say that follow from messages, suggestions and parcels, and to which side each goes."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Event
from campaigns.cowriting import LABELS
from campaigns.letters import Letter, Occasion, Write
from campaigns.models import Message, Partnership, Shipment, Suggestion


def plan(event: Event, partnership: Partnership) -> tuple[str, Write] | None:
    """(side, letter) of one event, None where nobody is written to."""
    by_brand = event.data.get("side") == "brand"
    other = "creator" if by_brand else "brand"
    mine = "brand" if by_brand else "creator"
    plans: dict[str, tuple[str, Write]] = {
        "message.sent": (other, message),
        "suggestion.open": (other, suggested),
        "suggestion.accepted": (mine, suggestion_answered),
        "suggestion.rejected": (mine, suggestion_answered),
        "shipment.asked": ("creator", address_asked),
        "shipment.ready": ("brand", address_given),
        "shipment.shipped": ("creator", shipped),
        "shipment.problem": ("brand", problem),
        "shipment.received": ("brand", received),
    }
    if event.kind == "shipment.received" and event.actor_kind != "creator":
        return None
    return plans.get(event.kind)


def _by_mail() -> str:
    return _("Answer this mail or write on the page: both arrive in the same thread.") if settings.REPLY_DOMAIN else ""


def message(occasion: Occasion) -> Letter:
    row = Message.objects.filter(pk=occasion.event.object_id).first()
    by_brand = occasion.event.data.get("side") == "brand"
    names = occasion.names | {"who": occasion.brand if by_brand else occasion.creator}
    options = row.options if row else []
    return Letter(
        subject=_("%(who)s wrote to you about %(product)s") % names,
        paragraphs=(),
        quote=row.text if row else "",
        quoted=names["who"],
        facts=((_("Answers to choose from"), " · ".join(options)),) if options else (),
        button=_("Answer with one tap") if row and row.asks else _("Read and answer"),
        closing=_by_mail(),
    )


def suggested(occasion: Occasion) -> Letter:
    row = Suggestion.objects.filter(pk=occasion.event.object_id).first()
    by_brand = occasion.event.data.get("side") == "brand"
    names = occasion.names | {"who": occasion.brand if by_brand else occasion.creator}
    amendment = bool(occasion.event.data.get("amendment"))
    subject = _("%(who)s proposes an amendment") if amendment else _("%(who)s suggests other words")
    first = (
        _("%(who)s would like to change what you agreed for %(product)s. It counts once you accept it.")
        if amendment
        else _("%(who)s has read the brief for %(product)s and would say some of it differently.")
    )
    return Letter(
        subject=subject % names,
        paragraphs=(first % names,),
        quote=row.reason if row else "",
        quoted=names["who"],
        facts=((_("It concerns"), _parts(occasion.event)),),
        button=_("Compare and answer"),
    )


def _parts(event: Event) -> str:
    return ", ".join(str(LABELS[name]) for name in event.data.get("fields", []) if name in LABELS)


def suggestion_answered(occasion: Occasion) -> Letter:
    row = Suggestion.objects.filter(pk=occasion.event.object_id).first()
    by_brand = occasion.event.data.get("side") == "brand"  # the side that had suggested
    names = occasion.names | {"who": occasion.creator if by_brand else occasion.brand}
    taken = occasion.event.kind == "suggestion.accepted"
    subject = _("%(who)s takes your words over") if taken else _("%(who)s keeps the words as they are")
    text = (
        _("Your suggestion for %(product)s is now part of the brief you both read.")
        if taken
        else _("Your suggestion for %(product)s was read and not taken over.")
    )
    return Letter(
        subject=subject % names,
        paragraphs=(text % names,),
        quote=row.answer if row else "",
        quoted=names["who"],
        facts=((_("It concerns"), _parts(occasion.event)),),
        button=_("Read the words"),
    )


def _parcel(occasion: Occasion) -> Shipment | None:
    return Shipment.objects.filter(pk=occasion.event.object_id).first()


def _named(occasion: Occasion) -> dict[str, str]:
    row = _parcel(occasion)
    return occasion.names | {"parcel": row.product if row else occasion.names["product"]}


def address_asked(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("Where shall %(brand)s send it?") % occasion.names,
        paragraphs=(
            _("%(brand)s would like to send you: %(parcel)s.") % _named(occasion),
            _("Only those who send parcels see your address, and it is deleted afterwards."),
        ),
        button=_("Give the address"),
    )


def address_given(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(creator)s: the parcel can go") % occasion.names,
        paragraphs=(_("%(creator)s has given the address for %(parcel)s.") % _named(occasion),),
        button=_("See what to send"),
    )


def shipped(occasion: Occasion) -> Letter:
    row = _parcel(occasion)
    facts = []
    if row and row.carrier:
        facts.append((_("Carrier"), row.carrier))
    if row and row.tracking:
        facts.append((_("Tracking number"), row.tracking))
    if row and row.tracking_url:
        facts.append((_("Follow it"), row.tracking_url))
    return Letter(
        subject=_("%(brand)s has sent your parcel") % occasion.names,
        paragraphs=(_("It is on its way: %(parcel)s.") % _named(occasion),),
        facts=tuple(facts),
        button=_("Tell that it arrived"),
    )


def problem(occasion: Occasion) -> Letter:
    row = _parcel(occasion)
    return Letter(
        subject=_("%(creator)s: something is wrong with the parcel") % occasion.names,
        paragraphs=(_("%(creator)s tells about %(parcel)s:") % _named(occasion),),
        quote=row.problem if row else "",
        quoted=occasion.creator,
        button=_("See to it"),
    )


def received(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(creator)s has received the parcel") % occasion.names,
        paragraphs=(_("%(parcel)s has arrived at %(creator)s's.") % _named(occasion),),
        button=_("Open the partnership"),
    )
