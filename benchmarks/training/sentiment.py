"""Fits the sentiment model: `python -m benchmarks.training.sentiment`.

Data: French and English tweets in three classes (Apache-2.0 repository). Only parameters are written.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.instagram import shared_data
from matching.signals.sentiment import BITS, CLASSES, features
from matching.signals.text import TextColumn

TARGET = Path(__file__).resolve().parent.parent.parent / "matching" / "signals" / "weights" / "sentiment.npz"
NAMES = {"fr": "french", "en": "english"}


def read(language: str, part: str) -> tuple[TextColumn, np.ndarray]:
    """(texts, classes) of "train" or "val"."""
    folder = shared_data() / "sentiment_fr_en"
    truth = np.array((folder / f"{NAMES[language]}_{part}_labels.txt").read_text().split(), int)
    lines = (folder / f"{NAMES[language]}_{part}_text.txt").read_text(encoding="utf-8").split("\n")[: len(truth)]
    return TextColumn.of(line.replace("\\u2019", "’").replace("\\u002c", ",") for line in lines), truth


def inputs(texts: TextColumn) -> csr_matrix:
    found = features(texts)
    length = np.sqrt(np.maximum(np.bincount(found.text, minlength=found.n), 1))
    words = csr_matrix((1.0 / length[found.text], (found.text, found.column)), shape=(found.n, 1 << BITS))
    return hstack([words, csr_matrix(found.dense)]).tocsr()


def crossed(x: csr_matrix, truth: np.ndarray) -> np.ndarray:
    """(n, 3) chances from models that did not see the text (five folds)."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_predict(_model(), x, truth, cv=folds, method="predict_proba")


def _model() -> LogisticRegression:
    return LogisticRegression(C=2.0, max_iter=3_000)


def main() -> None:
    kept = {}
    for language in NAMES:
        texts, truth = read(language, "train")
        x = inputs(texts)
        held = crossed(x, truth)
        model = _model().fit(x, truth)
        kept[f"{language}_words"] = model.coef_[:, : 1 << BITS].T.astype(np.float16)
        kept[f"{language}_dense"] = model.coef_[:, 1 << BITS :].T.astype(np.float32)
        kept[f"{language}_bias"] = model.intercept_.astype(np.float32)
        kept[f"{language}_confusion"] = np.stack([held[truth == k].mean(axis=0) for k in range(len(CLASSES))], axis=1)
        print(language, "macro F1", round(f1_score(truth, held.argmax(axis=1), average="macro"), 3))
    np.savez_compressed(TARGET, **kept)


if __name__ == "__main__":
    main()
