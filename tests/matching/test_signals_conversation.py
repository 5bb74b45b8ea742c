"""The conversation: votes, the owner's answers, shrinkage to the cell, proofs that vary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.observed import observe
from matching.contracts import Signal
from matching.signals.columns import signals
from matching.signals.comments import KINDS
from matching.signals.fit import Sample, fit_priors
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import score

NOTHING = np.zeros(0, np.uint64)
PRIORS = default_priors()
QUESTION = "Where did you find the ceramic lamp on the left?"
TESTIMONY = "I've been using this serum for six months and my redness is gone"


def found(*creators: dict[str, object], row: int = 0) -> dict[str, Signal]:
    m = measure(observe(*creators), NOTHING)
    return signals(score(m, PRIORS).columns, m.batch.n)[row]


def creator(*said: dict[str, object] | str, **more: object) -> dict[str, object]:
    comments = [{"text": c} if isinstance(c, str) else c for c in said]
    return {"followers": 20_000, "posts": [{"likes": 500, "comments": len(comments), "said": comments}]} | more


def test_one_vote_per_author_and_post_its_best() -> None:
    one = found(creator(*[{"text": t, "author": "a"} for t in ("Nice", "❤️", QUESTION, "So pretty")]))["qualified_share"]
    assert (one.n, one.details["kinds"], one.details["comments"]) == (1, {"question": 1.0}, 4)
    two = found({"posts": [creator({"text": QUESTION, "author": "a"})["posts"][0] for _ in range(2)]})[
        "qualified_share"
    ]
    assert two.n == 2 and two.details["qualified_authors"] == 1


def test_the_creator_does_not_vote_in_their_own_conversation() -> None:
    mine = found(creator({"text": QUESTION, "owner": True}, "Nice"))["qualified_share"]
    assert mine.n == 1 and mine.details["kinds"] == {"generic": 1.0}


def test_other_languages_are_left_out_and_told() -> None:
    both = found(creator(QUESTION, "Me encanta este vestido, dónde lo compraste", "Wo hast du diese Lampe gekauft?"))[
        "qualified_share"
    ]
    assert both.n == 1
    assert both.details["understood"] == pytest.approx(1 / 3, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_the_share_lies_between_what_was_seen_and_what_is_usual(qualified: int, generic: int) -> None:
    said = [QUESTION] * qualified + ["So pretty"] * generic
    signal = found(creator(*said))["qualified_share"]
    if not said:
        assert signal.value is None
        return
    usual = 1.1 / 11.1
    low, high = sorted((qualified / len(said), usual))
    assert low - 1e-3 <= signal.value <= high + 1e-3
    assert signal.low <= signal.value <= signal.high


def test_more_questions_never_lower_the_share() -> None:
    values = [
        found(creator(*[QUESTION] * k, *["So pretty"] * (20 - k)))["qualified_share"].value for k in range(0, 21, 4)
    ]
    assert values == sorted(values) and values[0] < values[-1]


def test_answers_of_the_creator_with_their_delay() -> None:
    said = [
        {"text": QUESTION, "hours": 1.0},
        {"text": "Nice", "hours": 2.0},
        {"text": "So pretty", "hours": 3.0},
        {"text": "❤️", "hours": 4.0},
        {"text": "It is from a flea market", "owner": True, "answers": 0, "hours": 4.0},
        {"text": "Thank you", "owner": True, "answers": 1, "hours": 3.0},
        {"text": "And it still works", "owner": True, "answers": 0, "hours": 9.0},
    ]
    reply = found(creator(*said))["reply_rate"]
    assert (reply.n, reply.details["replied"], reply.details["raw"]) == (4, 2, 0.5)
    assert reply.details["delay_hours"] == pytest.approx(3.0)
    assert [e.note for e in reply.evidence] == ["reply"] * 3


def test_followers_talking_to_each_other_make_a_debate() -> None:
    text = "Honestly the second coat changes the colour completely though"
    said = [{"text": QUESTION}, {"text": text, "answers": 0}]
    assert found(creator(*said))["qualified_share"].details["kinds"]["debate"] == 0.5
    top_level = found(creator(QUESTION, text))["qualified_share"].details
    assert "debate" not in top_level["kinds"] and top_level["threads"] == 0


def test_proofs_vary_and_repeat_no_text() -> None:
    said = [QUESTION] * 5 + [
        "Which size did you order in the end, the large one?",
        TESTIMONY,
        "@lena this is the oven I told you about",
        "So pretty",
    ]
    evidence = found(creator(*said))["qualified_share"].evidence
    notes = [e.note for e in evidence]
    assert set(notes) == {"question", "testimony", "recommendation"} and len(evidence) == 4
    assert len({notes[0], notes[1], notes[2]}) == 3  # one of each kind before a second question


def test_kinds_add_up_to_the_votes() -> None:
    said = [QUESTION, TESTIMONY, "So pretty", "😍", "@ana", "Me encanta este vestido de verano"]
    signal = found(creator(*said))["qualified_share"]
    kinds = signal.details["kinds"]
    assert set(kinds) <= set(KINDS) and sum(kinds.values()) == pytest.approx(1, abs=1e-3)
    assert signal.n == len(said) - round(kinds["unclassified"] * len(said))


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_creators_changes_nothing(order: list[int]) -> None:
    people = [creator(*[QUESTION] * i, *["So pretty"] * (8 - i), id=i + 1) for i in range(5)]
    m = measure(observe(*(people[i] for i in order)), NOTHING)
    rows = signals(score(m, PRIORS).columns, 5)
    straight = measure(observe(*people), NOTHING)
    wanted = signals(score(straight, PRIORS).columns, 5)
    for i in range(5):
        got = rows[order.index(i)]
        for name in ("qualified_share", "generic_share", "reply_rate"):
            assert (got[name].value, got[name].low, got[name].details) == (
                wanted[i][name].value,
                wanted[i][name].low,
                wanted[i][name].details,
            )


def test_intervals_cover_a_simulated_population_whose_posts_differ() -> None:
    """Comments of one post resemble each other: without the dispersion the intervals would be too narrow."""
    rng = np.random.default_rng(11)
    truth, people = rng.beta(2, 14, 500), []
    for share in truth:
        posts = []
        for _ in range(4):
            here = rng.beta(share * 12, (1 - share) * 12)
            k = rng.binomial(12, here)
            said = [{"text": QUESTION}] * k + [{"text": "So pretty"}] * (12 - k)
            posts.append({"likes": 100, "comments": 12, "said": said})
        people.append({"followers": 20_000, "posts": posts})
    m = measure(observe(*people), NOTHING)
    priors = fit_priors(Sample([m]))
    assert priors.dispersion["qualified"] > 1.3
    column = score(m, priors).column("qualified_share")
    covered = (column.low <= truth) & (truth <= column.high)
    assert 0.85 <= covered.mean() <= 0.96
