"""Samples of an account's followers: numbers about sampled people, never who they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.models import Provenance, SocialAccount, SourceKind
from accounts.permissions import require
from accounts.texts import one_line
from matching.codes import country_code, language_code
from matching.models import AudienceSample, AudienceShare
from matching.services.recompute import request_rescore
from matching.signals.further import FEATURES

MOST_PEOPLE = 20_000
MOST_COUNT = 1e10
_FLAGS = ("picture", "private", "name_ends_digit")


def record_audience_sample(
    *,
    actor: Actor,
    account: SocialAccount,
    people: Iterable[Mapping[str, Any]],
    source: Provenance,
    observed_at: datetime,
) -> AudienceSample:
    """Keeps a sample of the account's followers and asks for a new score.

    people: per sampled follower posts, following, followers (counts), picture, private (yes or no), and either
    `name` (only its length and digits are kept) or name_length, name_digits, name_ends_digit. Unknown cells may be
    empty. A second sample of the same moment replaces the first. Raises InvalidInput naming the first bad row.
    """
    require(actor, "import.run")
    rows = [_row(number, person) for number, person in enumerate(people, start=1)]
    if not 1 <= len(rows) <= MOST_PEOPLE:
        raise InvalidInput(fields={"people": [_("Between 1 and %(most)s sampled followers.") % {"most": MOST_PEOPLE}]})
    packed = np.array(rows, np.float32).tobytes()
    with transaction.atomic():
        sample, _made = AudienceSample.objects.update_or_create(
            account=account, observed_at=observed_at, defaults={"people": packed, "n": len(rows), "source": source}
        )
        record_event(
            "creators.updated",
            account.creator,
            actor=actor,
            data={"creator_ids": [account.creator_id], "people": len(rows)},
        )
        request_rescore(creator_ids=[account.creator_id])
    return sample


def _row(number: int, person: Mapping[str, Any]) -> list[float]:
    given = dict(person)
    name = str(given.pop("name", "") or "")
    if name:
        digits = sum(c.isdigit() for c in name)
        given |= {"name_length": len(name), "name_digits": digits, "name_ends_digit": name[-1].isdigit()}
    return [_number(number, feature, given.get(feature)) for feature in FEATURES]


def _number(number: int, feature: str, value: Any) -> float:
    if value is None or value == "":
        return float("nan")
    if isinstance(value, bool) or (feature in _FLAGS and str(value).casefold() in ("yes", "true", "no", "false")):
        return float(value if isinstance(value, bool) else str(value).casefold() in ("yes", "true"))
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found <= MOST_COUNT:
        message = _("Row %(number)s, %(field)s: give a number of 0 or more.") % {"number": number, "field": feature}
        raise InvalidInput(fields={"people": [message]})
    return found


DIMENSIONS = ("country", "age", "gender", "language")
AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
GENDERS = ("female", "male", "other")
MOST_SHARES = 400
ROUNDING = 0.02
"""How far the shares of one dimension may exceed 1: networks round."""


def record_audience_shares(
    *,
    actor: Actor,
    account: SocialAccount,
    shares: Iterable[Mapping[str, Any]],
    source: Provenance,
    observed_at: datetime,
) -> int:
    """Keeps told shares of the account's audience; returns how many. The same moment a second time replaces them.

    shares: per row dimension, key, share (0..1, or a percentage with %), and n (people sampled) where known. Raises
    InvalidInput naming the first bad row, also where the shares of one dimension add up to more than everybody.
    """
    require(actor, "import.run")
    rows = [_share(number, row) for number, row in enumerate(shares, start=1)]
    if not 1 <= len(rows) <= MOST_SHARES:
        raise _fault(_("Between 1 and %(most)s shares.") % {"most": MOST_SHARES})
    for dimension in DIMENSIONS:
        kept = [row for row in rows if row[0] == dimension]
        if len({key for _name, key, _share, _n in kept}) < len(kept):
            raise _fault(_("%(dimension)s: a value stands twice.") % {"dimension": dimension})
        if sum(row[2] for row in kept) > 1 + ROUNDING:
            raise _fault(_("%(dimension)s: the shares add up to more than 100 %%.") % {"dimension": dimension})
    with transaction.atomic():
        dimensions = {row[0] for row in rows}
        AudienceShare.objects.filter(account=account, observed_at=observed_at, dimension__in=dimensions).delete()
        AudienceShare.objects.bulk_create(
            AudienceShare(
                account=account, dimension=dimension, key=key, share=share, n=n, source=source, observed_at=observed_at
            )
            for dimension, key, share, n in rows
        )
        data = {"creator_ids": [account.creator_id], "shares": len(rows)}
        record_event("creators.updated", account.creator, actor=actor, data=data)
    return len(rows)


def _fault(text: str) -> InvalidInput:
    return InvalidInput(fields={"shares": [text]})


def _share(number: int, row: Mapping[str, Any]) -> tuple[str, str, float, int | None]:
    dimension, key = (str(row.get(name) or "").strip() for name in ("dimension", "key"))
    dimension = dimension.casefold()
    known = _read_key(dimension, key)
    if known is None:
        params = {"number": number, "dimension": dimension[:20], "key": key[:20]}
        raise _fault(_("Row %(number)s: “%(dimension)s %(key)s” is not known.") % params)
    text = str(row.get("share") if row.get("share") is not None else "").strip().replace(",", ".")
    scale = 100.0 if text.endswith("%") else 1.0
    people = row.get("n")
    try:
        share = float(text.rstrip("% \u00a0\u202f")) / scale
        n = int(people) if people not in (None, "") else None
    except (TypeError, ValueError, OverflowError):
        share, n = -1.0, None
    if not 0 <= share <= 1 or (n is not None and not 1 <= n <= 2_000_000_000):
        raise _fault(_("Row %(number)s: give a share between 0 and 1, or a percentage, and a whole sample size.") % {"number": number})  # fmt: skip
    return dimension, known, share, n


def _read_key(dimension: str, key: str) -> str | None:
    if dimension == "country":
        return country_code(key)
    if dimension == "language":
        return language_code(key)
    known = {"age": AGES, "gender": GENDERS}.get(dimension, ())
    return next((name for name in known if name == key.casefold().replace("–", "-")), None)


def keep_sent(
    *,
    actor: Actor,
    account: SocialAccount,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
    observed_at: datetime,
    label: str,
    basis: str,
    origin: str = SourceKind.MANUAL,
) -> int:
    """What a member or a partner system sends: `sample` or `shares`, with where it comes from. Returns rows kept."""
    require(actor, "import.run")
    with transaction.atomic():
        source = Provenance.objects.create(
            kind=origin, label=one_line(label, 200), basis=basis, workspace_id=actor.workspace_id,
            user_id=actor.user_id, retrieved_at=timezone.now(),
        )  # fmt: skip
        told: dict[str, Any] = {"actor": actor, "account": account, "source": source, "observed_at": observed_at}
        if kind == "sample":
            return record_audience_sample(people=rows, **told).n
        return record_audience_shares(shares=rows, **told)
