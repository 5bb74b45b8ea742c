"""Values of query parameters, read strictly: what is malformed is 400 and names its parameter."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.api.paging import BadParameter


def whole(name: str, text: str) -> int:
    """A number of at most 18 digits, which every column holds."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadParameter(fields={name: [_("A whole number, at most 18 digits.")]})
    return int(text)


def identifier(name: str, text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadParameter(fields={name: [_("An id such as 018f2c3a-7b1e-7c44-9d2a-1f2e3d4c5b6a.")]}) from error


def moment(name: str, text: str) -> datetime:
    """A time with its zone. "+" arrives as a space where the sender forgot to encode it."""
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadParameter(fields={name: [_("A time with its zone, such as 2026-05-01T00:00:00Z.")]})
    return found
