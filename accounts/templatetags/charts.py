"""Figures drawn by ECharts from plain data, each with the table it was drawn from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/chart.html")
def chart(
    id: str,
    title: str,
    option: Mapping[str, Any],
    columns: Iterable[Any] = (),
    rows: Iterable[Any] = (),
    note: str = "",
    height: str = "md",
) -> dict[str, Any]:
    """A figure whose title says its finding, with its table. option: an ECharts option as plain data.

    Axis and tooltip formats: set "unit" ("%", "EUR", "count") on an axis or series.
    height: sm 160, md 260, lg 380 px.
    """
    return {
        "id": id,
        "title": title,
        "data": _json(option),
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "note": note,
        "height": height,
    }


def _json(value: Any) -> SafeString:
    """JSON that cannot close the <script> element it stands in."""
    text = json.dumps(_finite(value), cls=DjangoJSONEncoder, ensure_ascii=False)
    return SafeString(text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026"))


def _finite(value: Any) -> Any:
    """JSON has no NaN: what is not a number is told as unknown."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value
