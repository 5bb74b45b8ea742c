"""The promises of the space, measured: briefs and queries of the project, real captions where they are."""

import numpy as np
import pytest

from benchmarks import semantics_quality
from benchmarks.instagram import shared_data
from matching import semantics

real_captions = pytest.mark.skipif(
    not (shared_data() / "instagram_2018").is_dir(),
    reason="no shared research data (../shared/data or RESONANCE_SHARED_DATA)",
)


def test_short_queries_find_captions_of_both_languages() -> None:
    found = semantics_quality.measure_queries()
    assert found["fr over both"] >= 0.9
    assert found["en over both"] >= 0.9
    assert found["fr over the other"] >= 0.9
    assert found["en over the other"] >= 0.9


def test_a_brief_is_nearest_to_its_own_translation() -> None:
    briefs = semantics_quality.briefs()["briefs"]
    french = np.stack([semantics.brief_vector(brief["fr"], "fr") for brief in briefs])
    english = np.stack([semantics.brief_vector(brief["en"], "en") for brief in briefs])
    cosines = french @ english.T
    assert (cosines.argmax(axis=1) == np.arange(len(briefs))).all()
    assert (cosines.argmax(axis=0) == np.arange(len(briefs))).all()
    assert cosines.diagonal().min() > 0.75


@real_captions
def test_french_and_english_briefs_find_the_same_creators() -> None:
    found = semantics_quality.measure_agreement()["drawn to niches"]
    assert found["all (16)"] >= 0.7
    assert found["held_out (8)"] >= 0.7


@real_captions
def test_brands_find_creators_who_never_name_them() -> None:
    found = semantics_quality.measure_retrieval()
    assert found["leave one out, pool mean removed"]["auc"] >= 0.705
    assert found["leave one out, pool mean removed"]["recall_100"] >= 0.095
    assert found["all posts about the brand, pool mean removed"]["recall_100"] >= 0.115
    assert found["leave one out, as encoded"]["auc"] >= 0.68
