"""Fits the rule for sampled followers: `python -m benchmarks.training.audience`.

Data: followers of Swiss influencers labelled by hand (SRF Data, CC BY-SA 4.0). Only parameters are written.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.instagram import shared_data
from matching.signals.audience import describe

TARGET = Path(__file__).resolve().parent.parent.parent / "matching" / "signals" / "weights" / "audience.json"
COLUMNS = (
    "n_posts",
    "n_following",
    "n_followers",
    "has_profile_picture",
    "is_private",
    "username_len",
    "username_digits",
    "username_ends_digit",
)


def read(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(people (m, 8), is automated (m,))."""
    with (folder / "audience_accounts" / "labelled_followers.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    people = np.array([[float(row[name] or "nan") for name in COLUMNS] for row in rows])
    return people, np.array([row["is_fake"] == "1" for row in rows])


def crossed(inputs: np.ndarray, truth: np.ndarray, seed: int = 0) -> np.ndarray:
    """Chance of each account from models that did not see it (ten folds)."""
    folds = StratifiedKFold(10, shuffle=True, random_state=seed)
    return cross_val_predict(_model(), inputs, truth, cv=folds, method="predict_proba")[:, 1]


def _model() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2_000))


def main() -> None:
    people, truth = read(shared_data())
    inputs = describe(people)
    held = np.mean([crossed(inputs, truth, seed) for seed in range(5)], axis=0)
    fitted = _model().fit(inputs, truth)
    scaler, rule = fitted[0], fitted[1]
    parameters = {
        "source": "SRF Data, labelled followers of Swiss influencers, CC BY-SA 4.0",
        "n": len(truth),
        "auc": round(float(roc_auc_score(truth, held)), 4),
        "tpr": round(float((held[truth] > 0.5).mean()), 4),
        "fpr": round(float((held[~truth] > 0.5).mean()), 4),
        "bias": float(rule.intercept_[0]),
        "weights": rule.coef_[0].round(5).tolist(),
        "centre": scaler.mean_.round(5).tolist(),
        "scale": scaler.scale_.round(5).tolist(),
        "mean": inputs.mean(axis=0).round(5).tolist(),
        "covariance": np.cov(inputs.T).round(5).tolist(),
    }
    TARGET.write_text(json.dumps(parameters) + "\n", encoding="utf-8")
    print({name: parameters[name] for name in ("n", "auc", "tpr", "fpr")})


if __name__ == "__main__":
    main()
