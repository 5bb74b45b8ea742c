"""What the demo's workspaces keep while they choose: lists half sorted, a client's words, searches, notes, audiences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from accounts.actors import SYSTEM, Actor
from accounts.models import Creator, Provenance, SocialAccount
from campaigns.demo.cast import scenario
from matching.filters import SearchQuery
from matching.models import CreatorIndex, ShortlistEntry
from matching.models.choosing import PassReason
from matching.services import audience, list_guests, lists, notes, searches

NEIGHBOURS = {"FR": ("BE", "CH", "CA"), "BE": ("FR", "NL", "LU"), "GB": ("IE", "US", "AU"), "US": ("GB", "CA", "AU")}
PEOPLE = 260


def choose(actors: dict[str, dict[str, Actor]], now: datetime, seed: int) -> None:
    rng = random.Random(f"chosen:{seed}")
    _audiences(now, rng)
    for key, by_language in actors.items():
        for entry in scenario().get("chosen", {}).get(key, ()):
            _chapter(by_language[""], entry, now, rng)


def _chapter(actor: Actor, entry: dict[str, Any], now: datetime, rng: random.Random) -> None:
    query = SearchQuery.parse(QueryDict(entry["search"]))
    searches.save_search(actor=actor, name=entry["name"], query=query, alert="weekly", now=now - timedelta(days=6))
    ids, _fits = searches.first_ids(actor=actor, query=query, most=14)
    found = Creator.visible_to(actor).in_bulk(ids)
    people = [found[pk] for pk in ids if pk in found]
    row = lists.create_list(
        actor=actor, name=entry["name"], note=entry["note"], budget=Decimal(entry["budget"]), currency=entry["currency"],
        now=now - timedelta(days=5),
    )  # fmt: skip
    made = lists.add_creators(actor=actor, shortlist=row, creators=people, now=now - timedelta(days=5))
    entries = list(ShortlistEntry.objects.filter(pk__in=[one.pk for one in made]).select_related("shortlist"))
    for place, one in enumerate(entries[:9]):
        moment = now - timedelta(days=4, minutes=9 * place)
        if place % 3 == 2:
            reason = rng.choice([PassReason.TONE, PassReason.PRICE, PassReason.SATURATED])
            lists.triage(actor=actor, entry=one, state="passed", reason=reason, now=moment)
        else:
            lists.triage(actor=actor, entry=one, state="shortlisted", now=moment)
    if len(entries) > 3:
        lists.mark(actor=actor, entry=entries[0], flags=["favourite"], note=entry["mark"])
        lists.mark(actor=actor, entry=entries[3], flags=["question"])
        _client(actor, row, [entries[0], entries[1], entries[3]], entry["client"], now)
        notes.write_note(actor=actor, creator=people[0], text=entry["remark"], now=now - timedelta(days=3))


def _client(actor: Actor, row: Any, shown: Sequence[ShortlistEntry], words: dict[str, str], now: datetime) -> None:
    link, _token = list_guests.share_list(actor=actor, shortlist=row, name=words["name"], days=30, now=now)
    for one, verdict, comment in zip(
        shown, ("approve", "approve", "reject"), (words["approves"], "", words["rejects"]), strict=True
    ):
        list_guests.give_opinion(link=link, entry_id=one.pk, verdict=verdict, comment=comment, now=now)


def _audiences(now: datetime, rng: random.Random) -> None:
    """Shares as creators send them, and samples of followers, for about a third of those who claimed their page."""
    source = Provenance.objects.filter(kind="demo").earliest("pk")
    rows = CreatorIndex.objects.filter(is_claimed=True, followers__isnull=False).order_by("creator_id")
    accounts: dict[int, SocialAccount] = {}
    for account in SocialAccount.objects.filter(creator__in=[row.pk for row in rows[:60]]).order_by("followers"):
        accounts[account.creator_id] = account
    moment = now - timedelta(days=20)
    for row in list(rows)[:60]:
        account = accounts.get(row.pk)
        if account is None:
            continue
        n = rng.choice([400, 800, 1_500, 3_000])
        told: dict[str, Any] = {"actor": SYSTEM, "account": account, "source": source, "observed_at": moment}
        audience.record_audience_shares(shares=_shares(row, n, rng), **told)
        if rng.random() < 0.4:
            audience.record_audience_sample(people=_followers(rng), **told)


def _shares(row: CreatorIndex, n: int, rng: random.Random) -> list[dict[str, Any]]:
    home, language = row.country or "FR", (row.languages or ["fr"])[0]
    at_home = rng.uniform(0.5, 0.8)
    near = NEIGHBOURS.get(home, ("FR", "GB", "US"))
    countries = {home: at_home} | {
        code: (1 - at_home) * part for code, part in zip(near, (0.45, 0.25, 0.1), strict=True)
    }
    middle = rng.uniform(22, 38)
    weights = {key: max(0.02, 1 - abs(middle - centre) / 22) for key, centre in (("18-24", 21), ("25-34", 30), ("35-44", 40), ("45-54", 50), ("55-64", 60))}  # fmt: skip
    ages = {key: weight / sum(weights.values()) * 0.97 for key, weight in weights.items()}
    women = rng.uniform(0.25, 0.82)
    genders = {"female": women, "male": 0.98 - women}
    spoken = {language: at_home, ("en" if language != "en" else "fr"): (1 - at_home) * 0.6}
    told = {"country": countries, "age": ages, "gender": genders, "language": spoken}
    return [
        {"dimension": dimension, "key": key, "share": round(share, 3), "n": n}
        for dimension, shares in told.items()
        for key, share in shares.items()
    ]


def _followers(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "posts": int(rng.lognormvariate(3.2, 1.3)), "following": int(rng.lognormvariate(5.8, 0.8)),
            "followers": int(rng.lognormvariate(5.2, 1.1)), "picture": rng.random() < 0.93, "private": rng.random() < 0.4,
            "name_length": rng.randint(6, 18), "name_digits": rng.choice([0, 0, 0, 1, 2, 2]), "name_ends_digit": rng.random() < 0.25,
        }
        for _n in range(PEOPLE)
    ]  # fmt: skip
