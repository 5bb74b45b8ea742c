"""Sample values of the style guide: every state a component can be in, with texts as they come in."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

CAPTION = "Trois mois que je vis avec ce fauteuil en frêne : la patine vient doucement, et le tissu se lave vraiment."
COMMENT = "Est-ce que le bois marque quand on pose une tasse chaude dessus ? J'hésite avec le chêne huilé."


class ExampleForm(forms.Form):
    name = forms.CharField(label="Campaign name", help_text="Only your team sees it.", max_length=60)
    goal = forms.ChoiceField(label="Goal", choices=[("", "Choose"), ("trial", "Trial"), ("sales", "Sales")])
    networks = forms.MultipleChoiceField(
        label="Networks",
        required=False,
        choices=[("instagram", "Instagram"), ("tiktok", "TikTok"), ("youtube", "YouTube"), ("x", "X")],
    )
    forms_accepted = forms.MultipleChoiceField(
        label="Forms",
        widget=forms.CheckboxSelectMultiple,
        choices=[("post", "Dedicated content"), ("test", "Test over time")],
    )
    freedom = forms.ChoiceField(
        label="Freedom left to the creator", widget=forms.RadioSelect, choices=[("wide", "Wide"), ("guided", "Guided")]
    )
    message = forms.CharField(label="Message in one sentence", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    starts = forms.DateField(label="Start", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    rights = forms.BooleanField(label="We may show the content on our own accounts", required=False)


def _evidence() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "text": CAPTION,
            "network": "instagram",
            "kind": "post",
            "at": now - timedelta(days=6),
            "url": "https://example.org/p/1",
        },
        {
            "text": COMMENT,
            "kind": "comment",
            "author": "reader 4f2a",
            "at": now - timedelta(days=5),
            "note": "question",
        },
    ]


def _timeline() -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        {
            "at": now - timedelta(hours=2),
            "title": "Counter-offer",
            "text": "€480 instead of €400, one story less.",
            "who": "Maëlle Kerdoncuff",
            "icon": "arrows-exchange",
            "tone": "warn",
        },
        {"at": now - timedelta(hours=30), "title": "Seen", "who": "Maëlle Kerdoncuff", "icon": "eye"},
        {
            "at": now - timedelta(days=2),
            "title": "Invited",
            "text": "Votre série sur le frêne nous a décidés.",
            "who": "Claire Aubry",
            "icon": "send",
            "tone": "accent",
        },
    ]


def _chart() -> dict[str, Any]:
    start = date(2025, 9, 1)
    followers = [12400, 12510, 12680, 12740, 12900, 13040, 14980, 15010, 15080, 15120, 15200]
    points = [[(start + timedelta(weeks=i)).isoformat(), value] for i, value in enumerate(followers)]
    return {
        "option": {
            "xAxis": {"type": "time"},
            "yAxis": {"type": "value", "scale": True, "unit": "count"},
            "tooltip": {"trigger": "axis"},
            "series": [
                {
                    "type": "line",
                    "name": "Followers",
                    "unit": "count",
                    "data": points,
                    "markPoint": {
                        "symbol": "circle",
                        "symbolSize": 12,
                        "itemStyle": {"color": "$signal-bright"},
                        "label": {"show": False},
                        "data": [{"coord": points[6]}],
                    },
                }
            ],
        },
        "rows": points,
    }


def context(data: QueryDict | None) -> dict[str, Any]:
    now = timezone.now()
    return {
        "form": ExampleForm(data),
        "evidence": _evidence(),
        "events": _timeline(),
        "chart": _chart(),
        "band": [18, 36, 50, 67, 84],
        "engagement_band": [1.1, 1.9, 2.8, 4.2, 6.4],
        "chart_columns": ["Week", "Followers"],
        "fresh": [now - timedelta(hours=3), now - timedelta(days=30), now - timedelta(days=140), None],
        "amount": Decimal("1480.50"),
        "tones": ["neutral", "accent", "info", "good", "warn", "bad"],
        "tokens": [
            "canvas",
            "surface",
            "sunken",
            "ink",
            "ink-2",
            "ink-3",
            "line",
            "line-2",
            "accent",
            "accent-soft",
            "signal",
            "signal-soft",
            "band",
            "band-2",
        ],
        "tabs": [
            ("scores", "Scores", "#scores"),
            ("content", "Content", "#content", 214),
            ("conversation", "Conversation", "#talk", 1830),
        ],
        "facets": [
            {
                "name": "platform",
                "label": "Network",
                "open": True,
                "choices": [
                    {"value": "instagram", "label": "Instagram", "count": 1204, "chosen": True},
                    {"value": "tiktok", "label": "TikTok", "count": 388},
                ],
            },
            {
                "name": "language",
                "label": "Language",
                "choices": [
                    {"value": "fr", "label": "Français", "count": 967},
                    {"value": "en", "label": "English", "count": 625},
                ],
            },
        ],
        "chips": [
            {"label": "Lyon", "remove_url": "#"},
            {"label": "5k–50k", "remove_url": "#"},
            {"label": "décoration"},
        ],
        "columns": [
            {
                "name": "Invited",
                "cards": [
                    {"name": "Maëlle Kerdoncuff", "note": "sent 2 days ago"},
                    {"name": "Idris Benali", "note": "sent 5 days ago"},
                ],
            },
            {"name": "Counter-offer", "cards": [{"name": "Solveig Dahl", "note": "€480 for €400 offered"}]},
            {"name": "Accepted", "cards": []},
            {"name": "Live", "cards": [{"name": "Ana Ribeiro", "note": "2 of 3 published"}]},
        ],
    }
