"""Models of people and workspaces, one module per aggregate."""

from accounts.models.api_client import ApiClient, IdempotentAnswer
from accounts.models.creator import (
    Creator,
    CreatorClaim,
    CreatorRecord,
    CreatorTerms,
    PlatformName,
    SocialAccount,
)
from accounts.models.event import Event, Reaction
from accounts.models.job import Job, JobState
from accounts.models.mail import Mail
from accounts.models.privacy import DataCopy, Erasure, Look, Notice, RetentionRun
from accounts.models.provenance import Basis, Consent, Objection, Provenance, SourceKind
from accounts.models.usage import ApiRequest, ApiUsage
from accounts.models.user import User
from accounts.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.models.workspace import Brand, Membership, Role, Workspace, WorkspaceInvitation

__all__ = [
    "ApiClient",
    "ApiRequest",
    "ApiUsage",
    "Basis",
    "Brand",
    "Consent",
    "Creator",
    "CreatorClaim",
    "CreatorRecord",
    "CreatorTerms",
    "DataCopy",
    "Erasure",
    "Event",
    "IdempotentAnswer",
    "Job",
    "JobState",
    "Look",
    "Mail",
    "Membership",
    "Notice",
    "Objection",
    "PlatformName",
    "Provenance",
    "Reaction",
    "RetentionRun",
    "Role",
    "SocialAccount",
    "SourceKind",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Workspace",
    "WorkspaceInvitation",
]
