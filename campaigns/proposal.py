"""What a creator reads about a proposal: one value for the link's page, the signed-in page and the brand's preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from accounts.actors import Actor
from campaigns.deliverables import described
from campaigns.disclosure import Label, labels_for
from campaigns.disclosure.labels import platform_notes
from campaigns.models import Brief, Offer, Partnership
from campaigns.services.invitations import Draft
from campaigns.terms import Terms
from campaigns.vocabulary import FREEDOM, ending
from matching.proofs import EvidenceBook
from matching.reasons import reason_text


@dataclass(frozen=True, slots=True)
class Proposal:
    """terms: those on the table, agreed, or last. reasons: why this creator, with their own posts as proof."""

    partnership: Partnership
    brief: Brief | None
    terms: Terms
    offer: Offer | None
    sentence: str
    signed: str
    items: list[dict[str, Any]]
    labels: list[Label]
    notes: list[str]
    reasons: list[dict[str, Any]]
    freedom: int
    freedom_name: str
    freedom_text: str
    must: list[str]
    must_not: list[str]
    deadline: datetime | None
    left: int | None
    preview: bool = False
    scale: tuple[int, ...] = field(default=(1, 2, 3, 4, 5))

    @property
    def fresh(self) -> bool:
        """Nothing has happened yet beside the invitation: the page opens with it."""
        return self.partnership.state in ("shortlisted", "invited", "seen")

    @property
    def city(self) -> str:
        """Where the clock of the deadline hangs: "Paris" of Europe/Paris."""
        return self.partnership.campaign.workspace.timezone.rpartition("/")[2].replace("_", " ")

    @property
    def website(self) -> str:
        address = self.partnership.campaign.brand.website
        return address if address.startswith(("https://", "http://")) else ""

    @property
    def soon(self) -> bool:
        return self.left is not None and self.left < 48

    @property
    def remaining(self) -> str:
        """Time left to answer, precise enough to decide by."""
        if self.left is None or self.left < 0:
            return ""
        if self.left < 48:
            return ngettext("%(n)s hour left", "%(n)s hours left", max(1, self.left)) % {"n": max(1, self.left)}
        return ngettext("%(n)s day left", "%(n)s days left", self.left // 24) % {"n": self.left // 24}

    @property
    def ending(self) -> str:
        return ending(self.partnership, self.partnership.campaign.brand.name)


def proposal(partnership: Partnership, actor: Actor, *, draft: Draft | None = None, sentence: str = "") -> Proposal:
    """draft: an invitation not sent yet (the composer's preview)."""
    brief = draft.brief if draft else partnership.brief
    offer = None if draft else table_offer(partnership)
    terms = draft.terms if draft else Terms.of_offer(offer) if offer else Terms(currency=partnership.campaign.currency)
    number = brief.freedom if brief else 4
    inviter = partnership.invited_by.get_short_name() if partnership.invited_by else ""
    deadline = partnership.expires_at
    return Proposal(
        partnership=partnership,
        brief=brief,
        terms=terms,
        offer=offer,
        sentence=sentence or partnership.personal_sentence,
        signed=inviter or (actor.name.split(" ")[0] if draft else ""),
        items=described(terms.deliverables),
        labels=_labels(partnership, brief),
        notes=platform_notes(str(item.get("platform")) for item in terms.deliverables),
        reasons=_reasons(actor, partnership.reasons),
        freedom=number,
        freedom_name=str(FREEDOM[number][0]),
        freedom_text=str(FREEDOM[number][1]),
        must=_lines(brief.must if brief else ""),
        must_not=_lines(brief.must_not if brief else ""),
        deadline=deadline,
        left=int((deadline - timezone.now()).total_seconds() // 3600) if deadline else None,
        preview=draft is not None,
    )


def table_offer(partnership: Partnership) -> Offer | None:
    """The accepted offer, else the open one, else the last."""
    offers = sorted(partnership.offers.all(), key=lambda offer: offer.number)
    live = [offer for offer in offers if offer.state in ("accepted", "open")]
    return live[-1] if live else offers[-1] if offers else None


def _labels(partnership: Partnership, brief: Brief | None) -> list[Label]:
    """For the audience's countries, else the creator's own."""
    campaign = partnership.campaign
    countries = campaign.countries or ([partnership.creator.country] if partnership.creator.country else [])
    language = brief.language if brief else campaign.workspace.language
    chosen = brief.disclosure if brief else {}
    return labels_for(countries=countries, chosen=chosen, language=language, brand=campaign.brand.name)


def _reasons(actor: Actor, claims: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The reasons for this creator, in words, with their own posts (and nobody's comments) behind them.

    What they cost beside others is the brand's sum: nobody is asked to work "because you are cheap".
    """
    good = [claim for claim in claims if claim.get("sign", 1) > 0 and claim.get("family") != "economy"]
    book = EvidenceBook(actor, good)
    found = []
    for claim in good:
        posts = [proof for proof in book.of(claim) if proof.kind == "post"]
        links = [
            {"kind": "post", "text": p.text, "at": p.at, "network": p.network, "url": _outside(p.url)} for p in posts
        ]
        found.append({"text": reason_text(claim), "proofs": links})
    return found


def _outside(url: str) -> str:
    """Only the network's own page: whoever came by a link cannot open pages behind the sign-in."""
    return url if url.startswith(("https://", "http://")) else ""


def _lines(text: str) -> list[str]:
    return [line.strip(" -–•\t") for line in text.splitlines() if line.strip(" -–•\t")]
