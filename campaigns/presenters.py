"""How the things of campaigns look in messages to partner systems: what GET on them answers, one table for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db import models

from accounts.actors import Actor
from accounts.webhooks.messages import presents
from campaigns import models as m
from campaigns.works import deliverables

# object type → (rows this actor sees, module and class of the API's serializer)
_SHOWN: dict[str, tuple[Callable[[Actor], models.QuerySet[Any]], str, str]] = {
    "campaign": (m.Campaign.visible_to, "serializers", "CampaignSerializer"),
    "partnership": (
        lambda actor: m.Partnership.visible_to(actor).select_related("campaign", "creator").prefetch_related("offers"),
        "serializers",
        "PartnershipSerializer",
    ),
    "deliverable": (deliverables, "deliverables", "PieceSerializer"),
    "contract": (
        lambda actor: (
            m.Contract.visible_to(actor)
            .select_related("partnership__campaign__brand", "partnership__creator")
            .prefetch_related("signatures")
        ),
        "contracts",
        "ContractSerializer",
    ),
    "payment": (
        lambda actor: m.Payment.visible_to(actor).select_related("partnership__campaign", "partnership__creator"),
        "contracts",
        "PaymentSerializer",
    ),
    "trackedlink": (m.TrackedLink.visible_to, "tracking", "LinkSerializer"),
    "promocode": (m.PromoCode.visible_to, "tracking", "CodeSerializer"),
    "conversion": (
        lambda actor: m.Conversion.visible_to(actor).select_related("link"),
        "results",
        "ConversionSerializer",
    ),
    "content": (m.Content.visible_to, "results", "ContentSerializer"),
    "report": (lambda actor: m.Report.visible_to(actor).defer("body"), "results", "ReportSerializer"),
    "disclosurecheck": (m.DisclosureCheck.visible_to, "deliverables", "CheckSerializer"),
}


def _present(name: str, actor: Actor, pk: str) -> Mapping[str, Any] | None:
    from importlib import import_module  # the API's modules need every model loaded

    rows, module, serializer = _SHOWN[name]
    row = rows(actor).filter(pk=pk).first()
    if row is None:
        return None
    shown = getattr(import_module(f"campaigns.api.{module}"), serializer)
    return dict(shown(row, context={"actor": actor}).data)


for _name in _SHOWN:
    presents(_name)(partial(_present, _name))
