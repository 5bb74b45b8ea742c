"""Shared scenes: a campaign that invites."""

from __future__ import annotations

from campaigns.models import Partnership
from campaigns.services import briefs, campaigns, invitations, shortlist
from tests.cast import Cast


def invited_partnership(cast: Cast) -> Partnership:
    actor = cast.actor(cast.owner)
    campaign = campaigns.create_campaign(actor=actor, brand=cast.brand, name="Spring", countries=["FR"])
    deliverable = {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": "2027-03-01"}
    briefs.save_brief(
        actor=actor, campaign=campaign, language="fr", product="Savon", message="Un savon simple et doux",
        deliverables=[deliverable], fee="300", disclosure={"FR": "Collaboration commerciale"},
    )  # fmt: skip
    campaigns.activate_campaign(actor=actor, campaign=campaign)
    [partnership] = shortlist.shortlist_creators(actor=actor, campaign=campaign, creators=[cast.lea])
    sentence = "Votre essai de trois savons sur un mois est exactement ce que nous cherchons."
    invitations.invite(actor=actor, partnership=partnership, personal_sentence=sentence)
    return partnership
