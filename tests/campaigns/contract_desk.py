"""Contracts in any state on the stage of the campaign tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.actors import Actor
from accounts.models import Creator
from campaigns.models import Contract, Partnership
from campaigns.services import answers, contract_steps, contracts, signing
from campaigns.services.signing import Browser
from tests.campaigns.conftest import SENTENCES, Stage

HERE = Browser("203.0.113.7", "Mozilla/5.0 (test)")
BRAND_PARTY = {
    "name": "Alma Botanica SAS",
    "address": "12 rue des Hauts-Pavés, 44000 Nantes",
    "email": "legal@alma.example",
    "tax_country": "FR",
    "representative": "Camille Renard",
    "registration": "SIREN 812 345 678",
}
CREATOR_PARTY = {
    "name": "Léa Martin",
    "address": "3 impasse de l’Œuvre, 69001 Lyon",
    "email": "lea@example.org",
    "tax_country": "FR",
}


@dataclass
class Desk:
    stage: Stage

    @property
    def owner(self) -> Actor:
        return self.stage.owner

    def agreed(self, creator: Creator | None = None, sentence: int = 0, **terms: Any) -> Partnership:
        """An accepted partnership, with the creator's terms where given."""
        partnership = self.stage.invite(creator or self.stage.cast.lea, SENTENCES[sentence], terms=terms or None)
        return answers.accept(actor=self.stage.link_actor(partnership), partnership=partnership)

    def draft(self, partnership: Partnership | None = None, **options: Any) -> Contract:
        """Complete: everything the law's list asks is there."""
        row = partnership or self.agreed()
        contract = contracts.draft_contract(actor=self.owner, partnership=row, language=options.pop("language", ""))
        return contracts.save_contract(
            actor=self.owner,
            contract=contract,
            brand_party=BRAND_PARTY,
            creator_party=CREATOR_PARTY | options.pop("creator_party", {}),
            **options,
        )

    def sent(self, partnership: Partnership | None = None, **options: Any) -> Contract:
        return contract_steps.send_contract(actor=self.owner, contract=self.draft(partnership, **options))

    def creator(self, contract: Contract) -> Actor:
        return self.stage.link_actor(Partnership.objects.get(pk=contract.partnership_id))

    def sign(self, contract: Contract, side: str, *, now: datetime | None = None, **changes: Any) -> Contract:
        actor = self.owner if side == "brand" else self.creator(contract)
        moment = now or datetime.now(UTC)
        code, _address = signing.issue_code(actor=actor, contract=contract, browser=HERE, now=moment)
        given = {"code": code, "name": "Ada Byron", "capacity": "Manager", "agrees": True, "browser": HERE} | changes
        return signing.sign(actor=actor, contract=contract, now=moment + timedelta(seconds=30), **given)

    def executed(self, partnership: Partnership | None = None, **options: Any) -> Contract:
        contract = self.sent(partnership, **options)
        self.sign(contract, "creator")
        return self.sign(contract, "brand")
