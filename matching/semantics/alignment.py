"""The map from French vectors to the English space: ridge regression on words of the same meaning.

Anchors are words spelled alike in both languages and the project's translations. A French word that has
translations is then drawn most of the way to them, the map giving the rest.
"""

from __future__ import annotations

import numpy as np


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; rows of zeros stay zero. float32."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled = np.divide(vectors, lengths, out=np.zeros_like(vectors, dtype=np.float32), where=lengths > 1e-9)
    return scaled.astype(np.float32, copy=False)


def ridge(source: np.ndarray, target: np.ndarray, weights: np.ndarray, penalty: float) -> np.ndarray:
    """(d, e): M minimising sum w |source M - target|² + penalty · mean(w) · n/d · |M|²."""
    weighted = source * weights[:, None]
    gram = weighted.T @ source
    size = source.shape[1]
    gram += np.eye(size, dtype=gram.dtype) * (penalty * weights.sum() / size)
    return np.linalg.solve(gram, weighted.T @ target).astype(np.float32)


def drawn(mapped: np.ndarray, translated: np.ndarray, share: float) -> np.ndarray:
    """Rows of `mapped` moved by `share` towards `translated` where that is not zero. Unit rows."""
    moved = unit((1 - share) * mapped + share * translated)
    return np.where(np.any(translated, axis=1, keepdims=True), moved, mapped)
