"""What the two sides of a demo partnership say and send to each other, through the real services."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from campaigns.models import Message, Partnership, Shipment, Suggestion
from campaigns.services import cowriting, messages, shipping

if TYPE_CHECKING:
    from campaigns.demo.chapter import Chapter, Deal


def _fresh(chapter: Chapter, deal: Deal) -> Partnership:
    rows = Partnership.objects.select_related("campaign__brand", "campaign__workspace", "creator", "brief")
    return rows.get(pk=chapter.of(deal).pk)


def _say(chapter: Chapter, deal: Deal, at: datetime, key: str, by_brand: bool, **options: Any) -> None:
    actor = chapter.actor if by_brand else chapter.theirs(deal)
    text = chapter.words_for(deal)["talk"][key]
    messages.write(actor=actor, partnership=_fresh(chapter, deal), text=text, now=at, **options)


def question(chapter: Chapter, deal: Deal, at: datetime) -> None:
    """The creator asks; every third one by mail."""
    _say(chapter, deal, at, "question", False, channel="mail" if chapter.of(deal).creator_id % 3 == 0 else "page")


def reply(chapter: Chapter, deal: Deal, at: datetime) -> None:
    _say(chapter, deal, at, "reply", True)


def choice(chapter: Chapter, deal: Deal, at: datetime) -> None:
    options = chapter.words_for(deal)["talk"]["options"]
    _say(chapter, deal, at, "choice", True, asks="choice", options=options)


def tapped(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = Message.objects.filter(partnership=chapter.of(deal), asks="choice").select_related("partnership").last()
    if row is not None:
        messages.answer(actor=chapter.theirs(deal), message=row, value=row.options[0], now=at)


def suggest(chapter: Chapter, deal: Deal, at: datetime) -> None:
    """The creator puts the first rule in their own words, and asks for more freedom where there is some to give."""
    row, talk = _fresh(chapter, deal), chapter.words_for(deal)["talk"]
    if row.brief is None:
        return
    rules = row.brief.must.splitlines()
    changes = {"must": "\n".join([*rules[1:], talk["rule"]])}
    if row.brief.freedom < 5:
        changes["freedom"] = row.brief.freedom + 1
    cowriting.suggest(actor=chapter.theirs(deal), partnership=row, changes=changes, reason=talk["why"], now=at)


def take_over(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = Suggestion.objects.filter(partnership=chapter.of(deal), state="open").select_related("partnership").last()
    if row is not None:
        cowriting.accept_suggestion(actor=chapter.actor, suggestion=row, now=at)


def amend(chapter: Chapter, deal: Deal, at: datetime) -> None:
    """The brand proposes an amendment after the agreement; it waits for the creator."""
    row = _fresh(chapter, deal)
    if row.brief is not None and row.brief.review_rounds != 2:
        reason = chapter.words_for(deal)["talk"]["amend"]
        cowriting.suggest(actor=chapter.actor, partnership=row, changes={"review_rounds": 2}, reason=reason, now=at)


def parcel(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = _fresh(chapter, deal)
    product = (row.brief.in_kind if row.brief else "") or row.campaign.brand.name
    shipping.ask_address(actor=chapter.actor, partnership=row, product=product, now=at)


def _last(chapter: Chapter, deal: Deal) -> Shipment | None:
    rows = Shipment.objects.filter(partnership=chapter.of(deal)).select_related("partnership__campaign")
    return rows.order_by("created_at").last()


def address(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = _last(chapter, deal)
    if row is not None:
        place = {"name": chapter.of(deal).creator.display_name, **chapter.words_for(deal)["talk"]["address"]}
        shipping.give_address(actor=chapter.theirs(deal), shipment=row, address=place, now=at)


def ship(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = _last(chapter, deal)
    if row is not None:
        number = f"6A{chapter.of(deal).creator_id * 7919 % 10**9:09d}"
        shipping.ship(actor=chapter.actor, shipment=row, carrier="Colissimo", tracking=number, now=at)


def arrived(chapter: Chapter, deal: Deal, at: datetime) -> None:
    row = _last(chapter, deal)
    if row is not None:
        shipping.receive(actor=chapter.theirs(deal), shipment=row, now=at)


VERBS = {
    play.__name__: play
    for play in (question, reply, choice, tapped, suggest, take_over, amend, parcel, address, ship, arrived)
}
