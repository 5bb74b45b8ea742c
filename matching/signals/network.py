"""Who comments whom among creators: reciprocity against the niche, and groups that keep to one another.

For creator i with s_i inbound creators (who comment i), m_i of them in a close tie, that is with three posts
commented or more in either direction:

    expected_i = s_i p_b,      p_b = sum m / sum s over the creators of the block (niche x language)
    P_i = P(M >= m_i),         M ~ BetaBinomial(s_i, k p_b, k (1 - p_b)),    z_i = Phi^-1(1 - P_i)

k is the spread between creators, by moments over all blocks. Friends and niches look like pods under a global
shuffle (11.6 % against .07 %: SIGNALS.md 0.10), so the null is the niche's own habit. Any answer by a comment is
too common to tell anything (planted rings were found at 5 %, by close ties at over 90 %). Group: creators
connected by close ties; four or more make a group. Both rest on the same ties, so together they are one sign,
never a proof by themselves, and the words stay "unusual". Source: SIGNALS.md section 4 (Weerasinghe et al.
WWW 2020 for what pods are). Failure: only creators of the index are seen; old friends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.special import betaln, gammaln, logsumexp, ndtri

from matching.signals.further import Ties
from matching.signals.segments import Floats, Ints, counts, sums

VERSION = "network-1"
GROUP_POSTS = 3
LEAST_INBOUND = 4
"""Inbound creators below which reciprocity says nothing."""
_SHRINK = 20.0
TRIMMED = 0.06
MOST_Z = 8.0


def ties(source: Ints, target: Ints, posts: Ints, block: Ints, n: int) -> Ties:
    """Ties of n creators. source, target, posts (e,): creator `source` commented `posts` different posts of `target`
    (each pair once, no self). block (n,): niche x language of each creator."""
    inbound = counts(target, n).astype(np.float64)
    back = _mutual(source, target, n)
    mutual = counts(target[back], n).astype(np.float64)
    strong = back & (posts >= GROUP_POSTS)
    a, b = source[strong], target[strong]
    both = _mutual(a, b, n)
    a, b = a[both], b[both]
    close = counts(b, n).astype(np.float64)
    rate, strength = _usual(inbound, close, block)
    z = np.full(n, np.nan)
    seen = inbound >= LEAST_INBOUND
    z[seen] = _tail_z(inbound[seen], close[seen], rate[seen], strength)
    return Ties(inbound, mutual, inbound * rate, z, _groups(a, b, n))


def _mutual(source: Ints, target: Ints, n: int) -> NDArray[np.bool_]:
    """(e,) the tie exists in the other direction too."""
    there, back = source * n + target, target * n + source
    order = np.sort(there)
    if len(order) == 0:
        return np.zeros(0, bool)
    place = np.minimum(np.searchsorted(order, back), len(order) - 1)
    return order[place] == back


def _usual(inbound: Floats, close: Floats, block: Ints) -> tuple[Floats, float]:
    """(usual share per creator, k): from everybody, then again without the TRIMMED share that stands out most, so
    that rings do not set what is usual for those beside them."""
    rate = _block_rates(inbound, close, block, np.ones(len(inbound)))
    apart = (close - inbound * rate) / np.sqrt(inbound * rate + 1.0)
    kept = (apart <= np.quantile(apart, 1.0 - TRIMMED)).astype(np.float64)
    rate = _block_rates(inbound, close, block, kept)
    return rate, _strength(inbound * kept, close * kept, rate)


def _block_rates(inbound: Floats, mutual: Floats, block: Ints, kept: Floats) -> Floats:
    """(n,) usual share of close ties in each creator's block, the creator left out, shrunk to the whole."""
    size = int(block.max(initial=-1)) + 1
    inbound, mutual = inbound * kept, mutual * kept
    whole = max(float(mutual.sum()), 0.5) / max(float(inbound.sum()), 1.0)
    top, bottom = sums(mutual, block, size)[block] - mutual, sums(inbound, block, size)[block] - inbound
    return np.clip((top + _SHRINK * whole) / (bottom + _SHRINK), 1e-3, 0.9)


def _strength(inbound: Floats, mutual: Floats, rate: Floats) -> float:
    """k of the Beta between creators, by moments; kept within 1..100."""
    use = inbound >= 2
    if use.sum() < 20:
        return 4.0
    n, p = inbound[use], rate[use]
    spread = float(((mutual[use] - n * p) ** 2).sum())
    binomial, extra = float((n * p * (1 - p)).sum()), float((n * (n - 1) * p * (1 - p)).sum())
    rho = max((spread - binomial) / max(extra, 1e-9), 0.01)
    return float(np.clip(1 / rho - 1, 1.0, 100.0))


def _tail_z(inbound: Floats, mutual: Floats, rate: Floats, strength: float) -> Floats:
    """Normal score of P(M >= m), a half counted for the value itself so that small counts are not pushed up."""
    out = np.zeros(len(inbound))
    for row, (s, m, p) in enumerate(zip(inbound.tolist(), mutual.tolist(), rate.tolist(), strict=True)):
        k = np.arange(m, s + 1)
        a, b = strength * p, strength * (1 - p)
        log = gammaln(s + 1) - gammaln(k + 1) - gammaln(s - k + 1) + betaln(k + a, s - k + b) - betaln(a, b)
        tail = float(np.exp(logsumexp(log))) - 0.5 * float(np.exp(log[0]))
        out[row] = -ndtri(min(max(tail, 1e-15), 1 - 1e-15))
    return np.clip(out, -MOST_Z, MOST_Z)


def _groups(a: Ints, b: Ints, n: int) -> Floats:
    """(n,) creators in the group of each one (1: alone), connected by the close ties a - b."""
    graph = coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n))
    _count, label = connected_components(graph, directed=False)
    return counts(label.astype(np.int64), int(label.max(initial=0)) + 1)[label].astype(np.float64)
