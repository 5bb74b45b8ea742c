"""What the engine is told of past partnerships: sums, over workspaces, with nothing that was the brand's own doing."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Creator
from campaigns.history import answers as told_answers
from campaigns.history import histories
from campaigns.models import Partnership
from campaigns.services import answers, progress
from matching.models import MatchResult, MatchRun
from tests.campaigns.conftest import SENTENCES, Stage


def test_answers_deliveries_and_ends_are_counted_once(stage: Stage, many: Callable[[int], list[Creator]]) -> None:
    ada, bob, cy, dee = many(4)
    sent = {
        one.pk: stage.invite(one, sentence)
        for one, sentence in zip((ada, bob, cy, dee), SENTENCES[:4], strict=True)
    }  # fmt: skip
    for one in (ada, bob, cy):
        answers.accept(actor=stage.link_actor(sent[one.pk]), partnership=sent[one.pk])
    answers.decline(actor=stage.link_actor(sent[dee.pk]), partnership=sent[dee.pk], reason="fee")
    Partnership.objects.filter(pk=sent[ada.pk].pk).update(state="contracted")
    sent[ada.pk].refresh_from_db()
    progress.go_live(actor=stage.owner, partnership=sent[ada.pk])
    progress.complete(actor=stage.owner, partnership=sent[ada.pk])
    progress.cancel(actor=stage.link_actor(sent[bob.pk]), partnership=sent[bob.pk], reason="I cannot after all.")
    progress.cancel(actor=stage.owner, partnership=sent[cy.pk], reason="The launch was moved.")
    found = {one.creator_id: one for one in histories([ada.pk, bob.pk, cy.pk, dee.pk, stage.cast.lea.pk])}
    assert set(found) == {ada.pk, bob.pk, cy.pk, dee.pk}
    for one in found.values():
        assert (one.invited, one.answered, one.timed) == (1, 1, 1)
    assert [found[pk].accepted for pk in (ada.pk, bob.pk, dee.pk)] == [1, 1, 0]
    assert (found[ada.pk].finished, found[ada.pk].withdrawn) == (1, 0)
    assert (found[bob.pk].finished, found[bob.pk].withdrawn) == (1, 1)
    assert found[cy.pk].withdrawn == 0  # the brand's doing
    assert found[ada.pk].on_time == found[ada.pk].due


def test_only_answers_that_followed_a_match_calibrate(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    assert len(told_answers().chance) == 0  # this one was chosen by hand
    fit = {"families": [{"family": "willingness", "details": {"chance": 0.4, "logit": 0.0}}]}
    run = MatchRun.objects.create(
        workspace=stage.campaign.workspace, brief={}, brief_hash="x", weights={}, engine_version="t", index_size=1,
        eligible=1, considered=1, excluded={}, timings_ms={},
    )  # fmt: skip
    result = MatchResult.objects.create(run=run, rank=1, creator=stage.cast.lea, score=50.0, fit=fit)
    Partnership.objects.filter(pk=partnership.pk).update(match_result=result)
    told = told_answers()
    # what was told before any calibration, so that a fit is never fitted upon
    assert told.chance.tolist() == [0.5] and told.accepted.tolist() == [1.0]
