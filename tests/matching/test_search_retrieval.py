"""Candidates from the real database: who may come, who may not and why, whatever plan is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection

from matching import retrieval
from matching.cells import divide_if_due
from matching.conditions import Sql
from matching.contracts import Brief
from matching.models import CreatorIndex, CreatorVector, VectorCell, VectorSample
from matching.retrieval import Query, Retrieved, retrieve
from matching.terms import Term
from tests.matching.conftest import direction

TODAY = date(2026, 6, 1)
NEAR, FAR = direction(1.0, 0.1), direction(0.0, 1.0)
Add = Callable[..., CreatorIndex]


def ask(brief: Brief | None = None, *, exact: bool | None = None, **extra: Any) -> Retrieved:
    query = Query(brief or Brief(text="x"), direction(1.0), direction(1.0), extra.pop("terms", ()), TODAY, **extra)
    return retrieve(query, exact=exact)


def found(answer: Retrieved) -> set[int]:
    return set(answer.creator_id.tolist())


def test_vectors_follow_the_index_row_by_themselves(add: Add) -> None:
    row = add("lea", NEAR)
    assert CreatorVector.objects.get().creator_id == row.pk
    CreatorIndex.objects.filter(pk=row.pk).update(country="BE", followers=99)
    twin = CreatorVector.objects.get()
    assert (twin.country, twin.followers, twin.size_step) == ("BE", 99, 26)
    CreatorIndex.objects.filter(pk=row.pk).update(embedding=None)
    assert not CreatorVector.objects.exists()
    CreatorIndex.objects.filter(pk=row.pk).update(embedding=FAR)
    assert np.allclose(np.array(CreatorVector.objects.get().embedding, dtype=float), FAR, atol=1e-3)
    CreatorIndex.objects.filter(pk=row.pk).delete()
    assert not CreatorVector.objects.exists()


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("wish", "columns"),
    [
        ({"platforms": ("tiktok",)}, {"platforms": ["tiktok", "instagram"]}),
        ({"languages": ("en",)}, {"languages": ["en"]}),
        ({"countries": ("BE", "CH")}, {"country": "CH"}),
        ({"followers_min": 50_000}, {"followers": 50_000}),
        ({"followers_max": 4_999}, {"followers": 4_999}),
        ({"followers_min": 1_000, "followers_max": 2_000}, {"followers": 1_500}),
        ({"topics": ("skincare",), "hard": ("topics",)}, {"topics": ["food", "skincare"]}),
    ],
)
def test_each_hard_filter_lets_in_exactly_who_passes(add: Add, wish: dict, columns: dict, exact: bool) -> None:
    add("outsider", NEAR)
    insider = add("insider", FAR, **columns)
    assert found(ask(Brief(text="x", **wish), exact=exact)) == {insider.pk}


def test_a_filter_that_is_not_hard_only_marks_who_meets_it(add: Add) -> None:
    here, there = add("here", NEAR), add("there", NEAR, country="DE")
    answer = ask(Brief(text="x", countries=("FR",), hard=()))
    assert found(answer) == {here.pk, there.pk}
    met = dict(zip(answer.creator_id.tolist(), answer.wishes["countries"].tolist(), strict=True))
    assert met == {here.pk: True, there.pk: False}


def test_excluded_creators_never_come(add: Add) -> None:
    kept, out = add("kept", NEAR), add("out", NEAR)
    assert found(ask(Brief(text="x", exclude_creators=(out.pk,)))) == {kept.pk}


REFUSALS = {
    "minor": ({}, {"creator": {"is_minor": True}}),
    "sector_refused": ({"sectors": ("jeux_d_argent",)}, {"terms": {"refused_sectors": ["Jeux d’argent"]}}),
    "minimum_fee": ({"budget_per_creator": Decimal(200)}, {"terms": {"minimum_fee": {"*": "250"}}}),
    "in_kind_refused": ({"in_kind_only": True}, {"terms": {"accepts_in_kind": False}}),
    "no_capacity": ({}, {"terms": {"capacity_per_month": 0}}),
    "unavailable": ({}, {"terms": {"unavailable_until": TODAY + timedelta(days=3)}}),
    "over_budget": ({"budget_per_creator": Decimal(20), "hard": ("budget",)}, {"followers": 5_000_000}),
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("code", REFUSALS)
def test_each_limit_of_a_creator_excludes_with_its_reason(add: Add, code: str, exact: bool) -> None:
    wish, columns = REFUSALS[code]
    free = add("free", FAR, followers=500)
    bound = add("bound", NEAR, **columns)
    answer = ask(Brief(text="x", **wish), exact=exact)
    assert found(answer) == {free.pk}
    assert answer.excluded == {code: 1}
    assert answer.shown_excluded == ((bound.pk, code),)


def test_a_creator_who_hides_reasons_is_counted_without_naming_them(add: Add) -> None:
    add("bound", NEAR, terms={"capacity_per_month": 0, "shows_reasons": False})
    answer = ask()
    assert answer.excluded == {"undisclosed": 1}
    assert [code for _pk, code in answer.shown_excluded] == ["undisclosed"]


@pytest.mark.parametrize(
    ("fee", "currency", "budget", "offered", "kept"),
    [
        ("250", "EUR", 250, "EUR", True),
        ("250", "EUR", 249, "EUR", False),
        ("250", "CHF", 250, "EUR", False),
        ("250", "EUR", 300, "USD", True),
    ],
)
def test_the_budget_meets_the_fee_across_currencies(
    add: Add, fee: str, currency: str, budget: int, offered: str, kept: bool
) -> None:
    add("asker", NEAR, terms={"minimum_fee": {"*": fee}, "currency": currency})
    answer = ask(Brief(text="x", budget_per_creator=Decimal(budget), currency=offered))
    assert bool(found(answer)) is kept


def test_in_kind_only_keeps_those_who_take_it_despite_a_fee(add: Add) -> None:
    takes = add("takes", NEAR, terms={"minimum_fee": {"*": "90"}, "accepts_in_kind": True})
    add("asks", NEAR, terms={"minimum_fee": {"*": "90"}})
    silent = add("silent", NEAR)
    answer = ask(Brief(text="x", in_kind_only=True))
    assert found(answer) == {takes.pk, silent.pk}
    assert answer.excluded == {"minimum_fee": 1}


def test_who_lacks_a_vector_still_comes_when_there_is_room(add: Add) -> None:
    seen, unseen = add("seen", NEAR), add("unseen", None, posts_n=0)
    answer = ask()
    assert found(answer) == {seen.pk, unseen.pk}
    similarity = dict(zip(answer.creator_id.tolist(), answer.rows["similarity"], strict=True))
    assert similarity[seen.pk] == pytest.approx(float(NEAR[0]), abs=2e-3)
    assert np.isnan(similarity[unseen.pk])


def test_a_rare_word_brings_who_uses_it_from_far_away(add: Add) -> None:
    for k in range(30):
        add(f"near{k}", NEAR)
    far = add("opinel.fan", FAR, words="Mon couteau Opinel préféré pour la cuisine")
    plain = Query(Brief(text="x"), direction(1.0), direction(1.0), (), TODAY)
    assert far.pk not in found(retrieve(plain, wanted=10))
    term = Term("Opinel", "( 'opinel' )", 3.0, True)
    answer = retrieve(replace(plain, terms=(term,)), wanted=10)
    assert far.pk in found(answer)
    uses = dict(zip(answer.creator_id.tolist(), answer.terms[:, 0].tolist(), strict=True))
    assert [pk for pk, used in uses.items() if used] == [far.pk]


def test_many_refusals_do_not_starve_the_answer(add: Add) -> None:
    for k in range(30):
        add(f"bound{k}", NEAR, terms={"capacity_per_month": 0})
    free = {add(f"free{k}", FAR).pk for k in range(5)}
    answer = retrieve(Query(Brief(text="x"), direction(1.0), direction(1.0), (), TODAY), wanted=10)
    assert free <= found(answer)
    assert answer.excluded["no_capacity"] >= 10


def test_further_conditions_of_a_page_bind_as_filters_do(add: Add) -> None:
    calm = add("calm", FAR)
    add("odd", NEAR, risk_flags=["unexplained_step", "step_decays"])
    for exact in (True, False):
        assert found(ask(exact=exact, where=Sql("cardinality(i.risk_flags) < 2"))) == {calm.pk}


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`divided(rows)`: cells for what is there, and plans that compare so many rows of them."""

    def divide(rows: int) -> None:
        monkeypatch.setattr(retrieval, "ALL_COMPARED", 0)
        monkeypatch.setattr(retrieval, "COMPARED", rows)
        assert divide_if_due(force=True)
        connection.cursor().execute("ANALYZE matching_creatorvector")

    return divide


def test_cells_near_the_brief_hold_what_comparing_everyone_finds(add: Add, divided: Callable[[int], None]) -> None:
    rng = np.random.default_rng(3)
    for k in range(120):
        add(f"c{k}", direction(*(rng.normal(size=8) + np.eye(8)[k % 8] * 4)), country="FR" if k % 3 else "BE")
    brief = Brief(text="x", countries=("FR",))
    divided(30)
    query = Query(brief, direction(1.0), direction(1.0), (), TODAY)
    near, everyone = retrieve(query, wanted=8), retrieve(query, wanted=8, exact=True)
    assert not near.exact and everyone.exact and everyone.eligible == 80
    assert len(found(near) & found(everyone)) >= 7


def test_who_came_after_the_division_is_found_and_who_left_is_gone(add: Add, divided: Callable[[int], None]) -> None:
    rng = np.random.default_rng(4)
    rows = [add(f"c{k}", direction(*(rng.normal(size=8) + np.eye(8)[k % 8] * 4))) for k in range(100)]
    divided(15)
    late, undivided = add("late", NEAR), add("undivided", NEAR)
    assert CreatorVector.objects.get(pk=late.pk).cell is not None
    CreatorVector.objects.filter(pk=undivided.pk).update(cell=None)
    moved = rows[1]
    CreatorIndex.objects.filter(pk=moved.pk).update(embedding=NEAR)
    query = Query(Brief(text="x"), direction(1.0), direction(1.0), (), TODAY)
    answer = retrieve(query, wanted=5)
    assert not answer.exact and {late.pk, undivided.pk, moved.pk} <= found(answer)
    for kept in (CreatorVector, VectorSample):
        assert kept.objects.filter(pk=rows[2].pk).exists()
    CreatorIndex.objects.filter(pk=rows[2].pk).delete()
    assert not any(kept.objects.filter(pk=rows[2].pk).exists() for kept in (CreatorVector, VectorSample))


def test_cells_that_hold_too_few_are_made_good(add: Add, divided: Callable[[int], None]) -> None:
    """The sample promises enough near the brief; who passes lies far away all the same."""
    for k in range(150):
        add(f"same{k}", NEAR, country="FR")
    there = {add(f"there{k}", FAR, country="BE").pk for k in range(3)}
    divided(1)
    assert found(ask(Brief(text="x", countries=("BE",)))) == there


def test_cells_of_another_version_of_the_space_are_not_used(add: Add, divided: Callable[[int], None]) -> None:
    rng = np.random.default_rng(5)
    for k in range(80):
        add(f"c{k}", direction(*(rng.normal(size=8) + np.eye(8)[k % 8] * 4)))
    divided(10)
    query = Query(Brief(text="x"), direction(1.0), direction(1.0), (), TODAY)
    assert not retrieve(query, wanted=5).exact
    VectorCell.objects.update(space="another")
    assert retrieve(query, wanted=5).exact


def test_an_empty_index_gives_an_empty_answer(db: None) -> None:
    answer = ask(Brief(text="x", countries=("FR",)))
    assert (len(answer.creator_id), answer.eligible, answer.excluded) == (0, 0, {})
