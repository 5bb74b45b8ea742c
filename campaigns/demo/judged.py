"""What people of the demo decided themselves: weights published, proposals passed over, figures contested."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import translation

from accounts.actors import creator_actor
from accounts.models import Creator
from campaigns.demo.cast import scenario
from campaigns.disputes import subjects
from campaigns.services import disputes
from matching.models import MatchRun
from matching.services import scoring, verdicts

if TYPE_CHECKING:
    from campaigns.demo.cast import Cast


def judge(cast: Cast, now: datetime) -> None:
    words = scenario()["judged"]
    actor = cast.actors[words["workspace"]][""]
    for number, version in enumerate(words["versions"]):
        scoring.publish_scoring(
            actor=actor, based_on=number, note=version["note"], weights=version["weights"],
            now=now - timedelta(days=version["days"]),
        )  # fmt: skip
    run = MatchRun.visible_to(actor).order_by("created_at", "pk").last()
    results = list(run.results.select_related("run", "creator").order_by("rank")[2:8]) if run else []
    for result, said in zip(results, words["verdicts"], strict=False):
        verdicts.judge(
            actor=actor, result=result, stage=said["stage"], reason=said.get("reason", ""), note=said.get("note", "")
        )
    for creator in Creator.objects.filter(user__in=[user for _label, user in cast.demo_logins]).order_by("pk"):
        with translation.override(creator.user.language):
            _contest(creator, words["disputes"].get(creator.user.language, words["disputes"]["en"]), now)


def _contest(creator: Creator, words: dict[str, str], now: datetime) -> None:
    """One ticket per login: on a score, or on an account where nothing is scored yet."""
    actor = creator_actor(creator, creator.user)
    [(_title, found), *_rest] = subjects(actor, creator)
    wanted = next((one for one in found if one.key == words["subject"]), found[0])
    disputes.open_dispute(
        actor=actor, creator=creator, key=wanted.key, statement=words["why"], proposed=words["proposed"],
        now=now - timedelta(days=3),
    )  # fmt: skip
