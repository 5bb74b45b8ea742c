"""How campaigns, briefs and partnerships look in the API, and what may be written."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.permissions import can
from campaigns.actions import actions
from campaigns.models import Brief, Campaign, DeclineReason, Objective, Offer, Partnership
from campaigns.models.campaign import Use
from campaigns.states import CAMPAIGN

_MONEY = {"max_digits": 12, "decimal_places": 2, "min_value": 0}


class CampaignSerializer(serializers.ModelSerializer):
    brand = serializers.UUIDField(source="brand_id", read_only=True)
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")

    class Meta:
        model = Campaign
        fields = [
            "id",
            "external_id",
            "brand",
            "name",
            "objective",
            "state",
            "audience",
            "budget",
            "currency",
            "starts_on",
            "ends_on",
            "countries",
            "languages",
            "places",
            "kpi_targets",
            "created_at",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, campaign: Campaign) -> list[str]:
        actor = self.context["actor"]
        if not can(actor, "campaign.change", campaign):
            return []
        # One call closes, whether everybody is done or not: `start_closing` is its first half.
        verbs = [
            "close" if step.verb == "start_closing" else step.verb
            for step in CAMPAIGN.open_to(campaign.state, actor.side)
        ]
        return list(dict.fromkeys(verbs))


class CampaignWriteSerializer(serializers.Serializer):
    """What a key may set; the service checks the rest (states, dates, currency)."""

    brand = serializers.UUIDField(help_text="id of one of the workspace's brands")
    name = serializers.CharField(max_length=120)
    external_id = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Yours; unique in the workspace"
    )
    objective = serializers.ChoiceField(choices=Objective.choices, required=False)
    audience = serializers.CharField(max_length=400, required=False, allow_blank=True)
    budget = serializers.DecimalField(required=False, allow_null=True, **_MONEY)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    countries = serializers.ListField(child=serializers.RegexField(r"^[A-Z]{2}$"), required=False, max_length=50)
    languages = serializers.ListField(child=serializers.RegexField(r"^[a-z]{2}$"), required=False, max_length=20)
    places = serializers.IntegerField(min_value=1, max_value=10_000, required=False, allow_null=True)
    kpi_targets = serializers.DictField(child=serializers.FloatField(), required=False)


class CampaignChangeSerializer(CampaignWriteSerializer):
    brand = None
    external_id = None
    name = serializers.CharField(max_length=120, required=False)


class BriefSerializer(serializers.ModelSerializer):
    link = serializers.CharField(read_only=True, help_text="page to link to, empty without one")
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    made_for = serializers.UUIDField(
        source="made_for_id", read_only=True, allow_null=True, help_text="The only partnership that reads this version"
    )
    locked = serializers.SerializerMethodField(help_text="A locked version never changes; a new one is made.")

    class Meta:
        model = Brief
        fields = [
            "id",
            "campaign",
            "version",
            "language",
            "product",
            "goal",
            "message",
            "must",
            "must_not",
            "freedom",
            "deliverables",
            "fee",
            "currency",
            "in_kind",
            "in_kind_value",
            "rights",
            "rights_uses",
            "rights_months",
            "not_before",
            "assets",
            "link",
            "gives_code",
            "disclosure",
            "review_rounds",
            "answer_days",
            "matching",
            "made_for",
            "created_at",
            "locked",
        ]
        read_only_fields = fields

    def get_locked(self, brief: Brief) -> bool:
        return brief.locked_at is not None


class DeliverableSerializer(serializers.Serializer):
    form = serializers.CharField(max_length=30)
    format = serializers.CharField(max_length=30)
    platform = serializers.CharField(max_length=10)
    quantity = serializers.IntegerField(min_value=1, max_value=20)
    due_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class AssetSerializer(serializers.Serializer):
    label = serializers.CharField(max_length=120, required=False, allow_blank=True)
    url = serializers.CharField(max_length=500)


class BriefWriteSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    language = serializers.ChoiceField(choices=["fr", "en"], required=False)
    product = serializers.CharField(max_length=300, required=False, allow_blank=True)
    goal = serializers.CharField(max_length=300, required=False, allow_blank=True)
    message = serializers.CharField(max_length=300, required=False, allow_blank=True)
    must = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    must_not = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    freedom = serializers.IntegerField(min_value=1, max_value=5, required=False)
    deliverables = DeliverableSerializer(many=True, required=False, max_length=20)
    fee = serializers.DecimalField(required=False, allow_null=True, **_MONEY)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    in_kind = serializers.CharField(max_length=300, required=False, allow_blank=True)
    in_kind_value = serializers.DecimalField(required=False, allow_null=True, **_MONEY)
    rights = serializers.CharField(max_length=400, required=False, allow_blank=True)
    rights_uses = serializers.ListField(
        child=serializers.ChoiceField(choices=Use.choices), required=False, max_length=5
    )
    rights_months = serializers.IntegerField(min_value=1, max_value=60, required=False, allow_null=True)
    not_before = serializers.DateField(required=False, allow_null=True)
    assets = AssetSerializer(many=True, required=False, max_length=10)
    link = serializers.CharField(max_length=500, required=False, allow_blank=True)
    gives_code = serializers.BooleanField(required=False)
    disclosure = serializers.DictField(child=serializers.CharField(max_length=120), required=False)
    review_rounds = serializers.IntegerField(min_value=0, max_value=2, required=False)
    answer_days = serializers.IntegerField(min_value=1, max_value=60, required=False)
    matching = serializers.DictField(required=False, help_text="Wishes of the engine's brief, as in POST /matches")


class OfferSerializer(serializers.ModelSerializer):
    class Meta:
        model = Offer
        fields = [
            "id",
            "number",
            "side",
            "state",
            "fee",
            "currency",
            "in_kind",
            "in_kind_value",
            "deliverables",
            "rights",
            "due_on",
            "message",
            "created_at",
        ]
        read_only_fields = fields


class PartnershipSerializer(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    creator = serializers.IntegerField(source="creator_id", read_only=True)
    brief = serializers.UUIDField(source="brief_id", read_only=True, allow_null=True)
    offers = OfferSerializer(many=True, read_only=True)
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")
    decline_reason = serializers.CharField(read_only=True, help_text="One of the reasons of /decline, else empty")

    class Meta:
        model = Partnership
        fields = [
            "id",
            "campaign",
            "creator",
            "brief",
            "state",
            "state_changed_at",
            "reasons",
            "personal_sentence",
            "invited_at",
            "seen_at",
            "answered_at",
            "expires_at",
            "decline_reason",
            "closing_note",
            "offers",
            "created_at",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, partnership: Partnership) -> list[str]:
        return [step.verb for step in actions(self.context["actor"], partnership)]


class ShortlistSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    creator = serializers.IntegerField(min_value=1)
    match = serializers.UUIDField(required=False, help_text="A match run: its reasons for this creator are kept")


class TermsSerializer(serializers.Serializer):
    fee = serializers.DecimalField(required=False, **_MONEY)
    in_kind = serializers.CharField(max_length=300, required=False, allow_blank=True)
    in_kind_value = serializers.DecimalField(required=False, **_MONEY)
    deliverables = DeliverableSerializer(many=True, required=False, max_length=20)
    rights = serializers.CharField(max_length=400, required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    message = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class InviteSerializer(serializers.Serializer):
    personal_sentence = serializers.CharField(
        max_length=1000, help_text="Written for this creator; not sent to anybody else"
    )
    email = serializers.EmailField(required=False, allow_blank=True)
    answer_days = serializers.IntegerField(min_value=1, max_value=60, required=False)
    recent_contact_reason = serializers.CharField(max_length=400, required=False, allow_blank=True)
    follow_ups = serializers.IntegerField(min_value=0, max_value=2, required=False)
    terms = TermsSerializer(required=False)


class AcceptSerializer(serializers.Serializer):
    offer = serializers.UUIDField(required=False, help_text="Accept these very terms or nothing")


class DeclineSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ClosingMessageSerializer(serializers.Serializer):
    message = serializers.CharField(max_length=2000)


class OptionalMessageSerializer(serializers.Serializer):
    message = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=2000)


class DeadlineSerializer(serializers.Serializer):
    until = serializers.DateTimeField()


class NothingSerializer(serializers.Serializer):
    """No field."""


def plain(values: Any) -> dict[str, Any]:
    """Validated data with dates in deliverables as ISO text, as the use-cases keep them."""
    data = dict(values)
    if "deliverables" in data:
        data["deliverables"] = [
            dict(row) | {"due_on": row["due_on"].isoformat() if row.get("due_on") else None}
            for row in data["deliverables"]
        ]
    return data
