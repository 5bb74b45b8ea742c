"""Models of campaigns and partnerships, one module per aggregate."""

from campaigns.models.campaign import Brief, Campaign, Form, Objective
from campaigns.models.contract import (
    Contract,
    ContractFile,
    Evidence,
    LegalIdentity,
    Signature,
    SignatureCode,
)
from campaigns.models.cowriting import Suggestion
from campaigns.models.messages import Message, ReceivedMail, Thread
from campaigns.models.partnership import ClosingCode, DeclineReason, InvitationLink, Offer, Partnership
from campaigns.models.scheduled import ScheduledInvitation
from campaigns.models.shipment import Shipment, ShippingAddress

__all__ = [
    "Brief",
    "Campaign",
    "ClosingCode",
    "Contract",
    "ContractFile",
    "DeclineReason",
    "Evidence",
    "Form",
    "InvitationLink",
    "LegalIdentity",
    "Message",
    "Objective",
    "Offer",
    "Partnership",
    "ReceivedMail",
    "ScheduledInvitation",
    "Shipment",
    "ShippingAddress",
    "Signature",
    "SignatureCode",
    "Suggestion",
    "Thread",
]
