"""Index rows for the match, written as the recompute writes them: `CreatorIndex` only, vectors follow by trigger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from accounts.models import Creator, CreatorTerms, Provenance, SocialAccount
from matching.codes import fold, sector_key
from matching.models import CreatorDocument, CreatorIndex
from tests.matching.desk import desk  # noqa: F401  (a fixture of the import tests)

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def direction(*weights: float) -> np.ndarray:
    """Unit vector (256,) with these first components."""
    vector = np.zeros(256, dtype=np.float32)
    vector[: len(weights)] = weights
    return vector / np.linalg.norm(vector)


@pytest.fixture
def source(db: None) -> Provenance:
    return Provenance.objects.create(kind="demo", label="test", basis="fiction", retrieved_at=NOW)


@pytest.fixture
def add(source: Provenance) -> Callable[..., CreatorIndex]:
    """`add("lea", vector, terms={…}, words="…", **columns)` → an index row with its creator, account and terms."""

    def make(
        name: str,
        vector: np.ndarray | None = None,
        *,
        terms: dict[str, Any] | None = None,
        words: str = "",
        creator: dict[str, Any] | None = None,
        **columns: Any,
    ) -> CreatorIndex:
        person = Creator.objects.create(display_name=name.title(), source=source, **(creator or {}))
        followers = columns.get("followers", 20_000)
        SocialAccount.objects.create(
            creator=person,
            platform="instagram",
            handle=name,
            handle_key=name,
            followers=followers,
            source=source,
            observed_at=NOW,
        )
        kept = {
            "creator_id": person.pk,
            "display_name": person.display_name,
            "handles": [name],
            "platforms": ["instagram"],
            "main_platform": "instagram",
            "followers": followers,
            "tier": "micro",
            "languages": ["fr"],
            "country": "FR",
            "posts_n": 20,
            "embedding": vector,
            "indexed_at": NOW,
            "fresh_at": NOW,
        }
        if terms:
            CreatorTerms.objects.create(creator=person, **terms)
            fees = [float(fee) for fee in terms.get("minimum_fee", {}).values()]
            kept |= {
                "refused_sectors": [sector_key(sector) for sector in terms.get("refused_sectors", [])],
                "forms": terms.get("forms", []),
                "min_fee": min(fees) if fees else None,
                "fee_currency": terms.get("currency", "EUR"),
                **{
                    key: terms[key]
                    for key in ("accepts_in_kind", "unavailable_until", "capacity_per_month", "shows_reasons")
                    if key in terms
                },
            }
        kept["is_minor"] = person.is_minor
        row = CreatorIndex.objects.create(**(kept | columns))
        if words:
            text = Value(fold(words))
            document = SearchVector(text, config="french") + SearchVector(text, config="english")
            document += SearchVector(Value(name), config="simple")
            CreatorDocument.objects.create(creator_id=row.pk, document=document)
        return row

    return make
