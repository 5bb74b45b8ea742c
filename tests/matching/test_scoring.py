"""A workspace's scoring by version, a person's verdicts on proposals, and the outcomes that both leave behind."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.actors import Actor, api_actor, creator_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import ApiClient, Event
from matching.contracts import FAMILIES, Brief, Weights
from matching.filters import Context, SearchQuery
from matching.models import CreatorIndex, MatchResult, MatchRun, Outcome, ScoringVersion
from matching.services import outcomes, scoring, verdicts
from matching.services.preview import preview, questions
from matching.tiers import Tiers
from tests.cast import Cast

POINTS = {"affinity": 30, "audience": 20, "posture": 30, "reliability": 5, "economy": 10, "willingness": 5}


@pytest.fixture
def owner(cast: Cast) -> Actor:
    return cast.actor(cast.owner)


def publish(actor: Actor, **given: Any) -> ScoringVersion:
    based = scoring.current_scoring(actor.workspace_id).number
    return scoring.publish_scoring(actor=actor, **({"note": "Why", "based_on": based} | given))


def answer(cast: Cast, add: Any, n: int = 30, workspace: Any = None, **columns: Any) -> MatchRun:
    """A kept answer of n proposals, the first best in everything but posture."""
    run = MatchRun.objects.create(
        workspace=workspace or cast.alma, brief=Brief(text="bois clair").to_json(), brief_hash=str(n),
        weights={name: getattr(Weights(), name) for name in FAMILIES} | {"version": "w2"},
        engine_version="t", index_size=n, eligible=n, considered=n,
    )  # fmt: skip
    for k in range(n):
        row = add(f"{run.pk.hex[-6:]}p{k}", **columns)
        values = dict.fromkeys(FAMILIES, 90.0 - 0.35 * k) | {"posture": 20.0 + 2 * k}
        families = [{"family": name, "value": value} for name, value in values.items()]
        MatchResult.objects.create(
            run=run, rank=k + 1, creator_id=row.creator_id, score=50, propensity=1 / (k + 1),
            fit={"families": families, "reasons_for": [], "reasons_against": [], "would_change": []},
        )  # fmt: skip
    return run


# --- versions


def test_versions_count_up_stay_as_they_were_and_go_back_as_new_ones(cast: Cast, owner: Actor):
    assert scoring.current_scoring(cast.alma.pk).weights == Weights()
    first = publish(owner, weights=POINTS)
    second = publish(owner, weights=POINTS | {"posture": 60}, explore=0)
    back = scoring.restore_scoring(actor=owner, number=1, note="Too much posture", based_on=2)
    assert [first.number, second.number, back.number] == [1, 2, 3]
    assert (back.kind, back.restores, back.weights, back.explore) == ("restored", 1, first.weights, 2)
    assert sum(second.weights.values()) == pytest.approx(100, abs=0.3)
    assert scoring.current_scoring(cast.alma.pk).weights.version == "v3"
    shipped = scoring.restore_scoring(actor=owner, number=0, note="As shipped", based_on=3)
    assert scoring.scoring_of(shipped).points == scoring.Scoring().points
    assert Event.objects.filter(kind="scoring.published", workspace_id=cast.alma.pk).count() == 4
    assert scoring.current_scoring(cast.nord.pk).number == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoringVersion.objects.filter(pk=first.pk).update(note="Never said")


def test_who_may_publish(cast: Cast, owner: Actor):
    key = api_actor(ApiClient.objects.filter(workspace=cast.alma).first())
    for actor in (
        cast.actor(cast.manager),
        cast.actor(cast.viewer),
        creator_actor(cast.lea),
        key,
        cast.actor(cast.staff),
    ):
        with pytest.raises(NotAllowed):
            publish(actor, weights=POINTS, based_on=0)
    assert not ScoringVersion.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"weights": POINTS | {"posture": -1}}, "posture"),
        ({"weights": POINTS | {"posture": float("nan")}}, "posture"),
        ({"weights": POINTS | {"posture": 10**400}}, "posture"),
        ({"weights": POINTS | {"posture": "much"}}, "posture"),
        ({"weights": POINTS | {"posture": True}}, "posture"),
        ({"weights": {"affinity": 100}}, "audience"),
        ({"weights": POINTS | {"charm": 3}}, "weights"),
        ({"weights": dict.fromkeys(FAMILIES, 0) | {"willingness": 100}}, "weights"),
        ({"tiers": {"*": [10, 5, 20, 30]}}, "tiers_*"),
        ({"tiers": {"*": [1, 2, 3]}}, "tiers_*"),
        ({"tiers": {"*": [0, 2, 3, 4]}}, "tiers_*"),
        ({"tiers": {"instagram": [1, 2, 3, None]}}, "tiers_instagram"),
        ({"tiers": {"myspace": [1, 2, 3, 4]}}, "tiers"),
        ({"explore": 6}, "explore"),
        ({"explore": -1}, "explore"),
        ({"weights": POINTS, "note": " \u200b\n "}, "note"),
        ({"weights": POINTS, "note": "x" * 601}, "note"),
    ],
)  # fmt: skip
def test_hostile_values_are_named_and_nothing_is_published(owner: Actor, given: dict[str, Any], field: str):
    with pytest.raises(InvalidInput) as refused:
        publish(owner, **given)
    assert field in refused.value.fields
    assert not ScoringVersion.objects.exists()


def test_a_second_editor_is_told_and_a_second_click_changes_nothing(owner: Actor):
    publish(owner, weights=POINTS)
    with pytest.raises(WrongState) as overtaken:
        scoring.publish_scoring(actor=owner, weights=POINTS | {"posture": 3}, note="Late", based_on=0)
    assert overtaken.value.code == "overtaken"
    with pytest.raises(WrongState) as same:
        publish(owner, weights=POINTS)
    assert same.value.code == "unchanged"
    with pytest.raises(InvalidInput):
        scoring.restore_scoring(actor=owner, number=9, note="?", based_on=1)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_wins(cast: Cast, owner: Actor):
    told: list[str] = []

    def go(k: int) -> None:
        try:
            scoring.publish_scoring(actor=owner, weights=POINTS | {"posture": 40 + k}, note="Race", based_on=0)
            told.append("won")
        except WrongState:
            told.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(k,)) for k in range(6)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(told) == ["told"] * 5 + ["won"]


# --- sizes


def test_filters_follow_the_workspaces_lines_and_unknown_sizes_fit_nowhere(add: Any):
    rows = {name: add(name, followers=n, tier=tier) for name, n, tier in (
        ("few", 4_000, "nano"), ("some", 30_000, "micro"), ("many", 80_000, "micro"))}  # fmt: skip
    rows["tube"] = add("tube", followers=30_000, tier="micro", main_platform="youtube")
    rows["none"] = add("none", followers=None, tier="")
    own = Tiers({"*": (5_000, 50_000, 200_000, 900_000), "youtube": (50_000, 60_000, 70_000, 80_000)})
    assert (own.of("instagram", 30_000), own.of("youtube", 30_000), own.of("x", None)) == ("micro", "nano", "")
    for tiers in (Tiers(), own):
        context = Context(timezone.now().date(), (), tiers)
        for name in ("nano", "micro", "mid", "macro", "mega"):
            where = SearchQuery(filters={"tier": (name,)}).conditions(context)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT i.creator_id FROM matching_creatorindex i WHERE {where.text}", where.params)
                found = {pk for (pk,) in cursor.fetchall()}
            assert found == {row.pk for row in rows.values() if tiers.of(row.main_platform, row.followers) == name}


def test_what_was_stored_badly_falls_back_to_the_standard_lines():
    odd = Tiers.from_json({"*": "no", "instagram": [3, 2, 1, 0], "x'; DROP TABLE": [1, 2, 3, 4]})
    assert odd == Tiers() and odd.sql() == "i.tier"


# --- preview


def test_a_preview_ranks_the_kept_answer_anew_and_stays_in_its_workspace(cast: Cast, add: Any, owner: Actor):
    run = answer(cast, add)
    answer(cast, add, n=3, workspace=cast.nord)
    assert [one.pk for one in questions(owner)] == [run.pk]
    same = preview(owner, run, scoring.Scoring(), Weights())
    assert same and [one.change for one in same.rows] == [0] * 20 and not same.gone
    turned = preview(
        owner,
        run,
        scoring.Scoring(),
        Weights(affinity=0, audience=0, posture=1, reliability=0, economy=0, willingness=0),
    )
    assert turned and turned.rows[0].before == 30 and turned.gone[0].before == 1
    assert sum(old for _low, old, _new in turned.bins) == sum(new for _low, _old, new in turned.bins) == turned.n == 30
    CreatorIndex.objects.all().delete()
    assert preview(owner, run, scoring.Scoring(), Weights()) is None


# --- verdicts


def test_a_pass_needs_a_reason_reorders_the_search_and_can_be_taken_back(cast: Cast, add: Any, owner: Actor):
    run = answer(cast, add)
    results = list(run.results.select_related("creator__index", "run"))
    before = verdicts.reordered(owner, run, results)
    assert [one.result.rank for one in before.shown] == list(range(1, 31)) and not before.changes
    for reason, note in (("", ""), ("charm", ""), ("other", "  "), ("ads", "x" * 601)):
        with pytest.raises(InvalidInput):
            verdicts.judge(actor=owner, result=results[0], stage="passed", reason=reason, note=note)
    with pytest.raises(InvalidInput):
        verdicts.judge(actor=owner, result=results[0], stage="accepted")
    one = verdicts.judge(actor=owner, result=results[0], stage="passed", reason="ads", note="Three brands a week")
    again = verdicts.judge(actor=owner, result=results[0], stage="passed", reason="price")
    assert (
        one.pk == again.pk
        and again.reason == "ads"
        and (one.propensity, one.rank, one.weights_version) == (1.0, 1, "w2")
    )
    for row in results[1:4]:
        verdicts.judge(actor=owner, result=row, stage="passed", reason="ads")
    after = verdicts.reordered(owner, run, results)
    assert [name for name, old, new in after.changes if new > old] == ["posture"]
    assert {one.result.pk for one in after.passed} == {row.pk for row in results[:4]}
    assert [one.result.rank for one in after.shown] != list(range(5, 31))
    assert list(run.results.values_list("rank", flat=True)) == list(range(1, 31))  # what was answered stays
    with pytest.raises(WrongState):
        verdicts.judge(actor=owner, result=results[0], stage="promoted", note="After all")
    for row in results[:4]:
        assert verdicts.take_back(actor=owner, result=row)
    assert not verdicts.take_back(actor=owner, result=results[0])
    assert [s.result.pk for s in verdicts.reordered(owner, run, results).shown] == [row.pk for row in results]
    assert Outcome.objects.count() == 4 and Event.objects.filter(kind="match.taken_back").count() == 4


def test_an_override_carries_a_name_and_a_reason(cast: Cast, add: Any, owner: Actor):
    run = answer(cast, add, n=5)
    results = list(run.results.select_related("creator__index", "run"))
    with pytest.raises(InvalidInput):
        verdicts.judge(actor=owner, result=results[4], stage="promoted", note="")
    verdicts.judge(actor=owner, result=results[4], stage="promoted", note="Came to our shop")
    shown = verdicts.reordered(owner, run, results).shown
    assert shown[0].result.rank == 5 and shown[0].verdict is not None
    assert (shown[0].verdict.actor_name, shown[0].verdict.note) == (owner.name, "Came to our shop")
    with pytest.raises(NotAllowed):
        verdicts.judge(actor=cast.actor(cast.viewer), result=results[0], stage="passed", reason="ads")
    assert not verdicts.reordered(cast.actor(cast.other_owner), run, results).shown[0].verdict


def test_a_trait_passed_over_puts_others_who_share_it_later(cast: Cast, add: Any, owner: Actor):
    run = answer(cast, add, n=6)
    results = list(run.results.select_related("creator__index", "run"))
    CreatorIndex.objects.filter(pk=results[1].creator_id).update(country="GB")
    CreatorIndex.objects.filter(pk=results[3].creator_id).update(country="GB")
    results = list(run.results.select_related("creator__index", "run"))
    verdicts.judge(actor=owner, result=results[1], stage="passed", reason="place")
    after = verdicts.reordered(owner, run, results)
    assert after.lowered == ("country",) and after.shown[-1].result.rank > 3
    assert next(one.result.rank for one in after.shown if one.result.rank == 4) == 4


# --- outcomes


def test_an_outcome_told_twice_is_one_and_a_newer_figure_takes_the_place(cast: Cast, add: Any, owner: Actor):
    run, now = answer(cast, add, n=2), timezone.now()
    first = run.results.first()
    for _again in range(2):
        outcomes.record_outcome(result_id=first.pk, stage="invited", name="Ana", at=now)
        outcomes.record_outcome(result_id=first.pk, stage="measured", value=10.0, at=now)
    outcomes.record_outcome(result_id=first.pk, stage="measured", value=12.0, at=now + timedelta(days=1))
    outcomes.record_outcome(result_id=10**12, stage="invited", at=now)
    standing = Outcome.visible_to(owner).standing()
    assert sorted(standing.values_list("stage", "value")) == [("invited", None), ("measured", 12.0)]
    assert outcomes.counts(owner)["invited"] == 1 and outcomes.counts(cast.actor(cast.other_owner))["invited"] == 0


def test_nothing_is_proposed_or_adopted_on_little_evidence_and_fairness_is_silent(cast: Cast, add: Any, owner: Actor):
    run = answer(cast, add, n=12)
    outcomes.record_outcome(result_id=run.results.first().pk, stage="shortlisted", at=timezone.now())
    offer = outcomes.proposal(owner)
    assert offer.found.verdict == "few" and all(before == after for _n, before, after, _l, _h in offer.rows)
    with pytest.raises(WrongState):
        outcomes.adopt(actor=owner, based_on=0, note="Now")
    with pytest.raises(NotAllowed):
        outcomes.adopt(actor=cast.actor(cast.manager), based_on=0, note="Now")
    report = outcomes.fairness_report(owner)
    assert report.places == 12 and all(one.ratio is None for side in report.sides.values() for one in side)
    assert outcomes.fairness_report(cast.actor(cast.other_owner)).places == 0


def test_pages_say_what_is_wrong_and_publish_once(cast: Cast, add: Any):
    answer(cast, add, n=21)
    browser, french = cast.browser(cast.owner), cast.browser(cast.viewer, "fr")
    page = browser.get("/settings/scoring/")
    assert page.status_code == 200 and b"Publish version 1" in page.content
    assert b"Publier" not in french.get("/settings/scoring/").content
    typed = {name: str(value) for name, value in POINTS.items()} | {"based_on": "0", "note": "More posture"}
    looked = browser.post("/settings/scoring/", typed | {"look": "1", "note": ""})
    assert looked.status_code == 200 and not ScoringVersion.objects.exists()
    assert browser.post("/settings/scoring/", typed | {"posture": "abc"}).status_code == 422
    assert browser.get("/settings/scoring/preview/", typed | {"posture": "", "on": "x"}).status_code == 200
    assert browser.post("/settings/scoring/", typed).status_code == 302
    again = browser.post("/settings/scoring/", typed)
    assert again.status_code == 422 and ScoringVersion.objects.count() == 1
    for address in ("sizes", "fairness", "learning", "sources"):
        assert browser.get(f"/settings/scoring/{address}/").status_code == 200
        assert french.get(f"/settings/scoring/{address}/").status_code == 200
    sizes = {
        "explore": "1",
        "based_on": "1",
        "note": "Ours",
        "*_micro": "5000",
        "*_mid": "50000",
        "*_macro": "200000",
        "*_mega": "900000",
    }
    half = browser.post("/settings/scoring/sizes/", sizes | {"instagram_micro": "3"})
    assert half.status_code == 422 and b"Four whole numbers" in half.content
    assert browser.post("/settings/scoring/sizes/", sizes).status_code == 302
    assert scoring.current_scoring(cast.alma.pk).tiers.of("x", 60_000) == "mid"
    assert browser.post("/settings/scoring/versions/1/restore/", {"based_on": "2"}).status_code == 302
    assert scoring.current_scoring(cast.alma.pk).number == 3
