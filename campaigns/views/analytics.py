"""Across campaigns: what worked by subject, size, form and network."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import PlatformName
from accounts.requests import PageRequest
from accounts.templatetags.figures import percent
from accounts.views.access import needs
from campaigns.models import Campaign, Form
from campaigns.reports import across, words
from campaigns.reports.figures import FORMULA, compute
from campaigns.reports.inputs import read_inputs
from matching.reasons import topic_label

MOST_CAMPAIGNS = 60


@needs("result.read")
@require_safe
def analytics(request: PageRequest) -> HttpResponse:
    """Reads the newest campaigns that ran; each partnership is one case."""
    voices = []
    campaigns = Campaign.visible_to(request.actor).exclude(state__in=["draft", "cancelled"])
    for campaign in campaigns.select_related("workspace", "brand").order_by("-created_at")[:MOST_CAMPAIGNS]:
        inputs = read_inputs(request.actor, campaign, asof=timezone.now(), whole=False)
        for row, found in zip(inputs["partnerships"], compute(inputs)["partnerships"], strict=True):
            figures = {
                name: found["figures"][name]["value"] for name in ("cost", "revenue", "clicks", "sales", "qualified")
            }
            voices.append(row | figures)
    forms, networks = dict(Form.choices), dict(PlatformName.choices)
    groups = [
        ("niche", _("Subject"), lambda name: topic_label(name)),
        ("tier", _("Size"), lambda name: name),
        ("form", _("Form of content"), lambda name: str(forms.get(name, name))),
        ("platform", _("Network"), lambda name: str(networks.get(name, name))),
    ]
    currency = request.workspace.currency
    context = {
        "groups": [
            {"key": key, "label": label, "rows": _rows(voices, key, label_of, currency)}
            for key, label, label_of in groups
        ],
        "least": across.LEAST_PARTNERSHIPS,
        "formula": FORMULA,
    }
    return render(request, "campaigns/analytics.html", context)


def _rows(voices: list[dict[str, Any]], key: str, label_of: Any, currency: str) -> list[dict[str, Any]]:
    rows = []
    for row in across.grouped(voices, lambda voice: voice[key]):
        shown: dict[str, Any] = {
            "name": label_of(row["name"]) if row["name"] else _("unknown"),
            "n": row["n"],
            "quiet": row["quiet"],
        }
        if not row["quiet"]:
            names = ("cost_per_sale", "cost_per_qualified", "roi")
            shown |= {name: words.written(row[name], currency) for name in names}
            shown |= {
                "rate": words.written(row["conversion_rate"], currency),
                "between": words.between(row["conversion_rate"]),
            }
            if row["roi_low"] is not None:
                shown["roi_between"] = f"{percent(row['roi_low'], 0)} – {percent(row['roi_high'], 0)}"
        rows.append(shown)
    return rows
