"""What the demo's partnerships brought: links and codes with their clicks, contents over time, orders, a frozen report."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.actors import Actor
from accounts.ids import uuid7
from campaigns.demo.voices import observed
from campaigns.limits import BOUND
from campaigns.models import Campaign, Click, Expectation, Partnership, TrackedLink
from campaigns.services import codes, conversions, reports, results, tracking
from campaigns.services.expectations import record_expectation

# Half of a content's engagement comes within these hours, by network; the rest thins out as a lognormal does.
HALF_HOURS = {"instagram": 19.0, "tiktok": 26.0, "youtube": 60.0, "x": 4.0}
REFERRERS = {"instagram": "l.instagram.com", "tiktok": "www.tiktok.com", "youtube": "www.youtube.com", "x": "t.co"}
READINGS = (2, 6, 12, 24, 48, 96, 168, 336, 720)
ROBOTS = ("crawler", "crawler", "preview", "preview", "scanner", "prefetch")


class Measured:
    """Fills one campaign after the other, from the day its partnerships were agreed until now."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now, self.rng = now, random.Random(f"measured:{seed}")

    def campaign(self, actor: Actor, campaign: Campaign) -> None:
        people = list(
            Partnership.visible_to(actor)
            .filter(campaign=campaign, state__in=BOUND)
            .select_related("creator", "campaign__brand", "campaign__workspace")
            .prefetch_related("creator__accounts")
            .order_by("accepted_at")
        )
        if not people:
            return
        goal = f"{campaign.brand.website.rstrip('/')}/{campaign.name.split()[0].lower().strip(',')}"
        began = max(people[0].accepted_at or self.now, self.now - timedelta(days=300))
        links, _had = tracking.create_links_for_all(
            actor=actor, campaign=campaign, destination=goal, resolve=False, now=began + timedelta(days=1)
        )
        codes.create_codes_for_all(
            actor=actor,
            campaign=campaign,
            pattern="{first}{value}",
            value=Decimal(10),
            label="",
            now=began + timedelta(days=1),
        )
        by_person = {link.partnership_id: link for link in links}
        published = [row for row in people if row.state in ("live", "completed")]
        for row in people:
            record_expectation(partnership=row, now=row.accepted_at)
        # One look at how people speak is enough for the demo: the comments of all of them take too long to make.
        spoken = campaign.state == "closed" and len(published) > 2
        for row in published:
            self.content(actor, row, by_person[row.pk], spoken=spoken)
        for row in published[:2]:
            self.costs(actor, row)
        if campaign.state in ("closed", "closing") and len(published) >= 2:
            reports.freeze(actor=actor, campaign=campaign, now=self.now - timedelta(days=1))

    def content(self, actor: Actor, row: Partnership, link: TrackedLink, *, spoken: bool) -> None:
        account = max(row.creator.accounts.all(), key=lambda a: a.followers or 0)
        out = min(
            (row.accepted_at or self.now) + timedelta(days=self.rng.uniform(4, 9)), self.now - timedelta(hours=30)
        )
        out = out.replace(minute=self.rng.randrange(60), second=0)
        content = results.add_content(
            actor=actor, campaign=row.campaign, partnership=row, platform=account.platform, published_at=out,
            url=f"https://www.{account.platform}.com/p/{row.pk.hex[-10:]}", now=out + timedelta(minutes=5),
        )  # fmt: skip
        if spoken:
            language = row.creator.languages[0] if row.creator.languages else "fr"
            observed(content, account, language if language in ("fr", "en") else "fr", self.rng, self.now)
        views = int((account.followers or 5000) * self.rng.uniform(0.35, 0.9))
        told = Expectation.visible_to(actor).filter(partnership=row).first()
        # Near what the index expects of this person, as it would be; 1.125: likes with what comes beside them.
        usual = told.engaged * self.rng.lognormvariate(0.0, 0.25) / (views * 1.125) if told and told.engaged else 0.04
        rate, half = min(0.25, usual), HALF_HOURS.get(account.platform, 24.0)
        measured = self.rng.random() < 0.7
        for hours in READINGS:
            at = out + timedelta(hours=hours)
            if at > self.now:
                break
            grown = 0.5 * (1 + math.erf(math.log(hours / half) / (1.6 * math.sqrt(2))))
            likes = int(views * rate * grown)
            values: dict[str, Any] = {
                "views": int(views * grown), "likes": likes, "comments": int(likes * 0.045), "shares": int(likes * 0.03),
                "saves": int(likes * 0.05), "qualified": int(likes * 0.045 * 0.3),
            }  # fmt: skip
            if measured and hours >= 24:
                values["reach"] = int(views * grown * 0.82)
            results.record_metrics(actor=actor, content=content, values=values, at=at, source="demo", now=self.now)
        self.clicks(link, out, int(views * self.rng.uniform(0.008, 0.02)), account.platform, half)
        self.orders(actor, row, link, out, int(views * self.rng.uniform(0.001, 0.004)) + 2)

    def after(self, out: datetime, half: float) -> datetime:
        """A moment after the publication, lognormal around the half-life, by day rather than by night."""
        at = out + timedelta(hours=self.rng.lognormvariate(math.log(half), 1.5))
        return at if at.hour >= 7 or self.rng.random() < 0.3 else at + timedelta(hours=8)

    def clicks(self, link: TrackedLink, out: datetime, count: int, platform: str, half: float) -> None:
        rows: list[Click] = []
        for _n in range(min(count, 600)):
            at = self.after(out, half)
            if at >= self.now:
                continue
            common = {
                "link": link, "minute": at.replace(second=0, microsecond=0), "hour": at.replace(minute=0, second=0, microsecond=0),
                "country": self.rng.choice([*link.campaign.countries * 6, "FR", "BE", "CH", "US"]),
            }  # fmt: skip
            if self.rng.random() < 0.12:
                rows.append(Click(id=uuid7(), is_bot=True, bot_reason=self.rng.choice(ROBOTS), **common))
                continue
            device = self.rng.choices(("phone", "desktop", "tablet"), (82, 14, 4))[0]
            referrer = REFERRERS.get(platform, "") if self.rng.random() < 0.8 else ""
            first = Click(id=uuid7(), device=device, referrer=referrer, **common)
            rows.append(first)
            if self.rng.random() < 0.08:
                rows.append(Click(id=uuid7(), device=device, referrer=referrer, dedup_of=first.pk, **common))
        Click.objects.bulk_create(rows)

    def orders(self, actor: Actor, row: Partnership, link: TrackedLink, out: datetime, count: int) -> None:
        code = row.promo_codes.first()
        for number in range(min(count, 20)):
            at = self.after(out, 40.0)
            if at >= self.now:
                continue
            name = f"{link.slug[:20]}-{number + 1001}"
            values: dict[str, Any] = {
                "order_id": name, "at": at, "amount": Decimal(self.rng.randrange(1800, 9800)) / 100,
                "currency": row.campaign.workspace.currency, "country": self.rng.choice([*row.campaign.countries * 5, "FR"]),
            }  # fmt: skip
            way = self.rng.random()
            if way < 0.5 and code:
                values["code"] = code.code
            elif way < 0.85:
                values |= {"link": link.slug, "clicked_at": at - timedelta(hours=self.rng.uniform(0.1, 200))}
            elif way < 0.9:
                values |= {"link": link.slug, "clicked_at": at - timedelta(days=35)}
            if self.rng.random() < 0.12:
                values["kind"], values["amount"] = "signup", Decimal(0)
            order, _created = conversions.record_conversion(
                actor=actor, workspace=row.campaign.workspace, source="demo", now=max(at, out), **values
            )
            if order.amount and self.rng.random() < 0.06:
                half = (order.amount / 2).quantize(Decimal("0.01"))
                conversions.reverse_conversion(
                    actor=actor, conversion=order, amount=half, now=min(at + timedelta(days=6), self.now)
                )

    def costs(self, actor: Actor, row: Partnership) -> None:
        on = (row.accepted_at or self.now).date()
        add: dict[str, Any] = {"actor": actor, "campaign": row.campaign, "on": on, "now": self.now}
        results.add_cost(**add, partnership=row, kind="shipping", amount=self.rng.choice(["6.90", "8.40", "12.50"]))
        results.add_cost(**add, kind="hours", amount=self.rng.choice(["90", "135", "180"]))


def measure(actors: dict[str, dict[str, Actor]], now: datetime, seed: int) -> int:
    """Fills every campaign of the demo that ran. Returns how many."""
    filler, count = Measured(now, seed), 0
    for by_language in actors.values():
        actor = by_language[""]
        rows = Campaign.visible_to(actor).exclude(state__in=["draft", "cancelled"]).select_related("brand", "workspace")
        for campaign in rows.order_by("created_at"):
            filler.campaign(actor, campaign)
            count += 1
    return count
