"""What keeps an invitation or an acceptance from happening, each with the sentence that says why.

A creator's own limits bind whatever a score says; they are read again at the moment of every offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import WrongState
from accounts.models import Creator, CreatorRecord, CreatorTerms
from accounts.services.creators import has_objected
from accounts.templatetags.figures import day, money
from campaigns.models import Campaign, Form, Partnership, Relation
from campaigns.terms import Terms
from campaigns.texts import sector_key
from matching.codes import EUR_PER_UNIT, in_eur

RUNNING = ("accepted", "contracted", "live")
BOUND = (*RUNNING, "completed")
WAITING = ("invited", "seen", "countered")
RECENT = timedelta(days=30)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
INVITATIONS_A_DAY, INVITATIONS_AN_HOUR = 60, 30


@dataclass(frozen=True, slots=True)
class Block:
    """One obstacle; a `warning` is shown and does not refuse. field: the input that can remove it."""

    code: str
    message: str
    field: str = ""
    warning: bool = False


class Blocked(WrongState):
    """The first obstacle refuses; `params["blocks"]` lists every one."""

    def __init__(self, found: list[Block]) -> None:
        super().__init__(" ".join(block.message for block in found), code=found[0].code)
        self.params["blocks"] = [{"code": block.code, "detail": block.message} for block in found]


def refuse(found: Iterable[Block]) -> None:
    hard = [block for block in found if not block.warning]
    if hard:
        raise Blocked(hard)


def brand_sectors(campaign: Campaign, brief: Any = None) -> set[str]:
    asked = (brief.matching or {}).get("sectors") or [] if brief else []
    return {sector_key(sector) for sector in [*campaign.brand.sectors, *asked]}


def minimum_fee(terms: CreatorTerms, forms: Iterable[str]) -> Decimal:
    """The creator's minimum for these forms, in their own currency: the highest that applies, 0 when none."""
    amounts = [Decimal(0)]
    for form in forms:
        try:
            amounts.append(Decimal(str(terms.minimum_fee.get(form, terms.minimum_fee.get("*", 0)) or 0)))
        except InvalidOperation:
            continue
    return max(amounts)


def fee_block(terms: CreatorTerms, offer: Terms) -> Block | None:
    """A fee under the creator's minimum. Other currencies are compared at the engine's rounded rates."""
    least = minimum_fee(terms, offer.forms or {"*"})
    if not least:
        return None
    if terms.currency == offer.currency or terms.currency not in EUR_PER_UNIT or offer.currency not in EUR_PER_UNIT:
        enough = offer.fee >= least
    else:
        enough = in_eur(offer.fee, offer.currency) >= in_eur(least, terms.currency)
    if enough:
        return None
    params = {"least": money(least, terms.currency), "fee": money(offer.fee, offer.currency)}
    return Block("minimum_fee", _("The fee (%(fee)s) is below this creator's minimum (%(least)s).") % params, "fee")


def creator_limits(
    creator: Creator, campaign: Campaign, offer: Terms, *, now: datetime, brief: Any = None
) -> list[Block]:
    """What the creator does not accept, whoever asks."""
    found = []
    if creator.erased_at:
        found.append(Block("erased", _("This person asked to be forgotten.")))
    if creator.is_minor:
        found.append(Block("minor", _("This creator is a minor: no invitation can be sent.")))
    terms = CreatorTerms.objects.filter(creator=creator).first()
    if terms is None:
        return found
    refused = {sector_key(sector): sector for sector in terms.refused_sectors}
    for key in sorted(brand_sectors(campaign, brief) & set(refused)):
        found.append(
            Block(
                "sector_refused",
                _("This creator does not work with the sector “%(sector)s”.") % {"sector": refused[key]},
            )
        )
    if block := fee_block(terms, offer):
        found.append(block)
    if not offer.fee and offer.in_kind and terms.accepts_in_kind is False:
        found.append(Block("in_kind_refused", _("This creator does not work for products or services only."), "fee"))
    found += availability(creator, terms, now=now)
    if terms.forms and (strange := offer.forms - set(terms.forms)):
        labels = ", ".join(str(dict(Form.choices).get(form, form)) for form in sorted(strange))
        found.append(
            Block(
                "form_unusual",
                _("This creator did not name this form among those accepted: %(forms)s.") % {"forms": labels},
                warning=True,
            )
        )
    if terms.shows_reasons:
        return found
    hidden = Block("creator_limit", _("This creator's own limits do not allow this invitation."))
    kept = [block for block in found if block.code in ("erased", "minor") or block.warning]
    return kept if len(kept) == len(found) else [*kept, hidden]


def availability(creator: Creator, terms: CreatorTerms, *, now: datetime) -> list[Block]:
    found = []
    if terms.unavailable_until and terms.unavailable_until >= now.date():
        until = day(terms.unavailable_until)
        found.append(Block("unavailable", _("This creator is not available until %(day)s.") % {"day": until}))
    left = capacity_left(creator, terms, now=now)
    if left is not None and left <= 0:
        params = {"n": terms.capacity_per_month}
        found.append(
            Block(
                "capacity",
                _("This creator takes at most %(n)s partnerships a month and has reached that number.") % params,
            )
        )
    return found


def capacity_left(creator: Creator, terms: CreatorTerms | None, *, now: datetime) -> int | None:
    """Acceptances this creator still has this calendar month (UTC); None when they set no limit."""
    if terms is None or terms.capacity_per_month is None:
        return None
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    taken = Partnership.objects.filter(creator=creator, state__in=BOUND, accepted_at__gte=month).count()
    return terms.capacity_per_month - taken


def places_left(campaign: Campaign) -> int | None:
    """Acceptances the campaign still has room for; None when the number is open."""
    if campaign.places is None:
        return None
    return campaign.places - Partnership.objects.filter(campaign=campaign, state__in=BOUND).count()


def campaign_blocks(campaign: Campaign, *, today: date) -> list[Block]:
    found = []
    if campaign.state == "draft":
        found.append(
            Block("campaign_not_active", _("Activate the campaign first: invitations go out from an active campaign."))
        )
    elif campaign.state != "active":
        found.append(Block("campaign_not_active", _("This campaign takes no more creators.")))
    elif campaign.ends_on and campaign.ends_on < today:
        found.append(Block("campaign_over", _("The campaign's end date has passed. Change it before you invite.")))
    left = places_left(campaign)
    if left is not None and left <= 0:
        found.append(Block("places_full", _("All %(n)s places of this campaign are taken.") % {"n": campaign.places}))
    return found


def sending_blocks(partnership: Partnership, *, now: datetime) -> list[Block]:
    """Personal invitations take time; a workspace that sends more than this a day is mailing in bulk."""
    workspace = partnership.campaign.workspace_id
    sent = Partnership.objects.filter(campaign__workspace_id=workspace, invited_at__gt=now - DAY, invited_at__lte=now)
    if sent.filter(invited_at__gt=now - HOUR).count() >= INVITATIONS_AN_HOUR:
        message = _("%(n)s invitations went out within an hour, which is the most. A real sentence takes a while.")
        return [Block("hourly_limit", message % {"n": INVITATIONS_AN_HOUR})]
    if sent.count() < INVITATIONS_A_DAY:
        return []
    message = _("%(n)s invitations went out within a day, which is the most. Write the next ones tomorrow.")
    return [Block("daily_limit", message % {"n": INVITATIONS_A_DAY})]


def contact_address(partnership: Partnership, email: str = "") -> str:
    """Where an invitation goes: the address given, the workspace's own, or the creator's public one."""
    if email:
        return email
    record = CreatorRecord.objects.filter(
        workspace_id=partnership.campaign.workspace_id, creator_id=partnership.creator_id
    ).first()
    return (record.contact_email if record else "") or partnership.creator.contact_email


def contact_blocks(partnership: Partnership, address: str, *, now: datetime) -> list[Block]:
    """Objections, duplicates, and a first contact too soon after another."""
    creator, campaign = partnership.creator, partnership.campaign
    barred = Relation.objects.filter(workspace_id=campaign.workspace_id, creator=creator, do_not_contact=True).first()
    if barred:
        why = _("Your workspace no longer writes to this person: %(why)s")
        return [Block("do_not_contact", why % {"why": barred.reason})]
    if has_objected(creator, address, campaign.workspace_id):
        return [Block("objection", _("This person asked not to be contacted."))]
    if not address:
        return [
            Block(
                "no_address",
                _("There is no address for this creator. Give one, or note it on the creator's page."),
                "email",
            )
        ]
    found = []
    same = Partnership.objects.filter(campaign=campaign, sent_to__iexact=address, invited_at__isnull=False).exclude(
        pk=partnership.pk
    )
    if twin := same.select_related("creator").first():
        message = _("This address was already invited in this campaign, as %(name)s.") % {
            "name": twin.creator.display_name
        }
        found.append(Block("duplicate_address", message, "email"))
    if last := recent_contact(partnership, address, now=now):
        params = {"campaign": last.campaign.name, "day": day(last.invited_at)}
        message = (
            _("You already invited this creator on %(day)s, for “%(campaign)s”. Wait 30 days, or say why not.") % params
        )
        found.append(Block("recent_contact", message, "recent_contact_reason"))
    return found


def recent_contact(partnership: Partnership, address: str, *, now: datetime) -> Partnership | None:
    """The last invitation this workspace sent to the same person or address within 30 days.

    Somebody who works with the workspace already is no cold contact and may be asked again.
    """
    invited = (
        Partnership.objects.filter(
            campaign__workspace_id=partnership.campaign.workspace_id, invited_at__gt=now - RECENT
        )
        .exclude(pk=partnership.pk)
        .exclude(state__in=BOUND)
    )
    same = invited.filter(creator_id=partnership.creator_id) | (
        invited.filter(sent_to__iexact=address) if address else invited.none()
    )
    return same.select_related("campaign").order_by("-invited_at").first()
