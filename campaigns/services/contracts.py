"""Drafting and changing contracts. What follows is in contract_steps.py, signing in signing.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.permissions import require
from campaigns.contracts import clauses, composing, rules
from campaigns.contracts.parties import read_party
from campaigns.limits import RUNNING
from campaigns.models import Campaign, Contract, LegalIdentity, Offer, Partnership
from campaigns.models.contract import OPEN
from campaigns.services.contract_rows import lock, record, still
from campaigns.terms import Terms, read_amount, read_day
from campaigns.texts import clean, one_line

OWN_CLAUSES_MOST = 6


def draft_contract(
    *, actor: Actor, partnership: Partnership, language: str = "", now: datetime | None = None
) -> Contract:
    """A first draft from the accepted offer, the brief and what both sides said before about themselves.

    Raises WrongState when nothing is agreed yet or an open or executed contract is there already.
    """
    require(actor, "contract.change", partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=partnership.campaign_id)
        row = Partnership.objects.select_related("campaign__brand", "creator", "brief").get(pk=partnership.pk)
        if row.state not in RUNNING:
            raise WrongState(_("A contract follows an agreement. Nothing is agreed here."), code="nothing_agreed")
        if Contract.objects.filter(partnership=row, amends__isnull=True, state__in=[*OPEN, "executed"]).exists():
            raise WrongState(_("There is a contract already."), code="contract_exists")
        offer = Offer.objects.filter(partnership=row, state="accepted").order_by("-number").first()
        terms = Terms.of_offer(offer) if offer else Terms(currency=row.campaign.currency)
        contract = _new(actor, row, terms, language, moment, brand=_own_party(actor, row), creator=_their_party(row))
        contract.clauses = composing.composed(contract, moment.date())
        contract.save(force_insert=True)
        record(contract, "drafted", actor, moment)
    return contract


def _new(
    actor: Actor,
    row: Partnership,
    terms: Terms,
    language: str,
    moment: datetime,
    *,
    brand: dict[str, str],
    creator: dict[str, str],
) -> Contract:
    spoken = language or (row.brief.language if row.brief else "") or row.campaign.workspace.language
    forms = [str(item.get("form") or "dedicated") for item in terms.deliverables]
    countries = composing.targeted(row)
    number = Contract.objects.filter(partnership=row).count() + 1
    return Contract(
        partnership=row,
        number=number,
        language=spoken if spoken in ("fr", "en") else "en",
        country="FR" if "FR" in countries else (countries[0] if countries else ""),
        form=forms[0] if forms else "dedicated",
        objective=row.campaign.objective,
        pack=rules.pack_version(),
        brand_party=brand,
        creator_party=creator,
        fee=terms.fee,
        currency=terms.currency,
        in_kind=terms.in_kind,
        in_kind_value=terms.in_kind_value,
        deliverables=[dict(item) for item in terms.deliverables],
        due_on=terms.due_on,
        rights=terms.rights,
        rights_until=composing.rights_end(terms.rights, terms.due_on or moment.date()),
        created_by_id=actor.user_id,
        created_at=moment,
        saved_at=moment,
    )


def _own_party(actor: Actor, row: Partnership) -> dict[str, str]:
    """The advertiser as its last contract named it, else what is known of the brand."""
    last = (
        Contract.objects.filter(partnership__campaign__brand_id=row.campaign.brand_id).order_by("-created_at").first()
    )
    if last:
        return read_party("brand", last.brand_party | {"authorisation": last.brand_party.get("authorisation", "")})
    countries = row.campaign.brand.countries
    given = {"name": row.campaign.brand.name, "tax_country": countries[0] if len(countries) == 1 else ""}
    if actor.kind == "member":
        given["representative"] = actor.name
    return read_party("brand", given)


def _their_party(row: Partnership) -> dict[str, str]:
    """The creator as they described themselves; nothing else is guessed but the address we wrote to."""
    own = LegalIdentity.objects.filter(creator_id=row.creator_id).first()
    if own:
        return read_party("creator", own.details)
    return read_party("creator", {"email": row.sent_to, "tax_country": composing.residence_of(None, row)})


def save_identity(*, actor: Actor, now: datetime | None = None, **details: Any) -> LegalIdentity:
    """The creator says how contracts name them. Drafts of every brand take it in; sent contracts stay as they are."""
    if actor.creator_id is None:
        raise NotAllowed(_("Only the creator says this."), code="other_side")
    moment = now or timezone.now()
    with transaction.atomic():
        row = LegalIdentity.objects.filter(creator_id=actor.creator_id).first()
        party = read_party("creator", details, base=row.details if row else None)
        saved, _made = LegalIdentity.objects.update_or_create(
            creator_id=actor.creator_id, defaults={"details": party, "updated_at": moment}
        )
        drafts = Contract.objects.filter(partnership__creator_id=actor.creator_id, state="draft")
        for contract in drafts.select_related("partnership"):
            fresh = lock(contract)
            if fresh.state == "draft":
                fresh.creator_party = read_party("creator", party)
                fresh.clauses = composing.composed(fresh, moment.date(), fresh.clauses)
                fresh.save(update_fields=["creator_party", "clauses"])
    return saved


def save_contract(
    *,
    actor: Actor,
    contract: Contract,
    brand_party: Mapping[str, Any] | None = None,
    creator_party: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    based_on: datetime | None = None,
    now: datetime | None = None,
    **terms: Any,
) -> Contract:
    """Changes a draft. texts: clause key → new wording ("" takes it out, the template's own wording undoes the edit).

    terms: payment_days, rights_until, due_on, language, and in amendments fee, in_kind, in_kind_value, rights.
    New own clauses have keys own_1, own_2, … Raises InvalidInput, WrongState (not a draft, changed meanwhile).
    """
    require(actor, "contract.change", contract)
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        still(row, "draft")
        if based_on is not None and row.saved_at != based_on:
            raise WrongState(
                _("Somebody changed this meanwhile. Read it again, then repeat your change."), code="stale"
            )
        if brand_party is not None:
            row.brand_party = read_party("brand", brand_party, base=row.brand_party)
        if creator_party is not None:
            row.creator_party = read_party("creator", creator_party, base=row.creator_party)
        _take_terms(row, terms)
        row.clauses = composing.composed(row, moment.date(), row.clauses)
        _take_texts(row, texts or {}, titles or {})
        row.saved_at = moment
        row.save()
    _copy(row, contract)
    return contract


def _take_terms(row: Contract, terms: Mapping[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    negotiable = {"fee", "in_kind", "in_kind_value", "rights"} if row.amends_id else set()
    for name, value in terms.items():
        try:
            if name == "payment_days":
                row.payment_days = _days(value)
            elif name in ("rights_until", "due_on"):
                setattr(row, name, read_day(value))
            elif name == "language" and value in ("fr", "en"):
                row.language = value
            elif name in negotiable:
                money = name in ("fee", "in_kind_value")
                setattr(row, name, read_amount(value) if money else one_line(value, 400 if name == "rights" else 300))
            else:
                faults[name] = [_("This is agreed in the offer, not here.")]
        except InvalidInput as error:
            faults[name] = [error.message]
    if faults:
        raise InvalidInput(fields=faults)


def _days(value: Any) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if not 0 <= number <= 60:
        raise InvalidInput(_("From 0 to 60 days: longer is not allowed between companies."))
    return number


def _take_texts(row: Contract, texts: Mapping[str, str], titles: Mapping[str, str]) -> None:
    known = {clause["key"]: clause for clause in row.clauses}
    for key, given in texts.items():
        text = clean(given)
        if len(text) > clauses.TEXT_MOST:
            raise InvalidInput(fields={key: [_("At most %(n)s characters.") % {"n": clauses.TEXT_MOST}]})
        if key in known:
            known[key]["text"] = text
        elif key.startswith("own_") and key[4:].isdigit() and text:
            if sum(1 for name in known if name.startswith("own_")) >= OWN_CLAUSES_MOST:
                raise InvalidInput(fields={key: [_("At most %(n)s clauses of your own.") % {"n": OWN_CLAUSES_MOST}]})
            title = one_line(titles.get(key), clauses.TITLE_MOST) or str(_("Special terms"))
            known[key] = {"key": key, "title": title, "text": text, "template": ""}
            row.clauses.append(known[key])
        elif text:
            raise InvalidInput(fields={key: [_("There is no such clause.")]})
    row.clauses = [clause for clause in row.clauses if clause["text"] or not clause["key"].startswith("own_")]


def amend_contract(*, actor: Actor, contract: Contract, now: datetime | None = None) -> Contract:
    """A draft that references a contract in force and starts from its terms. Both sides sign it like the first."""
    require(actor, "contract.change", contract)
    moment = now or timezone.now()
    with transaction.atomic():
        row = lock(contract)
        still(row, "executed")
        first = row.amends or row
        if Contract.objects.filter(partnership_id=row.partnership_id, state__in=OPEN).exists():
            raise WrongState(_("There is an open draft already."), code="contract_exists")
        newest = (
            Contract.objects.filter(partnership_id=row.partnership_id, state="executed").order_by("-number").first()
        )
        base = newest or row
        terms = Terms(
            fee=base.fee,
            currency=base.currency,
            in_kind=base.in_kind,
            in_kind_value=base.in_kind_value,
            deliverables=tuple(base.deliverables),
            rights=base.rights,
            due_on=base.due_on,
        )
        found = _new(
            actor,
            row.partnership,
            terms,
            base.language,
            moment,
            brand=dict(base.brand_party),
            creator=dict(base.creator_party),
        )
        found.amends, found.payment_days, found.rights_until = first, base.payment_days, base.rights_until
        found.clauses = composing.composed(found, moment.date())
        found.save(force_insert=True)
        record(found, "drafted", actor, moment, amends=first.reference)
    return found


def _copy(source: Contract, target: Contract) -> None:
    """The caller's instance shows what was saved."""
    for field in Contract._meta.concrete_fields:
        setattr(target, field.attname, getattr(source, field.attname))
