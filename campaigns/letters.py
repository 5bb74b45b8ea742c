"""What each mail says: one layout (`templates/emails/letter.*`), one function per occasion."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Event
from accounts.templatetags.figures import day, moment, money
from campaigns.deliverables import described
from campaigns.models import DeclineReason, Offer, Partnership
from campaigns.services.invitations import Draft
from campaigns.vocabulary import FREEDOM, ending

NETWORKS = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "x": "X"}


@dataclass(frozen=True, slots=True)
class Letter:
    """facts: (label, value) pairs. quote: somebody's own words, shown as such."""

    subject: str
    paragraphs: tuple[str, ...]
    quote: str = ""
    quoted: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event with what the letters need of its partnership."""

    event: Event
    partnership: Partnership
    offer: Offer | None

    @property
    def brand(self) -> str:
        return self.partnership.campaign.brand.name

    @property
    def creator(self) -> str:
        return self.partnership.creator.display_name

    @property
    def names(self) -> dict[str, str]:
        product = self.partnership.brief.product if self.partnership.brief else ""
        names = {"brand": self.brand, "creator": self.creator, "campaign": self.partnership.campaign.name}
        return names | {"product": product or self.partnership.campaign.name}


def pay(offer: Offer) -> str:
    """ "€400 + Two bottles (€60)"."""
    parts = [money(offer.fee, offer.currency)] if offer.fee or not offer.in_kind else []
    if offer.in_kind:
        parts.append(f"{offer.in_kind} ({money(offer.in_kind_value, offer.currency)})")
    return " + ".join(parts)


def asked(offer: Offer) -> str:
    """ "1 short video, 3 stories (Instagram)"."""
    items = described(offer.deliverables)
    networks = dict.fromkeys(NETWORKS.get(item["platform"], item["platform"]) for item in items)
    return f"{', '.join(item['words'] for item in items)} ({', '.join(networks)})" if items else "–"


def _city(partnership: Partnership) -> str:
    """The zone in which letters write their times."""
    return partnership.campaign.workspace.timezone.rpartition("/")[2].replace("_", " ")


def _terms(occasion: Occasion, *, deadline: bool = True, freedom: bool = False) -> tuple[tuple[str, str], ...]:
    offer, partnership = occasion.offer, occasion.partnership
    if offer is None:
        return ()
    facts = [(_("What"), asked(offer)), (_("Pay"), pay(offer))]
    if freedom and partnership.brief:
        facts.append((_("Your freedom"), str(FREEDOM[partnership.brief.freedom][0])))
    if offer.due_on:
        facts.append((_("Publication by"), day(offer.due_on)))
    if deadline and partnership.expires_at:
        facts.append((_("Answer by"), f"{moment(partnership.expires_at)} ({_city(partnership)})"))
    return tuple(facts)


def invitation(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(brand)s would like to work with you") % occasion.names,
        paragraphs=(_("%(brand)s would like to make something with you: %(product)s.") % occasion.names,),
        quote=occasion.partnership.personal_sentence,
        quoted=occasion.brand,
        facts=_terms(occasion, freedom=True),
        button=_("Read and answer"),
        closing=_("Accept, decline or propose something else. It takes a minute and needs no account."),
    )


def preview_invitation(draft: Draft, sentence: str, deadline: datetime) -> Letter:
    """The message of an invitation not sent yet. Nothing is saved."""
    shown = copy(draft.partnership)
    shown.personal_sentence, shown.expires_at, shown.brief = sentence, deadline, draft.brief
    offer = Offer(partnership=shown, number=1, side="brand", **draft.terms.as_fields())
    return invitation(Occasion(Event(), shown, offer))


def reminder(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(brand)s still hopes for your answer") % occasion.names,
        paragraphs=(
            _("%(brand)s wrote to you about %(product)s and has not heard from you yet.") % occasion.names,
            _("No is a fine answer too, and takes one tap."),
        ),
        quote=occasion.partnership.personal_sentence,
        quoted=occasion.brand,
        facts=_terms(occasion),
        button=_("Read and answer"),
    )


def extended(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("More time to answer %(brand)s") % occasion.names,
        paragraphs=(_("%(brand)s has given you more time to think about %(product)s.") % occasion.names,),
        facts=_terms(occasion),
        button=_("Read and answer"),
    )


def countered_to_creator(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(brand)s answers your proposal") % occasion.names,
        paragraphs=(_("%(brand)s has read your proposal and makes another one.") % occasion.names,),
        quote=occasion.offer.message if occasion.offer else "",
        quoted=occasion.brand,
        facts=_terms(occasion),
        button=_("Read and answer"),
    )


def countered_to_brand(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(creator)s proposes other terms") % occasion.names,
        paragraphs=(_("%(creator)s has read your invitation for “%(campaign)s” and proposes:") % occasion.names,),
        quote=occasion.offer.message if occasion.offer else "",
        quoted=occasion.creator,
        facts=_terms(occasion),
        button=_("Compare and answer"),
    )


def accepted_to_brand(occasion: Occasion) -> Letter:
    return Letter(
        subject=_("%(creator)s accepts") % occasion.names,
        paragraphs=(_("%(creator)s has accepted your offer for “%(campaign)s”.") % occasion.names,),
        facts=_terms(occasion, deadline=False),
        button=_("See what comes next"),
    )


def accepted_to_creator(occasion: Occasion) -> Letter:
    by_brand = occasion.event.data.get("side") == "brand"
    first = (
        _("%(brand)s has accepted your proposal.") if by_brand else _("Thank you. %(brand)s knows that you accepted.")
    )
    return Letter(
        subject=_("Agreed with %(brand)s") % occasion.names,
        paragraphs=(first % occasion.names, _("This is what you both agreed:")),
        facts=_terms(occasion, deadline=False),
        button=_("See what comes next"),
        closing=_("Keep this message: its link opens your agreement at any time."),
    )


def declined(occasion: Occasion) -> Letter:
    reason = dict(DeclineReason.choices).get(str(occasion.event.data.get("reason")), "")
    return Letter(
        subject=_("%(creator)s declines") % occasion.names,
        paragraphs=(_("%(creator)s does not take part in “%(campaign)s”.") % occasion.names,),
        quote=str(occasion.event.data.get("note") or ""),
        quoted=occasion.creator,
        facts=((_("Reason"), str(reason)),) if reason else (),
        button=_("Open the campaign"),
    )


def ended_to_creator(occasion: Occasion) -> Letter:
    """Withdrawn, not chosen, expired or cancelled: one honest sentence, never silence."""
    data = occasion.event.data
    return Letter(
        subject=_("About %(product)s, by %(brand)s") % occasion.names,
        paragraphs=(ending(occasion.partnership, occasion.brand), _("Thank you for your time.")),
        quote=str(data.get("message") or data.get("reason") or ""),
        quoted=occasion.brand,
        button=_("Open the page"),
    )


def ended_to_brand(occasion: Occasion) -> Letter:
    data = occasion.event.data
    texts = {
        "creator_silent": _("%(creator)s did not answer in time. The invitation for “%(campaign)s” has expired."),
        "brand_silent": _("You did not answer %(creator)s's proposal for “%(campaign)s” in time. It has expired."),
        "creator": _("%(creator)s has ended the partnership for “%(campaign)s”."),
    }
    text = texts.get(str(data.get("code")), _("The partnership with %(creator)s for “%(campaign)s” has ended."))
    return Letter(
        subject=_("%(creator)s: ended") % occasion.names,
        paragraphs=(text % occasion.names,),
        quote=str(data.get("reason") or "") if data.get("code") == "creator" else "",
        quoted=occasion.creator,
        button=_("Open the campaign"),
    )


Write = Callable[[Occasion], Letter]
