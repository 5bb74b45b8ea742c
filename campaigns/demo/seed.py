"""Fills an empty installation with the demo: one transaction, so that an interrupted seeding leaves nothing."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import events
from accounts.actors import SYSTEM
from accounts.errors import InvalidInput, WrongState
from accounts.models import Basis, Creator, Event, Mail, Provenance, Reaction, SourceKind, User, Workspace
from campaigns.demo import cast as casting
from campaigns.demo.cast import Cast
from campaigns.demo.chosen import choose
from campaigns.demo.judged import judge
from campaigns.demo.measured import measure
from campaigns.demo.story import Story, titles_of
from campaigns.demo.world import World
from matching.ingest.fields import ENTITIES
from matching.models import Post
from matching.services.recompute import BATCH, recompute_creators, refresh_priors
from matching.services.rows import import_rows

SEED = 7
CREATORS = 440
FEWEST, MOST = 300, 5000
LOGINS = "demo_logins.json"
LETTERS_KEPT = timedelta(days=14)
_LOCK = 7_246_153


@dataclass(slots=True)
class Seeded:
    """What was stored. counts: rows by entity."""

    counts: dict[str, int] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0


class Progress:
    """Tells where the seeding stands. stage(name) opens a stage, step(done, total) moves in it."""

    def stage(self, name: str) -> None: ...

    def step(self, done: int, total: int) -> None: ...

    def done(self, text: str) -> None: ...


def seed_demo(
    *,
    seed: int = SEED,
    creators: int = CREATORS,
    now: datetime | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> Seeded:
    """Loads the demo into an empty database and writes its logins to `demo_logins.json` in folder (VAR_DIR).

    Everything follows from seed, number of creators and `now`, except the password, which is drawn anew.
    Raises WrongState when anything is in the database already, InvalidInput for numbers out of range.
    """
    if not FEWEST <= creators <= MOST:
        message = _("The demo has from %(fewest)s to %(most)s creators.") % {"fewest": FEWEST, "most": MOST}
        raise InvalidInput(fields={"creators": [message]})
    show, begin = progress or Progress(), time.monotonic()
    moment = (now or timezone.now()).replace(microsecond=0)
    if moment > timezone.now():
        raise InvalidInput(fields={"now": [_("The demo cannot end in the future.")]})
    seeded = Seeded()
    with transaction.atomic():
        _only_when_empty()
        world = World(seed, creators, moment)
        cast = _people(world, show)
        _observed(world, seeded, show)
        _limits(cast, moment, show)
        _scores(cast, show)
        _together(world, cast, seed, show)
        seeded.logins = _passwords(cast)
        _write_logins(Path(folder or settings.VAR_DIR), seeded.logins)
    seeded.seconds = time.monotonic() - begin
    return seeded


def _only_when_empty() -> None:
    """One seeding at a time; whoever comes second finds what the first stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if any(model.objects.exists() for model in (User, Workspace, Creator, Post)):
        raise WrongState(
            _(
                "The database is not empty: the demo is only loaded into an empty one. "
                "Empty it, or use another DATABASE_URL."
            ),
            code="not_empty",
        )


def _people(world: World, show: Progress) -> Cast:
    show.stage(_("Creators"))
    source = Provenance.objects.create(
        kind=SourceKind.DEMO, label="Resonance demo", basis=Basis.FICTION, retrieved_at=world.now
    )
    cast = casting.store_creators(world, source)
    _checked("accounts", import_rows("accounts", world.accounts(), actor=SYSTEM, source=source, rescore=False).rejects)
    show.done(_("%(n)s creators") % {"n": len(cast.creators)})
    return cast


def _observed(world: World, seeded: Seeded, show: Progress) -> None:
    """Posts, comments and follower counts by the same door as anybody's files."""
    source = Provenance.objects.filter(kind=SourceKind.DEMO).earliest("pk")
    show.stage(_("Posts, comments and follower counts"))
    expected = len(world.publications) * 8
    tally = 0

    def counted(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        nonlocal tally
        for row in rows:
            tally += 1
            if tally % 2000 == 0:
                show.step(min(tally, expected), expected)
            yield row

    for entity in ("posts", "comments", "follower_counts"):
        result = import_rows(
            entity, counted(getattr(world, entity)()), actor=SYSTEM, source=source, observed_at=world.now, rescore=False
        )
        _checked(entity, result.rejects)
        seeded.counts[entity] = result.counts["created"]
    show.done(", ".join(f"{n:,} {ENTITIES[entity].label.lower()}" for entity, n in seeded.counts.items()))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _checked(entity: str, rejects: list[Any]) -> None:
    if rejects:
        raise RuntimeError(f"the demo made a {entity} row that the import refuses: {rejects[0]}")


def _limits(cast: Cast, now: datetime, show: Progress) -> None:
    show.stage(_("Limits, claims and workspaces"))
    casting.store_limits(cast, now)
    casting.store_workspaces(cast)
    casting.store_staff(cast)
    casting.store_records(cast)
    show.done(_("%(n)s creators have claimed their page") % {"n": Creator.objects.filter(user__isnull=False).count()})


def _scores(cast: Cast, show: Progress) -> None:
    show.stage(_("Scores"))
    ids = sorted(creator.pk for creator in cast.creators.values())
    priors = refresh_priors(force=True)
    for start in range(0, len(ids), BATCH):
        recompute_creators(ids[start : start + BATCH], priors=priors)
        show.step(min(start + BATCH, len(ids)), len(ids))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    show.done(_("%(n)s creators scored") % {"n": len(ids)})


def _together(world: World, cast: Cast, seed: int, show: Progress) -> None:
    show.stage(_("Campaigns"))
    Story(cast, titles_of(world), world.now, seed).play(show.step)
    measure(cast.actors, world.now, seed)
    judge(cast, world.now)
    choose(cast.actors, world.now, seed)
    # Letters of long ago were read long ago: only those of the last two weeks are in the demo's mailbox.
    old = Reaction.objects.filter(state="pending", event__at__lt=world.now - LETTERS_KEPT)
    old = old.exclude(name__in=["match_outcome", "deliverables_end"])  # what changes rows follows from everything
    old.update(state="done")
    while events.drain(1000):
        pass
    # Letters of the demo are for its mailbox: nothing of the past leaves the machine.
    Mail.objects.filter(state="queued").update(state="sent", sent_at=timezone.now())
    show.done(_("%(n)s events") % {"n": Event.objects.count()})


def _passwords(cast: Cast) -> list[dict[str, str]]:
    """One readable password for all the demo's logins, drawn anew at every seeding."""
    words = "amber birch cedar clover ember fennel harbor heron juniper lantern linen maple meadow pebble quartz willow"
    password = "-".join([*(secrets.choice(words.split()) for _n in range(3)), str(secrets.randbelow(9000) + 1000)])
    hashed = make_password(password)
    User.objects.filter(pk__in=[user.pk for _label, user in cast.demo_logins]).update(password=hashed)
    return [{"role": label, "email": user.email, "password": password, "path": "/"} for label, user in cast.demo_logins]


def _write_logins(folder: Path, logins: list[dict[str, str]]) -> None:
    """Before the commit: a machine that dies in between has a file too many, never logins too few."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{LOGINS}.part"
    part.write_text(json.dumps(logins, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.chmod(0o600)
    part.replace(folder / LOGINS)
