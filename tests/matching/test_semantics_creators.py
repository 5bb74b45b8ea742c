"""From posts to creators, on vectors written by hand."""

import numpy as np
import pytest

from matching.semantics import creators


def rows(*values: tuple[float, ...]) -> np.ndarray:
    out = np.zeros((len(values), 256), np.float32)
    for number, row in enumerate(values):
        out[number, : len(row)] = row
    return out


NOTHING = ()


def test_a_creator_is_the_mean_of_the_posts_that_could_be_read() -> None:
    vector = creators.creator_vector(rows((1, 0), (0, 1), NOTHING))
    assert vector[:2] == pytest.approx([2**-0.5] * 2)


def test_posts_weigh_as_told() -> None:
    vector = creators.creator_vector(rows((1, 0), (0, 1)), weights=np.array([3, 4]))
    assert vector[:2] == pytest.approx([0.6, 0.8])


def test_a_creator_without_a_readable_post_is_zeros() -> None:
    assert not creators.creator_vector(rows(NOTHING), common=rows((1,))[0]).any()
    assert not creators.creator_vector(rows()).any()
    assert not creators.creator_vector(rows((1, 0)), weights=np.array([0.0])).any()


def test_the_common_component_is_taken_out() -> None:
    vector = creators.creator_vector(rows((0.8, 0.6)), common=rows((0.8, 0))[0])
    assert vector[:2] == pytest.approx([0, 1])


def test_the_common_component_of_few_posts_is_small() -> None:
    few, many = creators.common_component(rows((1,))), creators.common_component(np.tile(rows((1,)), (5000, 1)))
    assert few[0] < 0.01
    assert many[0] > 0.95
    assert not creators.common_component(rows()).any()


def test_many_creators_at_once_are_each_as_alone() -> None:
    random = np.random.default_rng(7)
    posts = random.normal(size=(60, 256)).astype(np.float32)
    posts /= np.linalg.norm(posts, axis=1, keepdims=True)
    posts[5] = 0
    owner = random.integers(0, 9, 60)
    weights = random.random(60)
    found = creators.creator_vectors(posts, owner, 10, weights)
    for number in range(10):
        mine = owner == number
        assert found[number] == pytest.approx(creators.creator_vector(posts[mine], weights[mine]), abs=1e-5)


def test_top_posts_are_the_nearest_and_skip_the_unread() -> None:
    brief = rows((1, 0))[0]
    found, cosines = creators.top_posts(brief, rows((0, 1), (1, 0), NOTHING, (0.6, 0.8)), k=2)
    assert found.tolist() == [1, 3]
    assert cosines == pytest.approx([1, 0.6])


def test_fit_is_the_mean_of_the_best_posts_shrunk_to_the_pool() -> None:
    brief = rows((1, 0))[0]
    posts = rows((1, 0), (0.6, 0.8), (0, 1), (0.8, 0.6), NOTHING)
    fit = creators.brief_fit(brief, posts, np.array([0, 0, 0, 1, 2]), 4, pool_mean=0.1, k=2)
    best = (1 + 0.6) / 2
    assert fit == pytest.approx([(3 * best + 0.3) / 6, (0.8 + 0.3) / 4, 0.1, 0.1])
