"""Reading for pages: everything through `visible_to`, counted in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, When
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Creator, Event, SocialAccount
from accounts.templatetags.figures import locale
from campaigns.actions import actions, whose_turn
from campaigns.limits import BOUND, RUNNING, WAITING
from campaigns.models import Campaign, Offer, Partnership
from campaigns.states import PARTNERSHIP, Transition
from matching.models import Post

FUNNEL = (
    ("shortlisted", None),
    ("invited", Q(invited_at__isnull=False)),
    ("seen", Q(seen_at__isnull=False)),
    ("answered", Q(answered_at__isnull=False)),
    ("accepted", Q(accepted_at__isnull=False)),
    ("completed", Q(state="completed")),
)


def campaigns(actor: Actor) -> QuerySet[Campaign]:
    """With counts by stage: on_list, invited, waiting, accepted, declined."""

    def count(**where: Any) -> Count:
        return Count("partnerships", filter=Q(**{f"partnerships__{key}": value for key, value in where.items()}))

    return (
        Campaign.visible_to(actor)
        .select_related("brand")
        .annotate(
            on_list=Count("partnerships"),
            invited=count(invited_at__isnull=False),
            waiting=count(state__in=WAITING),
            accepted=count(state__in=BOUND),
            declined=count(state="declined"),
        )
    )


def partnerships(actor: Actor) -> QuerySet[Partnership]:
    """With creator, accounts, offers, and what every row shows."""
    accounts = Prefetch("creator__accounts", SocialAccount.visible_to(actor).order_by("-followers"))
    return (
        Partnership.visible_to(actor)
        .select_related("campaign__brand", "campaign__workspace", "creator", "brief", "match_result")
        .prefetch_related(accounts, Prefetch("offers", Offer.visible_to(actor).order_by("number")))
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A partnership with what may be done to it now. turn: "brand", "creator" or ""."""

    partnership: Partnership
    offers: list[Offer]
    actions: list[Transition]
    turn: str

    @property
    def table(self) -> Offer | None:
        """The newest offer that counts: accepted, open, else the last one."""
        live = [offer for offer in self.offers if offer.state in ("accepted", "open")]
        return live[-1] if live else self.offers[-1] if self.offers else None

    @property
    def open_offer(self) -> Offer | None:
        return next((offer for offer in self.offers if offer.state == "open"), None)

    @property
    def until(self) -> str:
        """The deadline as short as a card allows: "28 Nov", "28 nov."."""
        end = self.partnership.expires_at
        return format_skeleton("MMMd", timezone.localtime(end), locale=locale()) if end else "–"

    @property
    def score(self) -> float | None:
        result = self.partnership.match_result
        return result.score if result else None

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(step.verb for step in self.actions)


def row_of(actor: Actor, partnership: Partnership) -> Row:
    offers = list(partnership.offers.all())
    table = next((offer for offer in offers if offer.state == "open"), None)
    return Row(partnership, offers, actions(actor, partnership, offers), whose_turn(partnership, table))


def rows(actor: Actor, found: Iterable[Partnership]) -> list[Row]:
    return [row_of(actor, partnership) for partnership in found]


def funnel(actor: Actor, campaign: Campaign) -> list[tuple[str, int]]:
    """How many ever reached each stage."""
    mine = Partnership.visible_to(actor).filter(campaign=campaign)
    counts = mine.aggregate(**{name: Count("pk", filter=where) for name, where in FUNNEL})
    return [(name, counts[name]) for name, _where in FUNNEL]


@dataclass(frozen=True, slots=True)
class Money:
    """Sums in the campaign's currency. committed: agreed. offered: on the table with those still deciding."""

    committed: Decimal
    in_kind: Decimal
    offered: Decimal
    budget: Decimal | None

    @property
    def share(self) -> float | None:
        return float(self.committed / self.budget) if self.budget else None

    @property
    def left(self) -> Decimal | None:
        return None if self.budget is None else self.budget - self.committed


def spending(actor: Actor, shown: Iterable[Campaign]) -> dict[Any, Money]:
    """campaign id → sums, in one query whatever their number."""
    wanted = {campaign.pk: campaign for campaign in shown}
    same = F("partnership__campaign__currency")
    offers = Offer.visible_to(actor).filter(partnership__campaign__in=wanted, currency=same).order_by()
    bound = Q(state="accepted", partnership__state__in=BOUND)
    waiting = Q(state="open", partnership__state__in=WAITING)
    sums = offers.values("partnership__campaign").annotate(
        committed=Sum("fee", filter=bound),
        in_kind_agreed=Sum("in_kind_value", filter=bound),
        offered=Sum("fee", filter=waiting),
    )
    found = {row["partnership__campaign"]: row for row in sums}
    money = {}
    for pk, campaign in wanted.items():
        row, zero = found.get(pk, {}), Decimal(0)
        agreed, goods, open_ = (row.get(name) or zero for name in ("committed", "in_kind_agreed", "offered"))
        money[pk] = Money(committed=agreed, in_kind=goods, offered=open_, budget=campaign.budget)
    return money


# key of the address → (column, whether the first click puts the largest on top)
SORTS = {
    "name": ("creator__display_name", False),
    "state": ("state_order", False),
    "score": ("match_result__score", True),
    "fee": ("fee_now", True),
    "deadline": ("expires_at", False),
    "changed": ("state_changed_at", True),
}


def descends(sort: str) -> bool:
    """Whether this order puts the largest first. A leading "-" turns a column's usual order."""
    return SORTS[sort.lstrip("-")][1] != sort.startswith("-")


def sorted_partnerships(actor: Actor, campaign: Campaign, sort: str) -> QuerySet[Partnership]:
    """The pipeline's rows; sort: a key of SORTS, turned by a leading "-". What is unknown comes last."""
    newest = Offer.visible_to(actor).filter(partnership=OuterRef("pk")).order_by("-number")
    stages = [When(state=name, then=place) for place, name in enumerate(PARTNERSHIP.states)]
    found = partnerships(actor).filter(campaign=campaign)
    found = found.annotate(fee_now=Subquery(newest.values("fee")[:1]), state_order=Case(*stages, default=99))
    column = F(SORTS[sort.lstrip("-")][0])
    order = column.desc(nulls_last=True) if descends(sort) else column.asc(nulls_last=True)
    return found.order_by(order, "creator__display_name", "pk")


COLUMNS = (
    ("shortlisted", ("shortlisted",)),
    ("invited", ("invited", "seen")),
    ("countered", ("countered",)),
    ("accepted", ("accepted",)),
    ("contracted", ("contracted",)),
    ("live", ("live",)),
    ("completed", ("completed",)),
    ("ended", ("declined", "withdrawn", "expired", "cancelled")),
)


def board(found: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Columns of the board in the order of the lifecycle; late ones only when somebody is there."""
    columns = []
    for name, states in COLUMNS:
        inside = [row for row in found if row.partnership.state in states]
        if inside or name in ("shortlisted", "invited", "countered", "accepted"):
            columns.append((name, inside))
    return columns


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for the brand. kind names the sentence; since says how long it waits."""

    kind: str
    campaign: Campaign
    partnership: Partnership | None = None
    since: datetime | None = None
    due: datetime | None = None
    count: int = 0
    work: Any = None  # campaigns.works.Work, where the need is about one piece
    text: str = ""


SILENT = timedelta(days=3)
SOON = timedelta(days=2)


def needs(actor: Actor, *, campaign: Campaign | None = None, now: datetime | None = None) -> list[Need]:
    """What waits for the brand, most urgent first: counter-offers, agreed next steps, silence, deadlines, drafts."""
    moment = now or timezone.now()
    mine = (
        Partnership.visible_to(actor)
        .select_related("campaign__brand", "creator")
        .filter(campaign__state__in=["active", "closing"])
    )
    if campaign is not None:
        mine = mine.filter(campaign=campaign)
    theirs = Offer.visible_to(actor).filter(state="open", side="creator").values("partnership")
    ours = Offer.visible_to(actor).filter(state="open", side="brand").values("partnership")
    found = [
        Need("answer", row.campaign, row, row.state_changed_at, row.expires_at)
        for row in mine.filter(pk__in=theirs, state__in=WAITING).order_by("expires_at")
    ]
    silent = mine.filter(pk__in=ours, state__in=WAITING)
    found += [
        Need("ending", row.campaign, row, row.invited_at, row.expires_at)
        for row in silent.filter(expires_at__lte=moment + SOON).order_by("expires_at")
    ]
    found += [
        Need("silent", row.campaign, row, row.invited_at, row.expires_at)
        for row in silent.filter(
            invited_at__lte=moment - SILENT, reminders__lt=2, expires_at__gt=moment + SOON
        ).order_by("invited_at")
    ]
    found += [
        Need("agreed", row.campaign, row, row.accepted_at)
        for row in mine.filter(state="accepted").order_by("accepted_at")
    ]
    return [*_review_needs(actor, campaign, moment), *found, *_campaign_needs(actor, campaign, moment)]


def _review_needs(actor: Actor, campaign: Campaign | None, moment: datetime) -> list[Need]:
    """Labels to mend, drafts to answer, publications to confirm, pieces missed."""
    from campaigns.works import waiting_for_brand  # it reads timelines, which read this module

    found = []
    for work in waiting_for_brand(actor, now=moment):
        row = work.row
        if campaign is not None and row.partnership.campaign_id != campaign.pk:
            continue
        kind = {"draft_submitted": "review", "missed": "missed"}.get(
            row.state, "flagged" if work.flagged else "confirm"
        )
        if kind == "confirm" and row.waived_at:
            continue
        found.append(Need(kind, row.partnership.campaign, row.partnership, since=row.state_changed_at, work=work))
    order = ("flagged", "review", "missed", "confirm")
    return sorted(found, key=lambda need: order.index(need.kind))


def _campaign_needs(actor: Actor, campaign: Campaign | None, moment: datetime) -> list[Need]:
    mine: QuerySet[Any] = campaigns(actor)
    if campaign is not None:
        mine = mine.filter(pk=campaign.pk)
    found = []
    for row in mine.filter(state__in=["draft", "active"]).order_by("-created_at"):
        if row.state == "draft":
            found.append(Need("draft", row, since=row.created_at))
        elif row.ends_on and row.ends_on < moment.date():
            found.append(Need("overdue", row, count=row.waiting))
        elif not row.invited:
            found.append(Need("nobody", row, count=row.on_list))
    return found


def running(actor: Actor) -> QuerySet[Campaign]:
    return campaigns(actor).filter(state__in=["active", "closing"]).order_by("ends_on", "-created_at")


def deals(actor: Actor) -> dict[str, list[Row]]:
    """A creator's partnerships: what waits for them, what runs, what is over."""
    found = rows(actor, partnerships(actor).order_by("-state_changed_at"))
    mine = [row for row in found if row.turn == "creator"]
    others = [row for row in found if row.partnership.state in WAITING and row.turn != "creator"]
    under_way = [row for row in found if row.partnership.state in RUNNING]
    over = [row for row in found if row.partnership.state not in (*WAITING, *RUNNING)]
    return {"answer": mine, "waiting": others, "running": under_way, "over": over}


def campaign_events(actor: Actor, campaign: Campaign, limit: int = 12) -> list[Event]:
    """The newest events of a campaign, its brief and its partnerships."""
    ids = [str(pk) for pk in Partnership.visible_to(actor).filter(campaign=campaign).values_list("pk", flat=True)]
    briefs = [str(pk) for pk in campaign.briefs.values_list("pk", flat=True)]
    own = Q(object_type="campaign", object_id=str(campaign.pk))
    parts = Q(object_type="partnership", object_id__in=ids) | Q(object_type="brief", object_id__in=briefs)
    return list(Event.visible_to(actor).filter(own | parts).order_by("-at", "-id")[:limit])


def recent_posts(actor: Actor, creator: Creator, limit: int = 4) -> list[Post]:
    """What the creator published last: something to write about."""
    return list(
        Post.visible_to(actor).filter(account__creator=creator).exclude(caption="").order_by("-posted_at")[:limit]
    )


def posts_to_quote(actor: Actor, partnership: Partnership, limit: int = 8) -> list[Post]:
    """Posts a draft may quote: those behind the reasons of the match first, then the newest with words."""
    behind = [
        str(item.get("id"))
        for claim in partnership.reasons
        for item in claim.get("evidence") or []
        if isinstance(item, dict) and item.get("kind") == "post"
    ]
    mine = Post.visible_to(actor).filter(account__creator_id=partnership.creator_id).exclude(caption="")
    ids = [int(pk) for pk in behind if pk.isascii() and pk.isdigit()]
    first = sorted(mine.filter(pk__in=ids)[:limit], key=lambda post: ids.index(post.pk))
    newest = list(mine.order_by("-posted_at")[:limit])
    return [*first, *(post for post in newest if post.pk not in ids)][:limit]
