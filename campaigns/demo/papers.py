"""Contracts of the demo: drafted, sent and signed through the services, with invented addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from campaigns.contracts import rules
from campaigns.contracts.composing import facts_of
from campaigns.models import Contract, Partnership, Payment
from campaigns.services import contract_steps, contracts, payments, relations, signing
from campaigns.services.signing import Browser

if TYPE_CHECKING:
    from campaigns.demo.cast import Cast
    from campaigns.demo.chapter import Chapter, Deal

DESK = Browser("203.0.113.20", "Mozilla/5.0 (Macintosh; demo)")
PHONE = Browser("203.0.113.77", "Mozilla/5.0 (iPhone; demo)")
STREETS = {
    "fr": (
        "{n} rue des Tisserands, 44000 Nantes",
        "{n} quai du Vieux-Four, 69004 Lyon",
        "{n} chemin des Aulnes, 35000 Rennes",
    ),
    "en": ("{n} Weaver’s Row, Leeds LS2", "{n} Harbour Lane, Bristol BS1", "{n} Mill Road, Cambridge CB1"),
}
FIRMS = {
    "Amarande": ("Amarande SAS", "FR"),
    "Hvilested": ("Hvilested ApS", "DK"),
    "Crestline": ("Crestline SAS", "FR"),
}


def draft(chapter: Chapter, deal: Deal, at: datetime) -> Contract:
    """A complete draft: both parties named, what their country asks for filled in."""
    partnership = chapter.of(deal)
    contract = contracts.draft_contract(actor=chapter.actor, partnership=partnership, now=at)
    name, country = FIRMS.get(chapter.brand.name, (chapter.brand.name, "FR"))
    street = STREETS.get(contract.language, STREETS["en"])[partnership.creator_id % 3]
    residence = contract.creator_party["tax_country"] or partnership.creator.country or "FR"
    creator = {
        "name": partnership.creator.display_name,
        "address": street.format(n=1 + partnership.creator_id % 90),
        "email": partnership.sent_to,
        "tax_country": residence,
    }
    if residence not in rules.EUROPE and facts_of(partnership).countries.count("FR"):
        creator |= {
            "eu_representative": "Relais Europe SARL, 8 rue du Pont, 75010 Paris",
            "insurance": "Mutuelle des Halles, no. 4471-22",
        }
    brand = {
        "name": name,
        "address": STREETS["fr" if country == "FR" else "en"][0].format(n=12),
        "email": f"legal@{chapter.brand.name.lower()}.example",
        "tax_country": country,
        "representative": chapter.actor.name,
    }
    return contracts.save_contract(
        actor=chapter.actor, contract=contract, brand_party=brand, creator_party=creator, now=at + timedelta(minutes=12)
    )


def send(chapter: Chapter, deal: Deal, at: datetime) -> Contract:
    contract = draft(chapter, deal, at)
    return contract_steps.send_contract(actor=chapter.actor, contract=contract, now=at + timedelta(minutes=20))


def sign(chapter: Chapter, deal: Deal, at: datetime) -> Contract:
    """Sent a day before, signed by the creator in the morning and by the brand afterwards, then sealed."""
    contract = send(chapter, deal, at - timedelta(hours=26))
    one_sign(chapter, deal, contract, at - timedelta(hours=3), PHONE)
    one_sign(chapter, deal, contract, at, DESK)
    signing.ensure_sealed(contract, now=at + timedelta(seconds=20))
    return contract


def one_sign(chapter: Chapter, deal: Deal, contract: Contract, at: datetime, browser: Browser) -> Contract:
    """The creator on a phone, the brand at a desk, each with the code from the mail."""
    theirs = browser is PHONE
    actor = chapter.theirs(deal) if theirs else chapter.actor
    signing.note_opening(actor=actor, contract=contract, browser=browser, now=at - timedelta(minutes=9))
    code, _address = signing.issue_code(actor=actor, contract=contract, browser=browser, now=at - timedelta(minutes=4))
    french = contract.language == "fr"
    capacity = (
        ("Créateur" if french else "Creator") if theirs else ("Responsable de marque" if french else "Brand manager")
    )
    name = contract.creator_party["name"] if theirs else chapter.actor.name
    return signing.sign(
        actor=actor, contract=contract, code=code, name=name, capacity=capacity, agrees=True, browser=browser, now=at
    )


LESSONS = {
    "fr": {
        "brand": "Le brief léger a suffi. Envoyer le colis deux semaines plus tôt.",
        "creator": "Une seule relecture, rapide et polie. Prévenir des jours d’envoi.",
    },
    "en": {
        "brand": "The light brief was enough. Send the parcel two weeks earlier.",
        "creator": "One review, quick and kind. Tell me the shipping days beforehand.",
    },
}


def settle(chapter: Chapter, deal: Deal, at: datetime) -> None:
    """Paid by the brand, confirmed by the creator."""
    for row in Payment.objects.filter(partnership=chapter.of(deal), state__in=["agreed", "due"]):
        reference = f"VIR {at:%y%m%d}-{row.partnership.creator_id % 97:02d}"
        payments.send_payment(actor=chapter.actor, payment=row, reference=reference, now=at)
        payments.receive_payment(actor=chapter.theirs(deal), payment=row, now=at + timedelta(hours=30))


def look_back(chapter: Chapter, deal: Deal, at: datetime) -> None:
    words = LESSONS[chapter.spec["language"]]
    for actor, side, mark in ((chapter.theirs(deal), "creator", 5), (chapter.actor, "brand", 4)):
        relations.write_debrief(
            actor=actor,
            partnership=chapter.of(deal),
            result=mark,
            cooperation=5,
            again=True,
            lesson=words[side],
            now=at,
        )


def circle(cast: Cast, now: datetime) -> None:
    """The end of the story: payments fall due, and an agency keeps those who did well."""
    payments.run_due(now=now)
    actor, brand = cast.actors["lisiere"][""], cast.brands["amarante"]
    done = Partnership.visible_to(actor).filter(campaign__brand=brand, state="completed").select_related("creator")
    if not done:
        return
    programme = relations.create_programme(
        actor=actor,
        brand=brand,
        name="Le cercle des mains",
        promise="Un colis par saison, une visite de l’atelier par an",
        tiers=[
            {"name": "Amie", "benefit": "le colis de saison"},
            {"name": "Voix", "benefit": "un brief rémunéré par saison"},
        ],
        every_months=3,
        now=now - timedelta(days=20),
    )
    for number, row in enumerate(done[:3]):
        joined = now - timedelta(days=18 - number)
        relations.join_programme(actor=actor, programme=programme, creator=row.creator, tier=number % 2, now=joined)
    relations.save_relation(
        actor=actor,
        creator=done[0].creator,
        next_step="Proposer le baume de printemps",
        next_on=(now + timedelta(days=24)).date(),
        now=now - timedelta(days=2),
    )
