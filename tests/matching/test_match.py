"""The match end to end on the real database and the real semantic space: proofs, limits, sameness, refusals."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor, creator_actor, member_actor
from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Creator, CreatorTerms, Membership, Objection, Provenance, SocialAccount
from accounts.secrets import pseudonym
from matching import commitments
from matching.contracts import Brief
from matching.models import Comment, CreatorIndex, MatchResult, MatchRun, Post
from matching.reasons import reason_text
from matching.semantics import encode
from matching.services.match import answer, match_payload, run_match
from matching.services.recompute import recompute_creators
from tests.cast import Cast

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
INTERIOR = Brief(text="Marque de décoration scandinave minimaliste : bois clair, salon épuré, intérieur lumineux")
CAPTIONS = {
    "interior": [
        "Mon salon scandinave : bois clair, lignes épurées et beaucoup de lumière",
        "Un intérieur minimaliste, c'est d'abord trier avant de décorer la pièce",
        "Comment choisir un canapé en lin pour un petit salon nordique",
        "Bright minimalist living room with oak furniture and white walls",
    ],
    "running": [
        "Sortie trail de 20 km ce matin, les jambes étaient lourdes dans la montée",
        "Mon plan d'entraînement pour le marathon, semaine après semaine",
        "New running shoes tested on a muddy mountain trail",
        "Fractionné sur piste : dix fois 400 mètres, récupération courte",
    ],
}


def publish(creator: Creator, account: SocialAccount, niche: str, source: Provenance, times: int = 3) -> list[Post]:
    rows = []
    for k, caption in enumerate(CAPTIONS[niche] * times):
        rows.append(
            Post(
                account=account,
                platform="instagram",
                external_id=f"{account.handle}-{k}",
                posted_at=NOW - timedelta(days=2 + 4 * k),
                caption=caption if k < 4 else f"{caption} ({k})",
                likes=300 + 10 * k,
                comments_count=12,
                source=source,
                observed_at=NOW,
            )
        )
    return Post.objects.bulk_create(rows)


@pytest.fixture
def studio(cast: Cast) -> dict[str, Creator]:
    """Six creators with real captions and comments, scored as in production: three of interiors, three runners."""
    people = {}
    for name, niche in (
        ("ines", "interior"),
        ("jo", "interior"),
        ("kim", "interior"),
        ("ravi", "running"),
        ("sam", "running"),
        ("tess", "running"),
    ):
        creator = Creator.objects.create(display_name=name.title(), country="FR", languages=["fr"], source=cast.source)
        account = SocialAccount.objects.create(
            creator=creator,
            platform="instagram",
            handle=name,
            handle_key=name,
            followers=15_000,
            source=cast.source,
            observed_at=NOW,
        )
        posts = publish(creator, account, niche, cast.source)
        Comment.objects.bulk_create(
            Comment(
                post=post,
                external_id=f"{post.pk}-{k}",
                author_hash=f"{k}",
                text=text,
                posted_at=NOW,
                source=cast.source,
                observed_at=NOW,
            )
            for post in posts[:4]
            for k, text in enumerate(
                (
                    "Où as-tu trouvé cette table en chêne, et à quel prix ?",
                    "Magnifique",
                    "😍",
                    "Je l'ai depuis un an, très solide",
                )
            )
        )
        people[name] = creator
    recompute_creators([creator.pk for creator in people.values()], asof=NOW)
    return people


def actor_of(cast: Cast) -> Actor:
    return member_actor(Membership.objects.select_related("user").get(user=cast.owner))


def proposed(brief: Brief, **more: Any) -> list[int]:
    return [fit.creator_id for fit in answer(brief=brief, today=TODAY, **more).fits]


def test_who_speaks_of_it_comes_first_with_the_posts_that_prove_it(studio: dict[str, Creator], cast: Cast) -> None:
    run = run_match(actor=actor_of(cast), brief=INTERIOR)
    names = [result.creator.display_name for result in run.results.select_related("creator")]
    assert set(names[:3]) == {"Ines", "Jo", "Kim"}
    best = match_payload(run)["results"][0]
    [about] = [reason for reason in best["reasons_for"] if reason["code"] == "affinity.on_subject"]
    assert about["evidence"] and all(
        "scandinave" in e["excerpt"] or "minimal" in e["excerpt"].lower() or "salon" in e["excerpt"]
        for e in about["evidence"]
    )
    owners = set(
        Post.objects.filter(pk__in=[e["id"] for e in about["evidence"]]).values_list("account__creator_id", flat=True)
    )
    assert owners == {best["creator"]["id"]}
    assert "of the last 12 posts" in about["text"]
    assert best["low"] <= best["score"] <= best["high"]
    assert 1 <= len(best["reasons_for"]) <= 3 and len(best["reasons_against"]) == 2
    assert {family["family"] for family in best["families"]} == {
        "affinity",
        "audience",
        "posture",
        "reliability",
        "economy",
        "willingness",
    }
    assert best["category_fit"] is not None and best["within_category_fit"] is not None


def test_the_nearest_of_a_crowd_that_is_elsewhere_is_not_called_near(studio: dict[str, Creator], cast: Cast) -> None:
    """Somebody is always first: a brief that nobody writes about must be answered as such, on every page."""
    actor = cast.actor(cast.owner)
    far = run_match(actor=actor, brief=Brief(text="Implants dentaires pour cliniques et achats hospitaliers"), limit=5)
    results = list(far.results.all())
    assert results
    codes = {reason["code"] for result in results for reason in result.fit["reasons_for"]}
    assert "affinity.close_posts" not in codes
    assert {"affinity.far"} <= {reason["code"] for reason in results[0].fit["reasons_against"]}
    browser, said = cast.browser(cast.owner), "Nobody known here writes about this"
    assert said in browser.get(f"/matches/{far.pk}/").content.decode()
    near = run_match(actor=actor, brief=INTERIOR, limit=5)
    assert said not in browser.get(f"/matches/{near.pk}/").content.decode()
    assert said not in browser.get("/discover/", {"q": INTERIOR.text}).content.decode()


def test_the_same_brief_in_english_brings_the_same_people(studio: dict[str, Creator]) -> None:
    english = Brief(text="Minimalist Scandinavian interior brand: light wood, uncluttered living rooms")
    assert set(proposed(INTERIOR)[:3]) == set(proposed(english)[:3])


def test_family_points_explain_the_whole_total(studio: dict[str, Creator]) -> None:
    for fit in answer(brief=INTERIOR, today=TODAY).fits:
        moved = sum(family.details["points"] for family in fit.families)
        first = answer(brief=INTERIOR, today=TODAY).fits[0]
        base = first.score - sum(family.details["points"] for family in first.families)
        assert fit.score == pytest.approx(base + moved, abs=0.1)


def test_same_data_same_answer_whatever_the_door(studio: dict[str, Creator], cast: Cast, tmp_path: Path) -> None:
    data = {"text": INTERIOR.text, "platforms": ["instagram"], "budget_per_creator": "300.00"}
    sent = cast.api(cast.key).post("/api/v1/matches", {"brief": data, "limit": 5}, content_type="application/json")
    assert sent.status_code == 201, sent.content
    file = tmp_path / "brief.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    out = io.StringIO()
    call_command("match", "--brief", str(file), "--json", "--limit", "5", "--workspace", cast.alma.slug, stdout=out)
    from_command, from_api = json.loads(out.getvalue()), sent.json()
    page = match_payload(MatchRun.objects.get(pk=from_api["id"]))
    for name in ("brief", "brief_hash", "weights", "engine_version", "eligible", "considered", "excluded", "results"):
        assert from_command[name] == from_api[name] == json.loads(json.dumps(page[name])), name


def test_an_answer_never_changes(studio: dict[str, Creator], cast: Cast) -> None:
    run = run_match(actor=actor_of(cast), brief=INTERIOR)
    for rows in (MatchRun.objects.filter(pk=run.pk), MatchResult.objects.filter(run=run)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**({"considered": 1} if rows.model is MatchRun else {"score": 1.0}))
    before = match_payload(run)
    recompute_creators([studio["ines"].pk], asof=NOW + timedelta(days=1))
    assert match_payload(MatchRun.objects.get(pk=run.pk)) == before


LIMITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sector_refused": ({"refused_sectors": ["Jeux d’argent"]}, {"sectors": ("jeux_d_argent",)}),
    "minimum_fee": (
        {"minimum_fee": {"dedicated": "900"}},
        {"budget_per_creator": Decimal(300), "forms": ("dedicated",)},
    ),
    "in_kind_refused": ({"accepts_in_kind": False}, {"in_kind_only": True}),
    "no_capacity": ({"capacity_per_month": 0}, {}),
    "unavailable": ({"unavailable_until": TODAY + timedelta(days=1)}, {}),
}


@pytest.mark.parametrize("code", LIMITS)
def test_limits_are_read_where_they_are_kept_even_when_the_index_is_stale(
    studio: dict[str, Creator], code: str
) -> None:
    terms, wish = LIMITS[code]
    brief = replace(INTERIOR, **wish)
    assert studio["ines"].pk in proposed(brief)
    CreatorTerms.objects.create(creator=studio["ines"], **terms)  # the index row is not rebuilt
    found = answer(brief=brief, today=TODAY)
    assert studio["ines"].pk not in [fit.creator_id for fit in found.fits]
    assert found.excluded == {code: 1}
    assert (studio["ines"].pk, code) in found.refused


def test_the_fee_of_the_form_asked_counts_not_the_lowest(studio: dict[str, Creator]) -> None:
    CreatorTerms.objects.create(creator=studio["ines"], minimum_fee={"event": "800", "*": "100"})
    recompute_creators([studio["ines"].pk], asof=NOW)
    brief = replace(INTERIOR, budget_per_creator=Decimal(300))
    assert studio["ines"].pk in proposed(brief)
    assert studio["ines"].pk not in proposed(replace(brief, forms=("event",)))


def test_minors_erased_people_and_those_who_objected_are_not_proposed(studio: dict[str, Creator], cast: Cast) -> None:
    Creator.objects.filter(pk=studio["ines"].pk).update(is_minor=True)
    Creator.objects.filter(pk=studio["jo"].pk).update(erased_at=timezone.now())
    Objection.objects.create(scope="account", subject_hash=pseudonym("instagram", "kim"))
    found = answer(brief=INTERIOR, today=TODAY)
    assert not {studio[name].pk for name in ("ines", "jo", "kim")} & {fit.creator_id for fit in found.fits}
    assert found.excluded == {"minor": 1, "undisclosed": 1, "objected": 1} or found.excluded == {
        "minor": 1,
        "erased": 1,
        "objected": 1,
    }


def test_an_objection_to_one_workspace_binds_that_workspace_only(studio: dict[str, Creator], cast: Cast) -> None:
    Objection.objects.create(
        scope="creator", subject_hash=pseudonym("creator", str(studio["kim"].pk)), workspace=cast.alma
    )
    assert studio["kim"].pk not in proposed(INTERIOR, workspace_id=cast.alma.pk)
    assert studio["kim"].pk in proposed(INTERIOR, workspace_id=cast.nord.pk)


@pytest.fixture
def bound() -> Iterator[Callable[..., None]]:
    """Registers commitments for one test and puts back those of the layer above."""
    before = (commitments._commitments, commitments._contacted)

    def register(accepted: dict[int, int], waiting: dict[int, int] | None = None) -> None:
        kept = commitments.Commitments(accepted, waiting or {})
        commitments.register(commitments=lambda: kept, contacted=before[1])

    yield register
    commitments.register(commitments=before[0], contacted=before[1])


def test_a_month_that_is_full_excludes(studio: dict[str, Creator], bound: Callable[..., None]) -> None:
    CreatorTerms.objects.create(creator=studio["jo"], capacity_per_month=2)
    bound({studio["jo"].pk: 1})
    assert studio["jo"].pk in proposed(INTERIOR)
    bound({studio["jo"].pk: 2})
    assert studio["jo"].pk not in proposed(INTERIOR)


def test_who_is_crowded_is_less_likely_to_accept(studio: dict[str, Creator], bound: Callable[..., None]) -> None:
    def chance() -> float:
        fits = {fit.creator_id: fit for fit in answer(brief=INTERIOR, today=TODAY).fits}
        return next(f.details["chance"] for f in fits[studio["jo"].pk].families if f.family == "willingness")

    free = chance()
    bound({}, {studio["jo"].pk: 6})
    assert chance() < free


score_columns = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), st.floats(0, 100))
        for name in (
            "audience_score",
            "audience_low",
            "audience_high",
            "posture_score",
            "posture_low",
            "posture_high",
            "reliability_score",
        )
    }
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(columns=score_columns, followers=st.integers(0, 10**9), code=st.sampled_from(sorted(LIMITS)))
def test_no_score_ever_overrides_a_limit(
    studio: dict[str, Creator], columns: dict[str, float | None], followers: int, code: str
) -> None:
    terms, wish = LIMITS[code]
    with transaction.atomic():
        CreatorTerms.objects.create(creator=studio["ines"], **terms)
        CreatorIndex.objects.filter(pk=studio["ines"].pk).update(
            **columns, followers=followers, embedding=encode([INTERIOR.text])[0].tolist(), is_claimed=True
        )
        assert studio["ines"].pk not in proposed(replace(INTERIOR, **wish))
        transaction.set_rollback(True)


def test_reasons_of_hidden_limits_are_not_named(studio: dict[str, Creator], cast: Cast) -> None:
    CreatorTerms.objects.create(creator=studio["ines"], capacity_per_month=0, shows_reasons=False)
    payload = match_payload(run_match(actor=actor_of(cast), brief=INTERIOR))
    assert payload["excluded"]["counts"] == {"undisclosed": 1}
    assert payload["excluded"]["nearest"] == [{"creator": studio["ines"].pk, "code": "undisclosed"}]


def test_who_may_ask(studio: dict[str, Creator], cast: Cast) -> None:
    for role, allowed in (("guest", False), ("analyst", True)):
        Membership.objects.filter(user=cast.owner).update(role=role)
        if allowed:
            run_match(actor=actor_of(cast), brief=INTERIOR)
        else:
            with pytest.raises(NotAllowed):
                run_match(actor=actor_of(cast), brief=INTERIOR)
    with pytest.raises(NotAllowed):
        run_match(actor=creator_actor(cast.lea), brief=INTERIOR)
    assert MatchRun.objects.count() == 1
    other = member_actor(Membership.objects.select_related("user").get(user=cast.other_owner))
    assert not MatchRun.visible_to(other).exists() and not MatchResult.visible_to(other).exists()


@pytest.mark.parametrize("limit", [0, -1, 201, True, "5", 2.0])
def test_a_limit_out_of_range_is_refused_and_nothing_is_kept(cast: Cast, limit: Any) -> None:
    with pytest.raises(InvalidInput):
        run_match(actor=actor_of(cast), brief=INTERIOR, limit=limit)
    assert not MatchRun.objects.exists()


def test_an_empty_index_and_an_unread_language_still_answer(cast: Cast, studio: dict[str, Creator]) -> None:
    assert len(proposed(Brief(text="日本の家具ブランドのためのインフルエンサー"))) == 6
    CreatorIndex.objects.all().delete()
    run = run_match(actor=actor_of(cast), brief=INTERIOR)
    assert (run.results.count(), run.considered, run.eligible) == (0, 0, 0)


def test_an_erased_person_disappears_from_answers_already_given(studio: dict[str, Creator], cast: Cast) -> None:
    run = run_match(actor=actor_of(cast), brief=INTERIOR)
    Creator.objects.filter(pk=studio["ines"].pk).update(erased_at=timezone.now())
    assert studio["ines"].pk not in [r["creator"]["id"] for r in match_payload(run)["results"]]


def test_every_reason_given_has_a_sentence(studio: dict[str, Creator]) -> None:
    brief = replace(
        INTERIOR, countries=("BE",), languages=("en",), hard=(), budget_per_creator=Decimal(90), forms=("event",)
    )
    for fit in answer(brief=brief, today=TODAY).fits:
        for reason in (*fit.reasons_for, *fit.reasons_against, *fit.would_change):
            text = reason_text(reason)
            assert text != reason.code
            assert "%(" not in text and "––" not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b'{"text": "short"}', "/text: This is too short"),
        (b"[]", "object of named fields"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_file(cast: Cast, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "brief.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("match", "--brief", str(file), "--json")
    assert not MatchRun.objects.exists()


def test_the_command_says_which_file_or_workspace_is_missing(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("match", "--brief", str(tmp_path / "none.json"))
    file = tmp_path / "brief.json"
    file.write_text(json.dumps({"text": INTERIOR.text}), encoding="utf-8")
    with pytest.raises(CommandError, match="no workspace “nowhere”"):
        call_command("match", "--brief", str(file), "--workspace", "nowhere")
