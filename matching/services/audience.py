"""Samples of an account's followers: numbers about sampled people, never who they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.models import Provenance, SocialAccount
from accounts.permissions import require
from matching.models import AudienceSample
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
