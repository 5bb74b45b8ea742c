"""Models of campaigns and partnerships, one module per aggregate."""

from campaigns.models.aftermath import (
    Debrief,
    Payment,
    Programme,
    ProgrammeMember,
    ProgrammeRound,
    Relation,
    UsageRight,
)
from campaigns.models.calendarfeed import CalendarFeed
from campaigns.models.campaign import Brief, Campaign, Form, Objective
from campaigns.models.contract import (
    Contract,
    ContractFile,
    Evidence,
    LegalIdentity,
    Signature,
    SignatureCode,
)
from campaigns.models.conversions import (
    AttributionEntry,
    AttributionRule,
    AttributionRun,
    Conversion,
    ConversionKind,
    CurrencyRate,
    Postback,
    Reason,
    Reversal,
)
from campaigns.models.cowriting import Suggestion
from campaigns.models.deliverable import Deliverable, DisclosureCheck, Draft, GuestLink, Remark, ReviewFile
from campaigns.models.dispute import Dispute, DisputeEntry
from campaigns.models.messages import Message, ReceivedMail, Thread
from campaigns.models.partnership import ClosingCode, DeclineReason, InvitationLink, Offer, Partnership
from campaigns.models.results import (
    Content,
    ContentMetrics,
    Cost,
    CostKind,
    EmvTable,
    Expectation,
    Report,
    ReportFile,
    ReportSchedule,
    ReportShare,
)
from campaigns.models.scheduled import ScheduledInvitation
from campaigns.models.shipment import Shipment, ShippingAddress
from campaigns.models.tracking import Click, ClickSalt, LandingPage, PromoCode, TrackedLink

__all__ = [
    "AttributionEntry",
    "AttributionRule",
    "AttributionRun",
    "Brief",
    "CalendarFeed",
    "Campaign",
    "Click",
    "ClickSalt",
    "ClosingCode",
    "Content",
    "ContentMetrics",
    "Contract",
    "ContractFile",
    "Conversion",
    "ConversionKind",
    "Cost",
    "CostKind",
    "CurrencyRate",
    "Debrief",
    "DeclineReason",
    "Deliverable",
    "DisclosureCheck",
    "Dispute",
    "DisputeEntry",
    "Draft",
    "EmvTable",
    "Evidence",
    "Expectation",
    "Form",
    "GuestLink",
    "InvitationLink",
    "LandingPage",
    "LegalIdentity",
    "Message",
    "Objective",
    "Offer",
    "Partnership",
    "Payment",
    "Postback",
    "Programme",
    "ProgrammeMember",
    "ProgrammeRound",
    "PromoCode",
    "Reason",
    "ReceivedMail",
    "Relation",
    "Remark",
    "Report",
    "ReportFile",
    "ReportSchedule",
    "ReportShare",
    "Reversal",
    "ReviewFile",
    "ScheduledInvitation",
    "Shipment",
    "ShippingAddress",
    "Signature",
    "SignatureCode",
    "Suggestion",
    "Thread",
    "TrackedLink",
    "UsageRight",
]
