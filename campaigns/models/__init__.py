"""Models of campaigns and partnerships, one module per aggregate."""

from campaigns.models.campaign import Brief, Campaign, Form, Objective
from campaigns.models.partnership import ClosingCode, DeclineReason, InvitationLink, Offer, Partnership

__all__ = [
    "Brief",
    "Campaign",
    "ClosingCode",
    "DeclineReason",
    "Form",
    "InvitationLink",
    "Objective",
    "Offer",
    "Partnership",
]
