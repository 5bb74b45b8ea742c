"""Sponsored posts: declarations in both languages, negation, load, brands that come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from benchmarks.instagram import batches, read_posts
from benchmarks.observed import observe
from matching.contracts import Signal
from matching.signals.captions import read_captions
from matching.signals.columns import signals
from matching.signals.comments import FRENCH
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import score
from matching.signals.sponsorship import read_posts as read_sponsorship
from matching.signals.sponsorship import restraint
from tests.matching.shared import folder

NOTHING = np.zeros(0, np.uint64)


def read(*captions: str, **more: object):
    batch = observe({"posts": [{"caption": c, "age": float(i)} | more for i, c in enumerate(captions)]})
    return read_sponsorship(batch, read_captions(batch.posts))


def found(*posts: dict[str, object]) -> dict[str, Signal]:
    m = measure(observe({"followers": 20_000, "posts": list(posts)}), NOTHING)
    return signals(score(m, default_priors()).columns, 1)[0]


@pytest.mark.parametrize(
    "caption",
    [
        "Collaboration commerciale avec @maison",
        "Publicité : la nouvelle lampe de @maison",
        "Vidéo sponsorisée par Maison, pas de panique",
        "Hello les amis. En partenariat avec @maison, je vous montre mon salon",
        "Produit offert par @maison, avis libre",
        "New lamp from @maison #ad",
        "Paid partnership with Maison. I have used it for weeks",
        "#gifted by the lovely people at @maison",
        "I am not kidding. #ad",
        "Pas de pub ici. Vidéo en partenariat avec Maison",
        "Ma lampe préférée #pub",
    ],
)
def test_declarations_are_read(caption: str) -> None:
    assert read(caption).sponsored.tolist() == [True]


@pytest.mark.parametrize(
    "caption",
    [
        "Cette vidéo n'est pas sponsorisée",
        "Ceci n’est en aucun cas une collaboration commerciale",
        "Post non sponsorisé, j'ai tout payé",
        "This is not an ad, I bought it myself",
        "Not sponsored! Just love it",
        "#notsponsored lamp love",
        "Aucun partenariat, achat personnel",
    ],
)
def test_denials_are_believed(caption: str) -> None:
    reading = read(caption)
    assert reading.sponsored.tolist() == [False] and reading.denied.tolist() == [True]


@pytest.mark.parametrize(
    "caption",
    [
        "Je déteste la publicité",
        "Publicité mensongère ? Parlons-en",
        "Beer at the pub with friends #pub",
        "My collaboration style is quiet",
        "Le prix affiché est le prix payé",
        "Code promo ANNA10 dans ma bio",
        "",
    ],
)
def test_ordinary_words_declare_nothing(caption: str) -> None:
    assert read(caption).sponsored.tolist() == [False]


def test_the_label_of_the_network_and_its_sponsors_count() -> None:
    assert read("A lamp", official=1).sponsored.tolist() == [True]
    assert read("A lamp", sponsors="maison").sponsored.tolist() == [True]
    assert read("A lamp", official=0).sponsored.tolist() == [False]


def test_pub_is_a_declaration_in_french_only() -> None:
    batch = observe(
        {
            "posts": [
                {"caption": "Une lampe #pub", "language": "fr"},
                {"caption": "A lamp #pub", "language": "en", "age": 31},
            ]
        }
    )
    captions = read_captions(batch.posts)
    assert (captions.language == FRENCH).tolist() == [True, False]
    assert read_sponsorship(batch, captions).sponsored.tolist() == [True, False]


def test_load_of_the_last_ninety_days_with_brands_and_recency() -> None:
    paid = [
        {"caption": f"En partenariat avec @{b} #ad", "age": age}
        for b, age in (("maison", 12.0), ("maison", 40.0), ("bois", 70.0), ("cuir", 200.0))
    ]
    free = [{"caption": "Un matin calme", "age": 5.0 + 8 * i} for i in range(9)]
    rows = found(*paid, *free)
    load = rows["sponsorship_load"]
    assert (load.n, load.details["sponsored"], load.details["brands"]) == (12, 3, 2)
    assert load.details["days_since"] == pytest.approx(12.0, abs=0.01)
    assert 0.09 < load.value < 0.25 and load.low < load.value < load.high
    assert {e.note for e in load.evidence} == {"declared"} and len(load.evidence) == 3
    assert rows["selectivity"].n == 3 and rows["disclosure_record"].value > 0.85


def test_disclosing_is_never_worse_than_not_disclosing() -> None:
    """The same posts, declared or only looking like partnerships: transparency must not cost disclosure points."""
    body = "Using the new @maison serum, use my code ANNA10 for 20 discount, shop now link in bio #beauty"
    open_, hidden = (
        [{"caption": prefix + body, "age": 5.0 + i, "mentions": "maison"} for i in range(6)] for prefix in ("#ad ", "")
    )
    assert found(*open_)["disclosure_record"].value > (found(*hidden)["disclosure_record"].value or 0)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.9))
def test_restraint_is_flat_then_falls(a: float, b: float, knee: float) -> None:
    low, high = sorted((a, b))
    values = restraint(np.array([low, high]), np.array([knee, knee]))
    assert values[0] >= values[1] and ((values >= 0) & (values <= 1)).all()
    if high <= knee:
        assert values.tolist() == [1.0, 1.0]


def test_content_orders_officially_tagged_posts() -> None:
    """MATCHING.md: sponsored post from content, AUC at least .88."""
    scores, official = [], []
    for batch in batches(read_posts(folder("instagram_2018")), {}, size=4_000):
        scores.append(read_sponsorship(batch, read_captions(batch.posts)).score)
        official.append(batch.posts.official == 1)
    assert roc_auc_score(np.concatenate(official), np.concatenate(scores)) >= 0.88
