"""One campaign of the demo with its partnerships, every step through the services of campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.actors import Actor, creator_actor
from accounts.errors import InvalidInput
from accounts.models import Creator
from campaigns.briefs import to_matching_brief
from campaigns.demo import exchanges, papers, works
from campaigns.demo.cast import scenario
from campaigns.limits import Blocked
from campaigns.models import Campaign, Offer, Partnership
from campaigns.services import answers, briefs, invitations, progress, shortlist
from campaigns.services import campaigns as campaign_services
from matching.models import MatchResult
from matching.services.match import run_match

if TYPE_CHECKING:
    from campaigns.demo.story import Story

Spec = dict[str, Any]
DEPTH = 60
REST = timedelta(days=31)


@dataclass(slots=True)
class Deal:
    """One partnership of the scenario: who it will be is known once it is shortlisted."""

    path: str
    reason: str
    login: str
    partnership: Partnership | None = None
    creator: Creator | None = None


class Chapter:
    """One campaign with its partnerships."""

    def __init__(self, story: Story, spec: Spec) -> None:
        self.story, self.spec = story, spec
        self.brand = story.cast.brands[spec["brand"]]
        self.key = next(k for k, w in story.cast.workspaces.items() if w.pk == self.brand.workspace_id)
        actors = story.cast.actors[self.key]
        self.actor: Actor = actors.get(spec["language"], actors[""])
        self.words = scenario()["words"][spec["language"]]
        self.campaign: Campaign
        self.results: list[MatchResult] = []

    def days_ago(self, days: float) -> datetime:
        return self.story.now - timedelta(days=days)

    def later(self, moment: datetime, low: float, high: float) -> datetime:
        """Between `low` and `high` days afterwards, at an hour when people work."""
        after = moment + timedelta(days=self.story.rng.uniform(low, high))
        return (
            after.replace(hour=self.story.rng.randint(8, 19), minute=self.story.rng.randrange(60))
            if high > 1
            else after
        )

    def plan(self) -> None:
        story, spec = self.story, self.spec
        begin = self.days_ago(spec["days"][0] + 2)
        story.at(begin, self.create)
        if spec["state"] != "draft":
            story.at(begin + timedelta(hours=5), self.activate)
        last, waiting = begin, None
        for entry in spec["partnerships"]:
            what, _at, days = entry.partition(" @ ")
            invited = self.days_ago(float(days))
            last = max(last, self.deal(what.split(), invited))
            waiting = invited if what == "waiting" else waiting
        self.ending(last, waiting)

    def ending(self, last: datetime, waiting: datetime | None) -> None:
        moment = waiting + timedelta(days=3) if waiting else self.days_ago(max(self.spec["days"][1], 0.2))
        if self.spec["state"] in ("closed", "closing"):
            self.story.at(moment, self.close)
        elif self.spec["state"] == "cancelled":
            self.story.at(moment, self.call_off)

    # --- the campaign

    def create(self, at: datetime) -> None:
        spec = self.spec
        ends = (self.story.now - timedelta(days=spec["days"][1])).date()
        self.campaign = campaign_services.create_campaign(
            actor=self.actor, brand=self.brand, name=spec["name"], now=at, objective=spec["objective"],
            audience=spec["audience"], budget=spec["budget"], currency=spec["currency"], countries=spec["countries"],
            languages=spec["languages"], places=spec["places"], ends_on=ends,
            starts_on=(self.story.now - timedelta(days=spec["days"][0])).date(),
        )  # fmt: skip
        briefs.save_brief(actor=self.actor, campaign=self.campaign, now=at + timedelta(hours=3), **self.brief())

    def brief(self) -> dict[str, Any]:
        content = dict(self.spec["brief"])
        items = [dict(item) for item in content.pop("deliverables")]
        for item in items:
            item["due_on"] = (self.story.now + timedelta(days=item.pop("due"))).date().isoformat()
        return content | {
            "deliverables": items,
            "language": self.spec["language"],
            "currency": self.spec["currency"],
            "must": content["must"].strip(),
            "must_not": content["must_not"].strip(),
        }

    def activate(self, at: datetime) -> None:
        campaign_services.activate_campaign(actor=self.actor, campaign=self.campaign, now=at)

    def close(self, at: datetime) -> None:
        campaign_services.close_campaign(actor=self.actor, campaign=self.campaign, message=self.words["close"], now=at)

    def call_off(self, at: datetime) -> None:
        campaign_services.cancel_campaign(actor=self.actor, campaign=self.campaign, reason=self.spec["reason"], now=at)

    # --- a partnership

    def deal(self, words: list[str], invited: datetime) -> datetime:
        """Plans one partnership; returns the moment of its last step."""
        login = words.pop(0).removeprefix("login_") if words[0].startswith("login_") else ""
        deal = Deal(words[0], words[1] if len(words) > 1 else "", login)
        listed = invited if deal.path == "shortlisted" else self.later(invited, -1.4, -0.3)
        floor = self.days_ago(self.spec["days"][0] + 2) + timedelta(hours=8)
        self.story.at(max(listed, floor), lambda at: self.shortlist(deal, at))
        moment = max(invited, floor + timedelta(hours=2))
        for verb, low, high in PATHS[deal.path]:
            moment = self.later(moment, low, high) if high else moment
            self.story.at(moment, self.step(deal, verb))
        if deal.path in AT_WORK:
            self.story.at(moment + timedelta(days=2), self.step(deal, "begin_works"))
        if deal.reason == "noted":
            self.story.at(moment + timedelta(hours=3), lambda at: self.note(deal, at))
        return moment

    def step(self, deal: Deal, verb: str) -> Callable[[datetime], None]:
        def play(at: datetime) -> None:
            if deal.partnership is not None:
                deal.partnership.refresh_from_db()
                if verb in exchanges.VERBS:
                    exchanges.VERBS[verb](self, deal, at)
                else:
                    getattr(self, verb)(deal, at)

        return play

    def shortlist(self, deal: Deal, at: datetime) -> None:
        """The best of the match who may be invited now, not asked by this workspace lately."""
        for creator, result in self.candidates(deal):
            used = self.story.used.setdefault(self.key, {})
            if not deal.login and creator.pk in used and abs(at - used[creator.pk]) < REST:
                continue
            if Partnership.objects.filter(campaign=self.campaign, creator=creator).exists():
                continue
            if PATHS[deal.path] and not self.free(creator, at):
                continue
            row = shortlist.shortlist_creators(
                actor=self.actor, campaign=self.campaign, creators=[] if result else [creator],
                results=[result] if result else [], now=at,
            )[0]  # fmt: skip
            used[creator.pk] = at
            deal.partnership, deal.creator = row, creator
            return

    def free(self, creator: Creator, at: datetime) -> bool:
        """Whether nothing of theirs or ours forbids an invitation."""
        wish = Partnership(campaign=self.campaign, creator=creator, state="shortlisted")
        draft = invitations.draft_invitation(actor=self.actor, partnership=wish, now=at)
        return all(block.warning for block in draft.blocks)

    def candidates(self, deal: Deal) -> Iterator[tuple[Creator, MatchResult | None]]:
        if not self.results:
            brief = self.campaign.briefs.select_related("campaign__brand").latest("version")
            question = to_matching_brief(self.campaign, brief)
            run = run_match(actor=self.actor, brief=question, limit=DEPTH)
            self.results = list(run.results.select_related("creator", "run"))
        if deal.login:
            creator = self.story.cast.creators[self.story.cast.logins[deal.login].index]
            yield creator, next((r for r in self.results if r.creator_id == creator.pk), None)
            return
        reserved = {self.story.cast.creators[p.index].pk for p in self.story.cast.logins.values()}
        for result in self.results:
            person = self.story.cast.people[self.story.persons[result.creator_id]]
            if result.creator_id not in reserved and {person.niche, person.second} & set(self.spec["niches"]):
                yield result.creator, result

    def note(self, deal: Deal, at: datetime) -> None:
        if deal.partnership is not None:
            shortlist.annotate(actor=self.actor, partnership=deal.partnership, note=self.words["note"], now=at)

    def invite(self, deal: Deal, at: datetime) -> None:
        for _try in range(8):
            try:
                invitations.invite(
                    actor=self.actor, partnership=self.of(deal), personal_sentence=self.sentence(deal), now=at
                )
            except Blocked:
                deal.partnership = None  # their capacity went to somebody else meanwhile: they stay on the shortlist
            except InvalidInput:
                continue  # too near to what went to somebody else these days: another sentence
            return
        deal.partnership = None

    def sentence(self, deal: Deal) -> str:
        """One that fits this person's own posts and was not used in this campaign."""
        language = self.language_of(deal)
        left = self.story.sentences.setdefault(f"{self.campaign.pk} {language}", [])
        phrases = self.words_for(deal)["personal"].splitlines()
        if not left:
            left += self.story.rng.sample(phrases, len(phrases))
        known = self.story.titles.get(self.story.persons[self.of(deal).creator_id], [])
        titles = [title for niche, title in known if niche in self.spec["niches"]] or [title for _niche, title in known]
        return left.pop().replace("{title}", self.story.rng.choice(titles or [self.brand.name]).rstrip(".…"))

    def language_of(self, deal: Deal) -> str:
        """Theirs where the campaign speaks it, else the campaign's."""
        spoken = self.story.cast.people[self.story.persons[self.of(deal).creator_id]].languages[0]
        return spoken if spoken in self.spec["languages"] else self.spec["language"]

    def words_for(self, deal: Deal) -> Spec:
        return dict(scenario()["words"][self.language_of(deal)])

    def of(self, deal: Deal) -> Partnership:
        if deal.partnership is None:
            raise RuntimeError(f"nobody was found for {deal.path} in {self.spec['key']}")
        return deal.partnership

    def theirs(self, deal: Deal) -> Actor:
        return creator_actor(self.of(deal).creator, partnership_id=self.of(deal).pk)

    def seen(self, deal: Deal, at: datetime) -> None:
        invitations.mark_seen(actor=self.theirs(deal), partnership=self.of(deal), now=at)

    def remind(self, deal: Deal, at: datetime) -> None:
        invitations.remind(actor=self.actor, partnership=self.of(deal), now=at)

    def accept(self, deal: Deal, at: datetime) -> None:
        answers.accept(actor=self.theirs(deal), partnership=self.of(deal), now=at)

    def accept_theirs(self, deal: Deal, at: datetime) -> None:
        answers.accept(actor=self.actor, partnership=self.of(deal), now=at)

    def decline(self, deal: Deal, at: datetime) -> None:
        note = self.words_for(deal)["decline"][deal.reason]
        answers.decline(actor=self.theirs(deal), partnership=self.of(deal), reason=deal.reason, note=note, now=at)

    def counter(self, deal: Deal, at: datetime) -> None:
        fee = (self.offer(deal).fee * Decimal("1.3") / 10).quantize(Decimal(1)) * 10
        answers.counter_offer(
            actor=self.theirs(deal), partnership=self.of(deal), fee=fee, message=self.words_for(deal)["counter"], now=at
        )

    def counter_back(self, deal: Deal, at: datetime) -> None:
        offer = self.offer(deal)
        items = [dict(item) for item in offer.deliverables]
        for item in items:
            if item["format"] == "story" and item["quantity"] > 1:
                item["quantity"] -= 1
        fee = (offer.fee * Decimal("0.9") / 10).quantize(Decimal(1)) * 10
        answers.counter_offer(
            actor=self.actor,
            partnership=self.of(deal),
            fee=fee,
            deliverables=items,
            message=self.words_for(deal)["counter_back"],
            now=at,
        )

    def offer(self, deal: Deal) -> Offer:
        return Offer.objects.get(partnership=self.of(deal), state="open")

    def contract(self, deal: Deal, at: datetime) -> None:
        """Signed by both, through the real codes and the real seal."""
        papers.sign(self, deal, at)

    def send_contract(self, deal: Deal, at: datetime) -> None:
        papers.send(self, deal, at)

    def settle(self, deal: Deal, at: datetime) -> None:
        papers.settle(self, deal, at)

    def look_back(self, deal: Deal, at: datetime) -> None:
        papers.look_back(self, deal, at)

    def go_live(self, deal: Deal, at: datetime) -> None:
        """The first publication makes it live."""
        row = self.of(deal)
        works.play_live(self.maker(deal), at)
        row.refresh_from_db()
        if row.state != "live":
            progress.go_live(actor=self.actor, partnership=row, now=at)

    def begin_works(self, deal: Deal, at: datetime) -> None:
        works.play_begin(self.maker(deal), at)

    def maker(self, deal: Deal) -> works.Maker:
        return works.Maker(self.of(deal), self.actor, self.theirs(deal), self.story.now)

    def complete(self, deal: Deal, at: datetime) -> None:
        works.play_rest(self.maker(deal), at)
        progress.complete(actor=self.actor, partnership=self.of(deal), now=at)

    def withdraw(self, deal: Deal, at: datetime) -> None:
        invitations.withdraw(
            actor=self.actor, partnership=self.of(deal), message=self.words_for(deal)["withdraw"], now=at
        )

    def expire(self, deal: Deal, at: datetime) -> None:
        row = self.of(deal)
        deadline = row.expires_at or at
        invitations.expire(partnership=row, now=max(at, deadline + timedelta(minutes=2)))

    def cancel(self, deal: Deal, at: datetime) -> None:
        who = self.theirs(deal) if deal.reason == "creator" else self.actor
        progress.cancel(actor=who, partnership=self.of(deal), reason=self.words_for(deal)["cancel"], now=at)


# path → (what happens, days after the step before: from, to)
_SEEN = (("invite", 0, 0), ("seen", 0.1, 0.8))
_ACCEPTED = (*_SEEN, ("accept", 0.2, 1.9))
_WRITTEN = (*_SEEN, ("suggest", 0.1, 0.4), ("take_over", 0.1, 0.5), ("accept", 0.2, 0.9))
_SENT = (("parcel", 0.1, 0.3), ("address", 0.1, 0.6))
_CONTRACTED = (*_WRITTEN, *_SENT, ("contract", 1.5, 3.2), ("ship", 0.2, 0.8))
_LIVE = (*_CONTRACTED, ("arrived", 1.5, 2.5), ("go_live", 9, 12))
PATHS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "shortlisted": (),
    "invited": (("invite", 0, 0),),
    "waiting": (("invite", 0, 0),),
    "invited_reminded": (("invite", 0, 0), ("remind", 2.1, 3.5)),
    "seen": (*_SEEN, ("question", 0.3, 1.2)),
    "countered": (*_SEEN, ("suggest", 0.2, 0.3), ("counter", 0.3, 1.2)),
    "countered_back": (*_SEEN, ("counter", 0.3, 1.2), ("counter_back", 1.1, 2.4)),
    "accepted": (*_ACCEPTED, ("question", 0.1, 0.4), ("reply", 0.1, 0.6), *_SENT),
    "accepted_after_counter": (
        *_SEEN,
        ("counter", 0.3, 1.2),
        ("accept_theirs", 1.1, 2.1),
        ("amend", 0.3, 0.9),
        ("send_contract", 1.1, 2.2),
    ),
    "contracted": (*_CONTRACTED, ("choice", 0.2, 0.8), ("tapped", 0.2, 0.9)),
    "live": _LIVE,
    "completed": (*_LIVE, ("complete", 11, 14), ("settle", 1.1, 2.2), ("look_back", 1.6, 2.4)),
    "declined": (*_SEEN, ("decline", 0.2, 1.6)),
    "withdrawn": (("invite", 0, 0), ("withdraw", 2.1, 3.4)),
    "expired": (*_SEEN, ("expire", 10.5, 12)),
    "cancelled": (*_ACCEPTED, ("cancel", 5, 8)),
}
# Paths that stop where pieces are being made.
AT_WORK = frozenset({"accepted", "accepted_after_counter", "contracted"})
