"""Parcels: the address is asked after the agreement, shown to who sends, and deleted afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.permissions import require
from campaigns.limits import RUNNING
from campaigns.models import Partnership, Shipment, ShippingAddress
from campaigns.services.briefs import read_link
from campaigns.states import SHIPMENT, advance
from campaigns.texts import clean, one_line
from matching.codes import country_code

MOST = 10
VARIANTS_MOST = 20
FIELDS = {"name": 120, "lines": 300, "postal_code": 20, "city": 120, "country": 2, "phone": 40, "note": 200}
NEEDED = ("name", "lines", "city", "country")


def ask_address(
    *,
    actor: Actor,
    partnership: Partnership,
    product: str,
    variants: Sequence[str] = (),
    now: datetime | None = None,
) -> Shipment:
    """Opens a parcel and asks the creator where it goes. variants: what they may choose from, none or 2 to 20.

    Raises WrongState before the agreement and after the end: nobody's address is asked for nothing.
    """
    require(actor, "shipment.send", partnership)
    moment = now or timezone.now()
    name = one_line(product, 200)
    if not name:
        raise InvalidInput(fields={"product": [_("Say what you send.")]})
    choices = list(dict.fromkeys(filter(None, (one_line(variant, 80) for variant in variants))))
    if len(choices) == 1 or len(choices) > VARIANTS_MOST:
        raise InvalidInput(fields={"variants": [_("Give none, or 2 to %(n)s to choose from.") % {"n": VARIANTS_MOST}]})
    with transaction.atomic():
        row = Partnership.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=partnership.pk)
        if row.state not in RUNNING:
            raise WrongState(
                _("An address is asked only after the agreement, and not after the end."), code="not_agreed"
            )
        if Shipment.objects.filter(partnership=row).count() >= MOST:
            raise WrongState(_("Ten parcels are the most for one partnership."), code="too_many")
        shipment: Shipment = Shipment.objects.create(
            partnership=row,
            product=name,
            variants=choices,
            created_by_id=actor.user_id,
            created_at=moment,
            state_changed_at=moment,
        )
        record_event("shipment.asked", shipment, actor=actor, data=_facts(shipment), at=moment)
    return shipment


def _facts(shipment: Shipment) -> dict[str, Any]:
    return {"partnership": str(shipment.partnership_id)}


def _move(
    shipment: Shipment, verb: str, actor: Actor, moment: datetime, changes: Mapping[str, Any] | None = None
) -> None:
    advance(
        shipment,
        SHIPMENT,
        verb,
        actor=actor,
        changes={"state_changed_at": moment, **(changes or {})},
        data=_facts(shipment),
        at=moment,
    )


def give_address(
    *, actor: Actor, shipment: Shipment, address: Mapping[str, Any], variant: str = "", now: datetime | None = None
) -> Shipment:
    """The creator says where it goes and which one they want; until it is sent they may change it."""
    require(actor, "shipment.own", shipment)
    moment = now or timezone.now()
    values = read_shipping_address(address)
    chosen = one_line(variant, 80)
    if shipment.variants and chosen not in shipment.variants:
        raise InvalidInput(fields={"variant": [_("Choose one of them.")]})
    with transaction.atomic():
        row = Partnership.objects.select_for_update().get(pk=shipment.partnership_id)
        if row.state not in RUNNING:
            raise WrongState(_("The partnership has ended: nothing is sent any more."), code="over")
        _move(shipment, "give_address", actor, moment, {"variant": chosen, "problem": ""})
        ShippingAddress.objects.update_or_create(shipment=shipment, defaults=values | {"given_at": moment})
    return shipment


def read_shipping_address(address: Mapping[str, Any]) -> dict[str, str]:
    """name, lines, postal_code, city, country (two letters), phone, note. Raises InvalidInput by field."""
    faults: dict[str, list[str]] = {name: [_("There is no such field.")] for name in set(address) - set(FIELDS)}
    values = {name: one_line(address.get(name), most) for name, most in FIELDS.items()}
    values["country"] = country_code(one_line(address.get("country"), 60)) or ""
    for name in NEEDED:
        if not values[name]:
            faults[name] = [_("This is needed to send anything.")]
    if faults:
        raise InvalidInput(fields=faults)
    return values


def address_of(*, actor: Actor, shipment: Shipment, now: datetime | None = None) -> ShippingAddress | None:
    """The address, for who sends it; every look is noted. None when it was not given, or is deleted."""
    require(actor, "shipment.address", shipment)
    found = ShippingAddress.objects.filter(shipment=shipment).first()
    if found is not None:
        record_event("shipment.address_read", shipment, actor=actor, data=_facts(shipment), at=now)
    return found


def ship(
    *,
    actor: Actor,
    shipment: Shipment,
    carrier: str = "",
    tracking: str = "",
    tracking_url: str = "",
    now: datetime | None = None,
) -> Shipment:
    """On its way, with carrier, number and tracking page as far as known."""
    require(actor, "shipment.send", shipment)
    moment = now or timezone.now()
    link = read_link(tracking_url)
    if one_line(tracking_url) and not link:
        raise InvalidInput(fields={"tracking_url": [_("Give an address that begins with https://.")]})
    changes = {
        "carrier": one_line(carrier, 80),
        "tracking": one_line(tracking, 80),
        "tracking_url": link[:300],
        "shipped_at": moment,
    }
    with transaction.atomic():
        _move(shipment, "ship", actor, moment, changes)
    return shipment


def receive(*, actor: Actor, shipment: Shipment, now: datetime | None = None) -> Shipment:
    """It arrived; said by the creator, or noted by the brand."""
    require(actor, "shipment.own" if actor.side == "creator" else "shipment.send", shipment)
    moment = now or timezone.now()
    with transaction.atomic():
        _move(shipment, "receive", actor, moment, {"received_at": moment, "problem": ""})
    return shipment


def report(*, actor: Actor, shipment: Shipment, problem: str, now: datetime | None = None) -> Shipment:
    """It did not arrive, or not whole: the creator says what happened."""
    require(actor, "shipment.own", shipment)
    moment = now or timezone.now()
    text = clean(problem, 500)
    if not text:
        raise InvalidInput(fields={"problem": [_("Say in a few words what is wrong.")]})
    with transaction.atomic():
        _move(shipment, "report", actor, moment, {"problem": text})
    return shipment


def cancel_shipment(*, actor: Actor, shipment: Shipment, now: datetime | None = None) -> Shipment:
    """Nothing is sent after all; the address goes at once."""
    require(actor, "shipment.send", shipment)
    moment = now or timezone.now()
    with transaction.atomic():
        _move(shipment, "cancel", actor, moment, {"address_forgotten_at": moment})
        ShippingAddress.objects.filter(shipment=shipment).delete()
    return shipment


def cancel_with_partnership(*, partnership_id: Any, now: datetime | None = None) -> int:
    """What has not left yet is not sent any more once the partnership is cancelled. Returns how many."""
    moment, count = now or timezone.now(), 0
    with transaction.atomic():
        rows = Shipment.objects.filter(partnership_id=partnership_id, state__in=["asked", "ready"])
        for row in rows.select_related("partnership__campaign").select_for_update(of=("self",)):
            _move(row, "cancel", SYSTEM, moment, {"address_forgotten_at": moment})
            ShippingAddress.objects.filter(shipment=row).delete()
            count += 1
    return count


def resend(*, actor: Actor, shipment: Shipment, now: datetime | None = None) -> Shipment:
    """After a problem: another parcel with the same content, to the address the creator confirms anew."""
    require(actor, "shipment.send", shipment)
    if shipment.state != "problem":
        raise WrongState(_("Only a parcel with a problem is sent again."), code="no_problem")
    if actor.side != "brand":
        raise NotAllowed(code="other_side")
    with transaction.atomic():
        cancel_shipment(actor=actor, shipment=shipment, now=now)
        return ask_address(
            actor=actor, partnership=shipment.partnership, product=shipment.product, variants=shipment.variants, now=now
        )


def forget_addresses(*, now: datetime | None = None) -> int:
    """Deletes every address that is no longer needed: some days after arrival, or after the partnership's end."""
    moment = now or timezone.now()
    limit = moment - timedelta(days=settings.ADDRESS_KEEP_DAYS)
    over = ~models.Q(shipment__partnership__state__in=RUNNING)
    due = ShippingAddress.objects.filter(
        models.Q(shipment__received_at__lt=limit)
        | models.Q(over, shipment__partnership__state_changed_at__lt=limit)
        | models.Q(shipment__partnership__creator__erased_at__isnull=False)
    )
    with transaction.atomic():
        ids = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
        ShippingAddress.objects.filter(pk__in=ids).delete()
        Shipment.objects.filter(pk__in=ids).update(address_forgotten_at=moment)
    return len(ids)
