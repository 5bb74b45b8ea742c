"""The matrix: one line per route, what a GET and a POST answer to each kind of reader.

Readers, in this order: anonymous, owner, viewer (guest role; over the API a key that only reads), owner of another
workspace, the creator concerned, another creator, staff. Tokens: `in` (any answer but a refusal), `sign-in`, `401`,
`403`, `404`, `-` (nobody gets in by this method).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.actors import SYSTEM, Actor, creator_actor
from accounts.mail import queue_mail
from accounts.models import ApiClient, Creator, Event, Mail, Membership, User
from accounts.services import webhooks
from accounts.services.claims import CODE_SALT, open_code_claim, open_link_claim
from accounts.services.privacy import link_of
from accounts.services.workspaces import invite_member
from campaigns.models import (
    Campaign,
    Contract,
    Deliverable,
    Dispute,
    Draft,
    Message,
    Partnership,
    Payment,
    Report,
    ReportFile,
    Shipment,
    Suggestion,
)
from campaigns.reviewfiles import keep_all
from campaigns.services import (
    answers,
    briefs,
    campaigns,
    codes,
    contract_steps,
    contracts,
    conversions,
    invitations,
    reports,
    results,
    shortlist,
    tracking,
)
from campaigns.services.checks import check_text
from campaigns.services.links import new_link
from campaigns.services.relations import create_programme
from campaigns.services.review import invite_guest
from matching.ingest import uploads
from matching.ingest.definition import parse_mapping
from matching.models import Comment, CreatorIndex, MatchResult, MatchRun, Post, SavedSearch
from matching.services import list_guests, lists, searches
from matching.services.connections import save_key
from matching.services.drafts import open_draft
from matching.services.imports import Wish, create_import
from tests.campaigns.contract_desk import BRAND_PARTY, CREATOR_PARTY
from tests.cast import Cast

OPEN = "in in in in in in in"
READ = "sign-in in in in 403 403 403"
READ_ONE = "sign-in in in 404 403 403 403"
WRITE = "sign-in in 403 in 403 403 403"
WRITE_ONE = "sign-in in 403 404 403 403 403"
PERSON = "sign-in in in in in 404 403"
OWN = "sign-in 403 403 403 in in 403"
OWN_ONE = "sign-in 403 403 403 in 404 403"
REVIEW = "sign-in in in in in in 403"
REVIEW_ONE = "sign-in in in 404 in 404 403"
API_READ = "401 in in in 403 403 403"
API_READ_ONE = "401 in in 404 403 403 403"
API_WRITE = "401 in 403 in 403 403 403"
API_WRITE_ONE = "401 in 403 404 403 403 403"
API_PERSON = "401 in in in in in 403"
API_PERSON_ONE = "401 in in in in 404 403"
API_DEAL_ONE = "401 in in 404 in 404 403"
API_ANSWER_ONE = "401 in 403 404 in 404 403"
STAFF = "sign-in 403 403 403 403 403 in"
NOBODY = "-"


@dataclass(frozen=True)
class Row:
    """args: names of `World.ids` for the address. body: what is posted."""

    get: str = NOBODY
    post: str = NOBODY
    args: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)


def _each(names: str, row: Row) -> dict[str, Row]:
    return dict.fromkeys(names.split(), row)


CAMPAIGN, PARTNERSHIP, LINK, CONTRACT = ("campaign",), ("partnership",), ("link",), ("contract",)
ROWS: dict[str, Row] = {
    **_each("health_live health_ready glossary styleguide", Row(OPEN, OPEN)),
    "set_language": Row(NOBODY, OPEN, body={"language": "fr"}),
    "health": Row("sign-in in 403 in 403 403 in"),
    "metrics": Row("404 404 404 404 404 404 404"),
    "home": Row("sign-in in in in in in in"),
    # settings
    "settings_members": Row(READ, WRITE),
    "settings_member": Row(WRITE_ONE, WRITE_ONE, ("membership",)),
    "settings_member_role": Row(post=WRITE_ONE, args=("membership",), body={"role": "guest"}),
    **_each(
        "settings_member_suspend settings_member_restore settings_member_remove settings_member_transfer",
        Row(post=WRITE_ONE, args=("membership",)),
    ),
    "settings_security": Row(WRITE, WRITE),
    **_each("settings_audit settings_audit_csv settings_register settings_register_csv", Row(WRITE)),
    "settings_retention": Row(WRITE, WRITE),
    "settings_usage": Row("sign-in in 403 in 403 403 in"),
    "settings_invitation_revoke": Row(post=WRITE_ONE, args=("member_invitation",)),
    "settings_keys": Row(WRITE, WRITE),
    "settings_key_revoke": Row(post=WRITE_ONE, args=("spare_key",)),
    "settings_workspace": Row(READ, WRITE),
    # scoring
    "settings_scoring": Row(READ, WRITE),
    "scoring_preview": Row(READ),
    "scoring_restore": Row(post=WRITE, args=("scoring",)),
    "scoring_sizes": Row(READ, WRITE),
    "scoring_fairness": Row(READ),
    "scoring_learning": Row(READ, WRITE),
    "scoring_sources": Row(READ),
    # connectors
    "settings_connectors": Row(WRITE, WRITE),
    "settings_connector_remove": Row(post=WRITE_ONE, args=("connection",)),
    "social_account_refresh": Row(post="sign-in in 403 in 403 403 403", args=("account",)),
    "creator_accounts": Row(OWN),
    "creator_account_refresh": Row(post=OWN_ONE, args=("account",)),
    "creator_disconnect": Row(post="sign-in 403 403 403 404 404 403", args=("connection",)),
    **_each("creator_connect", Row(OWN, OWN, ("platform",))),
    "creator_connected": Row(OWN, args=("platform",)),
    # developer pages
    "developer": Row(WRITE),
    "developer_key_limit": Row(post=WRITE_ONE, args=("spare_key",)),
    "developer_endpoint_new": Row(WRITE, WRITE),
    "developer_endpoint": Row(WRITE_ONE, args=("endpoint",)),
    "developer_endpoint_edit": Row(WRITE_ONE, WRITE_ONE, ("endpoint",)),
    **_each(
        "developer_endpoint_pause developer_endpoint_resume developer_endpoint_test developer_endpoint_rotate"
        " developer_endpoint_delete",
        Row(post=WRITE_ONE, args=("endpoint",)),
    ),
    "developer_delivery": Row(WRITE_ONE, args=("delivery",)),
    "developer_replay": Row(post=WRITE_ONE, args=("delivery",)),
    "settings_brands": Row(READ),
    "settings_brand_new": Row(WRITE, WRITE),
    "settings_brand_edit": Row(WRITE_ONE, WRITE_ONE, ("brand",)),
    "workspace_switch": Row(post="sign-in in in in in in in"),
    # the invitation is for one address; the first who holds a claim link uses it up
    "join_workspace": Row(OPEN, "in 403 403 403 403 403 403", ("join_token",)),
    "claim_creator": Row(OPEN, "in in 404 404 404 404 404", ("claim_token",)),
    "claim_ask": Row(OPEN, OPEN),
    "claim_mine": Row("sign-in in in in in in in"),
    # the mailed link is for one address
    "claim_code": Row(
        OPEN,
        "in 403 403 403 403 403 403",
        ("code_token",),
        {"full_name": "Max Blum", "password": "a long and odd sentence"},
    ),
    # staff of the installation
    "staff_home": Row(STAFF),
    **_each("staff_workspace_open staff_recompute", Row(post=STAFF)),
    **_each("staff_claim_confirm staff_claim_refuse", Row(post=STAFF, args=("code_claim",))),
    # creators
    **_each("creator_detail creator_panel creator_content creator_conversation avatar", Row(PERSON, args=("creator",))),
    "creator_audience": Row(PERSON, "sign-in in 403 in 403 403 403", ("creator",)),
    "creator_sheet": Row(PERSON, args=("creator",)),
    **_each("creator_compliance creator_history", Row("sign-in in in in 403 403 403", args=("creator",))),
    # notes and kept searches are not for guests
    "creator_notes": Row(WRITE, WRITE, ("creator",), {"text": "Reliable."}),
    "creator_note_remove": Row(
        post="sign-in 404 403 404 403 403 403", args=("creator",), body={"note": "01890000-0000-7000-8000-000000000000"}
    ),
    "search_list": Row(WRITE, WRITE),
    "search_open": Row(WRITE_ONE, args=("saved_search",)),
    "search_change": Row(post=WRITE_ONE, args=("saved_search",)),
    "search_stop": Row(OPEN, OPEN, ("stop_token",)),
    "discover_export": Row(READ, args=("csv",)),
    # lists: a guest of the workspace reads them
    "advice": Row(READ),
    "list_list": Row(READ, WRITE),
    "list_add": Row(WRITE, WRITE),
    **_each("list_detail list_compare", Row(READ_ONE, args=("list",))),
    "list_export": Row(READ_ONE, args=("list", "csv")),
    "list_step": Row(post=WRITE_ONE, args=("list", "list_step")),
    "list_into_campaign": Row(WRITE_ONE, "sign-in 404 403 404 403 403 403", ("list",)),
    "list_guest": Row(OPEN, OPEN, ("list_token",)),
    "post_picture": Row(PERSON, args=("post",)),
    "creator_disputes": Row(OWN, OWN),
    "creator_dispute": Row(OWN_ONE, OWN_ONE, ("dispute",)),
    "dispute_list": Row("sign-in in 403 in 403 403 in"),
    "dispute_detail": Row("sign-in in 403 404 403 403 404", "sign-in in 403 404 403 403 404", ("dispute",)),
    "discover": Row(READ),
    "match_detail": Row(READ_ONE, args=("match",)),
    "creator_profile": Row(OWN, OWN),
    "creator_privacy": Row(OWN),
    "creator_privacy_step": Row(post=OWN, args=("privacy_step",)),
    "creator_privacy_copy": Row("sign-in 403 403 403 404 404 403", args=("data_copy",)),
    "privacy_ask": Row(OPEN, OPEN),
    # whoever holds the link a person was sent is that person here; the copy is somebody else's
    "privacy_link": Row(OPEN, args=("privacy_token",)),
    "privacy_link_step": Row(post=OPEN, args=("privacy_token", "privacy_step")),
    "privacy_link_copy": Row("404 404 404 404 404 404 404", args=("privacy_token", "data_copy")),
    # imports: guests read no files of the workspace
    "import_list": Row(WRITE),
    "import_new": Row(WRITE, WRITE),
    "import_detail": Row(WRITE_ONE, args=("job",)),
    "import_rejects": Row("sign-in 404 403 404 403 403 403", args=("job",)),
    "import_original": Row(WRITE_ONE, args=("job", "place")),
    "import_mapping": Row(WRITE_ONE, WRITE_ONE, ("draft",)),
    "import_discard": Row(post=WRITE_ONE, args=("draft",)),
    **_each("import_cancel import_pause import_resume import_keep_mapping", Row(post=WRITE_ONE, args=("job",))),
    # campaigns
    "campaign_list": Row(READ),
    "campaign_new": Row(WRITE, WRITE),
    "campaign_detail": Row(READ_ONE, args=CAMPAIGN),
    "campaign_edit": Row(WRITE_ONE, WRITE_ONE, CAMPAIGN),
    **_each("campaign_activate campaign_close campaign_cancel campaign_shortlist", Row(post=WRITE_ONE, args=CAMPAIGN)),
    "campaign_brief": Row(READ_ONE, WRITE_ONE, CAMPAIGN),
    "brief_version": Row(READ_ONE, args=("campaign", "version")),
    "campaign_match": Row(READ_ONE, WRITE_ONE, CAMPAIGN),
    "campaign_judge": Row(post=WRITE_ONE, args=("campaign", "proposal")),
    "campaign_pipeline": Row(READ_ONE, args=CAMPAIGN),
    "campaign_choose": Row(READ_ONE, args=CAMPAIGN),
    "creator_compare": Row(READ),
    "campaign_pipeline_csv": Row(READ_ONE, args=CAMPAIGN),
    "shortlist_add": Row(WRITE, "sign-in 404 403 404 403 403 403", ("creator",)),
    "partnership_detail": Row(READ_ONE, args=PARTNERSHIP),
    "partnership_invite": Row(WRITE_ONE, WRITE_ONE, PARTNERSHIP),
    **_each(
        "partnership_remind partnership_extend partnership_withdraw partnership_accept partnership_counter partnership_cancel"
        " partnership_note partnership_remove partnership_contract partnership_uncontracted partnership_go_live"
        " partnership_complete",
        Row(post=WRITE_ONE, args=PARTNERSHIP),
    ),
    # contracts: not for guests; the creator reads theirs under /deals/, once it was sent
    **_each("contract_list contract_zip", Row(WRITE)),
    "contract_bulk": Row("sign-in 404 403 404 403 403 403", "sign-in 404 403 404 403 403 403"),
    "contract_detail": Row(WRITE_ONE, WRITE_ONE, CONTRACT),
    **_each("contract_pdf contract_evidence", Row(WRITE_ONE, args=CONTRACT)),
    **_each(
        "contract_send contract_remind contract_code contract_sign contract_void contract_terminate contract_amend",
        Row(post=WRITE_ONE, args=CONTRACT),
    ),
    "verify": Row(OPEN, OPEN),
    "payment_list": Row(WRITE),
    "payment_step": Row(post=WRITE_ONE, args=("payment", "payment_verb")),
    "relation_list": Row(WRITE),
    "relation_detail": Row(WRITE, WRITE, ("creator",)),
    "programme_new": Row(WRITE, WRITE),
    "programme_detail": Row(READ_ONE, args=("programme",)),
    **_each("programme_round programme_member", Row(post=WRITE_ONE, args=("programme",))),
    "partnership_debrief": Row(READ_ONE, WRITE_ONE, PARTNERSHIP),
    **_each("deal_calendar deal_payments", Row(OWN)),
    "deal_calendar_link": Row(post=OWN),
    "calendar_feed": Row("404 404 404 404 404 404 404", args=("slug",)),
    "deal_payment": Row(post=OWN_ONE, args=("signed",)),
    "deal_debrief": Row(OWN_ONE, OWN_ONE, ("signed",)),
    "invitation_payment": Row(post=OPEN, args=("signed_link",)),
    "invitation_debrief": Row(OPEN, OPEN, ("signed_link",)),
    "deal_identity": Row(OWN, OWN),
    **_each("deal_contract deal_pdf", Row(OWN_ONE, args=("signed",))),
    **_each("deal_code deal_sign deal_refuse", Row(post=OWN_ONE, args=("signed",))),
    **_each("invitation_contract invitation_pdf", Row(OPEN, args=("signed_link",))),
    # one code a minute, whoever holds the link
    "invitation_code": Row(post="in 429 429 429 429 429 429", args=("signed_link",)),
    **_each("invitation_sign invitation_refuse", Row(post=OPEN, args=("signed_link",))),
    # writing together, messages, parcels
    "brief_check": Row(post=WRITE_ONE, args=CAMPAIGN),
    "brief_compare": Row(READ_ONE, args=("campaign", "version", "version")),
    "campaign_invite": Row(WRITE_ONE, WRITE_ONE, CAMPAIGN),
    "partnership_unschedule": Row(post=WRITE_ONE, args=PARTNERSHIP),
    "partnership_suggest": Row(READ_ONE, WRITE_ONE, PARTNERSHIP),
    "partnership_suggestion": Row(post=WRITE_ONE, args=("partnership", "suggestion", "verdict")),
    "inbox_list": Row("sign-in in 403 in 403 403 403"),
    "thread": Row(WRITE_ONE, args=PARTNERSHIP),
    **_each("thread_sort partnership_message parcel_ask", Row(post=WRITE_ONE, args=PARTNERSHIP)),
    **_each("partnership_message_answer held_message", Row(post=WRITE_ONE, args=("partnership", "message"))),
    **_each("parcel_step parcel_label", Row(post=WRITE_ONE, args=("partnership", "parcel"))),
    "parcel_list": Row(READ),
    "deal_suggest": Row(OWN_ONE, OWN_ONE, PARTNERSHIP),
    "deal_suggestion": Row(post=OWN_ONE, args=("partnership", "offered", "verdict")),
    "deal_message": Row(post=OWN_ONE, args=PARTNERSHIP),
    "deal_message_answer": Row(post=OWN_ONE, args=("partnership", "asked")),
    "deal_parcel_address": Row(OWN_ONE, OWN_ONE, ("partnership", "parcel")),
    "deal_parcel_received": Row(post=OWN_ONE, args=("partnership", "parcel")),
    "invitation_suggest": Row(OPEN, OPEN, LINK),
    "invitation_suggestion": Row(post=OPEN, args=("link", "offered", "verdict")),
    "invitation_message": Row(post=OPEN, args=LINK),
    "invitation_message_answer": Row(post=OPEN, args=("link", "asked")),
    "invitation_parcel_address": Row(OPEN, OPEN, ("link", "parcel")),
    "invitation_parcel_received": Row(post=OPEN, args=("link", "parcel")),
    "mail_inbound": Row(NOBODY, "404 404 404 404 404 404 404"),
    # links, codes, conversions, results, reports
    **_each("campaign_links campaign_links_csv campaign_codes_csv campaign_results", Row(READ_ONE, args=CAMPAIGN)),
    **_each(
        "campaign_link_new campaign_code_new campaign_codes_import campaign_cost_new campaign_content_new campaign_metrics_import"
        " report_freeze report_schedule",
        Row(post=WRITE_ONE, args=CAMPAIGN),
    ),
    "link_detail": Row("sign-in in in 404 in 404 403", "sign-in in 403 404 403 403 403", ("tracked_link",)),
    "link_qr": Row("sign-in in in 404 in 404 403", args=("tracked_link", "svg")),
    **_each("link_pause link_resume", Row(post=WRITE_ONE, args=("tracked_link",))),
    "code_uses_csv": Row("sign-in in in 404 in 404 403", args=("promo_code",)),
    "code_change": Row(READ_ONE, WRITE_ONE, ("promo_code",)),
    **_each("code_pause code_resume", Row(post=WRITE_ONE, args=("promo_code",))),
    "landing_list": Row(READ, WRITE),
    "landing_page": Row("404 404 404 404 404 404 404", args=("slug",)),
    **_each("conversion_list conversions_csv", Row(WRITE)),
    "conversions_import": Row(post=WRITE),
    "emv_settings": Row(READ, "sign-in in 403 in 403 403 403"),
    "attribution_settings": Row(WRITE, WRITE),
    "conversion_detail": Row(WRITE_ONE, WRITE_ONE, ("conversion",)),
    "postback": Row(post="403 403 403 403 403 403 403", args=("conversion",)),
    "content_detail": Row(READ_ONE, WRITE_ONE, ("content",)),
    "metrics_proof": Row("sign-in 404 404 404 403 403 403", args=("content",)),
    "report_detail": Row(READ_ONE, WRITE_ONE, ("report",)),
    "report_file": Row(READ_ONE, args=("report", "pdf")),
    "report_unschedule": Row(post=WRITE_ONE, args=("schedule",)),
    "share_revoke": Row(post=WRITE_ONE, args=("share",)),
    "shared_report": Row(OPEN, OPEN, ("share_token",)),
    "shared_file": Row(OPEN, args=("share_token", "pdf")),
    "analytics": Row(READ),
    "deal_list": Row(OWN),
    "deal_detail": Row(OWN_ONE, args=PARTNERSHIP),
    **_each("deal_accept deal_decline deal_counter deal_cancel", Row(OWN_ONE, OWN_ONE, PARTNERSHIP)),
    # pieces: review, files, guests, the calendar and the board
    "review_list": Row(REVIEW),
    "calendar": Row(REVIEW),
    "deliverable_detail": Row(REVIEW_ONE, args=("deliverable",)),
    "deliverable_step": Row(post=WRITE_ONE, args=("deliverable", "step")),
    "deliverable_file": Row(REVIEW_ONE, args=("file",)),
    "deal_work": Row(OWN_ONE, args=("partnership", "deliverable")),
    "deal_work_step": Row(post=OWN_ONE, args=("partnership", "deliverable", "creator_step")),
    "deal_work_file": Row(OWN_ONE, args=("partnership", "file")),
    "invitation_work": Row(OPEN, args=("link", "deliverable")),
    "invitation_work_step": Row(post=OPEN, args=("link", "deliverable", "creator_step")),
    "invitation_work_file": Row(OPEN, args=("link", "file")),
    "guest_review": Row(OPEN, OPEN, ("guest_link",)),
    "guest_file": Row(OPEN, args=("guest_link", "file")),
    "disclosure_board": Row(READ),
    "disclosure_csv": Row(READ),
    # the creator's page without an account: who holds the link is in, whoever they are signed in as
    "invitation": Row(OPEN, args=LINK),
    "invitation_seen": Row(post=OPEN, args=LINK),
    **_each(
        "invitation_accept invitation_decline invitation_counter invitation_cancel invitation_stop",
        Row(OPEN, OPEN, LINK),
    ),
    "invitation_claim": Row(post=OPEN, args=LINK),
    # demo mailbox
    "mailbox": Row("sign-in in in in in in in"),
    **_each("mailbox_message mailbox_sheet", Row("sign-in in in 404 404 404 404", args=("mail",))),
    # API
    "api_me": Row(API_READ),
    "api_brands": Row(API_READ, API_WRITE),
    "api_brand": Row(API_READ_ONE, args=("brand",)),
    "api_jobs": Row(API_READ),
    "api_job": Row(API_READ_ONE, args=("job",)),
    "api_job_cancel": Row(post=API_WRITE_ONE, args=("job",)),
    "api_events": Row(API_PERSON),
    "api_event": Row(API_DEAL_ONE, args=("event",)),
    "api_webhook_endpoints": Row(API_READ, API_WRITE),
    "api_webhook_endpoint": Row(API_READ_ONE, args=("endpoint",)),
    **_each(
        "api_webhook_pause api_webhook_resume api_webhook_rotate api_webhook_test",
        Row(post=API_WRITE_ONE, args=("endpoint",)),
    ),
    "api_webhook_deliveries": Row(API_READ),
    "api_webhook_delivery": Row(API_READ_ONE, args=("delivery",)),
    "api_webhook_replay": Row(post=API_WRITE_ONE, args=("delivery",)),
    **_each("api_creators api_accounts api_posts api_comments api_metrics api_follower_counts", Row(API_PERSON)),
    "api_scores": Row(API_PERSON),
    "api_searches": Row(API_READ),
    "api_score": Row("401 in in in in 404 403", args=("scored",)),
    "api_comment": Row(API_PERSON_ONE, args=("comment",)),
    "api_lists": Row(API_READ, API_WRITE),
    **_each("api_list api_list_sums", Row(API_READ_ONE, args=("list",))),
    "api_list_entries": Row(API_READ_ONE, API_WRITE_ONE, ("list",)),
    "api_list_triage": Row(post=API_WRITE_ONE, args=("list", "list_entry"), body={"state": "shortlisted"}),
    "api_saved_searches": Row(API_READ, API_WRITE),
    **_each("api_saved_search api_saved_search_news", Row(API_READ_ONE, args=("saved_search",))),
    "api_account_audience": Row(API_PERSON_ONE, args=("account",)),
    **_each(
        "api_account_audience_shares api_account_audience_samples",
        Row(post="401 in 403 in 403 403 403", args=("account",)),
    ),
    "api_shortlists": Row(API_READ),
    "api_shortlist": Row(API_READ_ONE, args=CAMPAIGN),
    **_each("api_shortlist_add api_shortlist_remove", Row(post=API_WRITE_ONE, args=CAMPAIGN)),
    "api_creator": Row(API_PERSON_ONE, args=("creator",)),
    "api_account": Row(API_PERSON_ONE, args=("account",)),
    "api_post": Row(API_PERSON_ONE, args=("post",)),
    **_each(
        "api_creators_bulk api_posts_bulk api_comments_bulk api_follower_counts_bulk api_imports", Row(post=API_WRITE)
    ),
    "api_import_rejects": Row("401 in in 404 403 403 403", args=("job",)),
    "api_matches": Row(API_READ, API_WRITE),
    "api_match": Row(API_READ_ONE, args=("match",)),
    "api_campaigns": Row(API_READ, API_WRITE),
    "api_campaign": Row(API_READ_ONE, args=CAMPAIGN),
    **_each("api_campaign_activate api_campaign_close api_campaign_cancel", Row(post=API_WRITE_ONE, args=CAMPAIGN)),
    "api_briefs": Row(API_READ, API_WRITE),
    "api_brief": Row(API_READ_ONE, args=("brief",)),
    "api_partnerships": Row(API_PERSON, API_WRITE),
    "api_partnership": Row(API_DEAL_ONE, args=PARTNERSHIP),
    **_each(
        "api_partnership_invite api_partnership_remind api_partnership_extend api_partnership_withdraw api_partnership_contract"
        " api_partnership_go_live api_partnership_complete",
        Row(post=API_WRITE_ONE, args=PARTNERSHIP),
    ),
    **_each(
        "api_partnership_accept api_partnership_decline api_partnership_counter api_partnership_cancel",
        Row(post=API_ANSWER_ONE, args=PARTNERSHIP),
    ),
    "api_suggestions": Row(API_PERSON, "401 in 403 in in in 403"),
    "api_messages": Row("401 in in in in in 403", "401 in 403 in in in 403"),
    "api_shipments": Row(API_PERSON, API_WRITE),
    "api_suggestion": Row(API_DEAL_ONE, args=("suggestion",)),
    "api_message": Row(API_DEAL_ONE, args=("message",)),
    "api_shipment": Row(API_DEAL_ONE, args=("parcel",)),
    # each side answers what the other proposed, and takes back its own
    **_each(
        "api_suggestion_accept api_suggestion_reject",
        Row(post="401 in 403 404 403 404 403", args=("suggestion",)),
    ),
    "api_suggestion_withdraw": Row(post="401 in 403 404 403 404 403", args=("offered",)),
    **_each(
        "api_shipment_ship api_shipment_receive api_shipment_cancel api_shipment_address",
        Row(post=API_WRITE_ONE, args=("parcel",)),
    ),
    **_each("api_links api_codes", Row(API_PERSON, API_WRITE)),
    "api_links_for_all": Row(post=API_WRITE),
    **_each("api_link api_link_clicks", Row("401 in in 404 in 404 403", args=("tracked_link",))),
    **_each("api_link_pause api_link_resume api_link_change", Row(post=API_WRITE_ONE, args=("tracked_link",))),
    "api_codes_for_all": Row(post=API_WRITE),
    **_each("api_code_pause api_code_resume api_code_change", Row(post=API_WRITE_ONE, args=("promo_code",))),
    "api_code": Row("401 in in 404 in 404 403", args=("promo_code",)),
    **_each("api_clicks api_offers api_drafts", Row(API_PERSON)),
    "api_offer": Row(API_DEAL_ONE, args=("offer",)),
    "api_draft": Row(API_DEAL_ONE, args=("draft_version",)),
    "api_contract_file": Row(API_DEAL_ONE, args=CONTRACT),
    "api_report_file": Row(API_READ_ONE, args=("report", "pdf")),
    "api_disclosure_check": Row(API_READ_ONE, args=("check",)),
    "api_content": Row(API_READ_ONE, args=("content",)),
    **_each("api_conversions api_contents api_reports", Row(API_READ, API_WRITE)),
    "api_conversion": Row(API_READ_ONE, args=("conversion",)),
    "api_conversion_reverse": Row(post=API_WRITE_ONE, args=("conversion",)),
    "api_content_metrics": Row(API_READ_ONE, API_WRITE_ONE, ("content",)),
    "api_report": Row(API_READ_ONE, args=("report",)),
    # a creator may read what is theirs; a guest's key reads nothing but what its scopes say
    "api_contracts": Row(API_PERSON, API_WRITE),
    "api_contract": Row(API_DEAL_ONE, args=CONTRACT),
    **_each(
        "api_contract_send api_contract_void api_contract_amend api_contract_terminate",
        Row(post=API_WRITE_ONE, args=CONTRACT),
    ),
    "api_payments": Row(API_PERSON),
    "api_payment": Row(API_DEAL_ONE, args=("payment",)),
    "api_payment_send": Row(post=API_WRITE_ONE, args=("payment",)),
    "api_deliverables": Row(API_PERSON),
    "api_deliverable": Row(API_DEAL_ONE, args=("deliverable",)),
    **_each(
        "api_deliverable_approve api_deliverable_request_changes api_deliverable_reject api_deliverable_recheck"
        " api_deliverable_verify api_deliverable_waive api_deliverable_reopen api_deliverable_cancel",
        Row(post=API_WRITE_ONE, args=("deliverable",)),
    ),
    **_each("api_deliverable_publish api_deliverable_correct", Row(post=API_ANSWER_ONE, args=("deliverable",))),
    "api_deliverable_submit_draft": Row(post="401 403 403 403 in 404 403", args=("deliverable",)),
    "api_disclosure_checks": Row(API_READ, API_WRITE),
    "api_missing": Row("404 404 404 404 404 404 404", "404 404 404 404 404 404 404"),
}


@dataclass
class World:
    """The cast with one thing of every kind, belonging to the first workspace."""

    pages: dict[str, Client]
    api: dict[str, Client]
    ids: dict[str, Any]

    @classmethod
    def of(cls, cast: Cast) -> World:
        people = {
            "anonymous": None, "owner": cast.owner, "viewer": cast.viewer, "other": cast.other_owner,
            "creator": cast.lea_user, "other_creator": cast.tom_user, "staff": cast.staff,
        }  # fmt: skip
        pages = {name: cast.browser(user) for name, user in people.items()}
        keys = {"owner": cast.key, "viewer": cast.read_key, "other": cast.other_key}
        api = pages | {name: cast.api(key) for name, key in keys.items()}
        return cls(pages, api, _things(cast))

    def ask(self, reader: str, method: str, name: str, row: Row) -> HttpResponse:
        client = (self.api if name.startswith("api_") else self.pages)[reader]
        address = (
            "/api/v1/nothing" if name == "api_missing" else reverse(name, args=[self.ids[key] for key in row.args])
        )
        if method == "post" and name.startswith("api_") and name != "api_imports":
            return client.post(address, row.body, content_type="application/json")
        return getattr(client, method)(address, row.body if method == "post" else None)


def _contract(cast: Cast, actor: Any) -> Contract:
    """A contract sent to the creator of the cast, in a campaign of its own."""
    campaign = campaigns.create_campaign(actor=actor, brand=cast.brand, name="Signed", countries=["FR"])
    deliverable = {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": "2027-03-01"}
    briefs.save_brief(
        actor=actor, campaign=campaign, language="fr", product="Crème", message="Une crème simple et douce",
        deliverables=[deliverable], fee="300", disclosure={"FR": "Collaboration commerciale"},
    )  # fmt: skip
    campaigns.activate_campaign(actor=actor, campaign=campaign)
    [row] = shortlist.shortlist_creators(actor=actor, campaign=campaign, creators=[cast.lea])
    sentence = "Votre lettre sur les crèmes sans parfum nous a tous fait réfléchir."
    invitations.invite(
        actor=actor, partnership=row, personal_sentence=sentence, recent_contact_reason="Une autre campagne."
    )
    answers.accept(actor=creator_actor(cast.lea, cast.lea_user), partnership=row)
    draft = contracts.draft_contract(actor=actor, partnership=row)
    contracts.save_contract(actor=actor, contract=draft, brand_party=BRAND_PARTY, creator_party=CREATOR_PARTY)
    return contract_steps.send_contract(actor=actor, contract=draft)


# What the engine keeps of a proposal, with nothing to say.
FIT: dict[str, Any] = {
    **dict.fromkeys(("score", "low", "high", "p_top10", "category_fit", "within_category_fit"), 0.5),
    **{name: [] for name in ("families", "reasons_for", "reasons_against", "would_change", "unknown")},
    "fresh_at": None,
    "engine_version": "t",
}


def _things(cast: Cast) -> dict[str, Any]:
    actor = cast.actor(cast.owner)
    campaign = campaigns.create_campaign(actor=actor, brand=cast.brand, name="Spring", countries=["FR"])
    deliverable = {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": "2027-03-01"}
    brief = briefs.save_brief(
        actor=actor, campaign=campaign, language="fr", product="Savon", message="Un savon simple et doux",
        deliverables=[deliverable], fee="300", disclosure={"FR": "Collaboration commerciale"},
    )  # fmt: skip
    campaigns.activate_campaign(actor=actor, campaign=campaign)
    [partnership] = shortlist.shortlist_creators(actor=actor, campaign=campaign, creators=[cast.lea])
    sentence = "Votre essai de trois savons sur un mois est exactement ce que nous cherchons."
    invitations.invite(actor=actor, partnership=partnership, personal_sentence=sentence)
    contract = _contract(cast, actor)
    payment = Payment.objects.create(partnership=contract.partnership, amount=300)
    programme = create_programme(actor=actor, brand=cast.brand, name="Circle")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    piece = Deliverable.objects.create(
        partnership=partnership, number=1, form="test", format="post", platform="instagram", state="draft_submitted",
        state_changed_at=now,
    )  # fmt: skip
    draft = Draft.objects.create(deliverable=piece, number=1, text="Publicité – Alma")
    [picture] = keep_all(
        [SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n")], deliverable=piece, draft=draft, kind="draft", field="files"
    )
    check = check_text(actor=actor, brand=cast.brand, text="Publicité – Alma", countries=["FR"])
    _guest, guest_token = invite_guest(actor=actor, deliverable=piece, name="Counsel")
    account = cast.lea.accounts.get()
    post = Post.objects.create(
        account=account, platform="instagram", external_id="p1", posted_at=now, source=cast.source, observed_at=now
    )
    comment = Comment.objects.create(
        post=post, external_id="c1", author_hash="0" * 24, source=cast.source, observed_at=now
    )
    invited, join_token = invite_member(actor=actor, workspace=cast.alma, email="new@example.org", role="guest")
    Mail.objects.all().delete()
    queue_mail(dedupe_key="m", kind="test", to="x@example.org", subject="S", text="T", workspace_id=cast.alma.pk)
    run = MatchRun.objects.create(
        workspace=cast.alma,
        brief={"text": "x"},
        brief_hash="0",
        weights={},
        engine_version="1",
        index_size=1,
        eligible=1,
        considered=1,
    )
    dispute = Dispute.objects.create(
        creator=cast.lea, workspace=cast.alma, subject="other", opened_at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    proposal = MatchResult.objects.create(run=run, rank=1, creator=cast.lea, score=50.0, fit=FIT)
    file = uploads.keep("a.csv", [b"handle\nlea\n"])
    reading = {"files": [{"match": "*.csv", "accounts": {"handle": "handle", "platform": {"const": "instagram"}}}]}
    wish = Wish(files=[file], mapping=parse_mapping(reading))
    endpoint, _secret = webhooks.create_endpoint(actor=actor, changes={"url": "https://example.org/hook"})
    delivery = webhooks.send_test(actor=actor, endpoint=endpoint)
    event = Event.objects.filter(kind="partnership.invited", object_id=str(partnership.pk)).get()
    connection = save_key(actor=actor, platform="youtube", token="key")
    measured = _measured(actor, campaign, partnership)
    suggestion = Suggestion.objects.create(
        partnership=partnership, brief=brief, side="creator", changes={"product": {"from": "Savon", "to": "Savon doux"}}
    )
    offered = Suggestion.objects.create(
        partnership=partnership, brief=brief, side="brand", changes={"product": {"from": "Savon", "to": "Savon dur"}}
    )
    message = Message.objects.create(
        partnership=partnership, side="creator", text="Which one?", asks="choice", options=["a", "b"]
    )
    asked = Message.objects.create(
        partnership=partnership, side="brand", text="Which one?", asks="choice", options=["a", "b"]
    )
    parcel = Shipment.objects.create(partnership=partnership, product="Savon")
    chosen = lists.create_list(actor=actor, name="Voices")
    [entry] = lists.add_creators(actor=actor, shortlist=chosen, creators=[cast.lea])
    _link, list_token = list_guests.share_list(actor=actor, shortlist=chosen, name="Client")
    kept = SavedSearch.objects.create(workspace=cast.alma, user=cast.owner, name="Near", query=[["country", "FR"]])
    return measured | {
        "list": chosen.pk, "list_entry": entry.pk, "list_token": list_token, "list_step": "edit", "saved_search": kept.pk, "csv": "csv",
        "stop_token": signing.dumps(str(kept.pk), salt=searches.SALT),
        "suggestion": suggestion.pk, "offered": offered.pk, "verdict": "accept", "message": message.pk, "asked": asked.pk, "parcel": parcel.pk,
        "connection": connection.pk, "platform": "youtube", "endpoint": endpoint.pk, "delivery": delivery.pk, "event": event.pk, "comment": comment.pk,
        "campaign": campaign.pk, "brief": brief.pk, "version": 1, "place": 0, "partnership": partnership.pk,
        "payment": payment.pk, "payment_verb": "send", "programme": programme.pk,
        "contract": contract.pk, "signed": contract.partnership_id, "signed_link": new_link(contract.partnership),
        "link": new_link(Partnership.objects.get(pk=partnership.pk)), "brand": cast.brand.pk, "creator": cast.lea.pk,
        "account": account.pk, "post": post.pk, "match": run.pk, "proposal": proposal.pk, "dispute": dispute.pk, "scoring": 0, "mail": Mail.objects.get().pk,
        "membership": Membership.objects.get(user=cast.manager).pk, "member_invitation": invited.pk, "join_token": join_token,
        "code_token": signing.dumps({"account": cast.max.accounts.get().pk, "email": "max@example.org"}, salt=CODE_SALT),
        "code_claim": open_code_claim(
            user=User.objects.create_user("waiting@example.org"), account=cast.max.accounts.get()
        ).pk,
        "privacy_token": link_of(cast.max).rstrip("/").rpartition("/")[2],
        "privacy_step": "contact",
        "data_copy": uuid.uuid4(),
        "claim_token": open_link_claim(actor=SYSTEM, creator=cast.max),
        "spare_key": ApiClient.objects.get(name="read_key").pk,
        "offer": partnership.offers.get().pk, "draft_version": draft.pk, "check": check.pk, "scored": _indexed(cast.lea),
        "deliverable": piece.pk, "step": "recheck", "creator_step": "remark", "file": picture.pk, "guest_link": guest_token,
        "job": create_import(actor=actor, wish=wish).pk,
        "draft": open_draft(actor=actor, files=[("b.csv", [b"handle\nlea\n"])], platform="instagram", basis="consent").pk,
    }  # fmt: skip


def _indexed(creator: Creator) -> int:
    CreatorIndex.objects.update_or_create(
        creator=creator, defaults={"display_name": creator.display_name, "indexed_at": datetime(2026, 6, 1, tzinfo=UTC)}
    )
    return creator.pk


def _measured(actor: Actor, campaign: Campaign, partnership: Partnership) -> dict[str, Any]:
    """A link, a code, an order, a content, a frozen report with its share, and a schedule."""
    link = tracking.create_link(
        actor=actor,
        campaign=campaign,
        partnership=partnership,
        destination="https://shop.example.com/",
        slug="spring-lea",
        resolve=False,
    )
    code = codes.create_code(actor=actor, campaign=campaign, partnership=partnership, code="LEA10", value=Decimal(10))
    order, _created = conversions.record_conversion(
        actor=actor, workspace=campaign.workspace, source="api", order_id="o-1", amount="20.00", code="lea10"
    )
    content = results.add_content(
        actor=actor, campaign=campaign, partnership=partnership, platform="instagram",
        published_at=datetime(2026, 6, 1, tzinfo=UTC), url="https://www.instagram.com/p/a",
    )  # fmt: skip
    report = _frozen(actor, campaign)
    share, token = reports.share(actor=actor, report=report)
    schedule = reports.schedule(actor=actor, campaign=campaign, every="week", recipients=["boss@example.org"])
    return {
        "tracked_link": link.pk, "promo_code": code.pk, "conversion": order.pk, "content": content.pk, "report": report.pk,
        "share": share.pk, "share_token": token, "schedule": schedule.pk, "svg": "svg", "pdf": "pdf", "slug": link.slug,
    }  # fmt: skip


def _frozen(actor: Actor, campaign: Campaign) -> Report:
    """As `freeze` keeps it, without drawing its files: this is built for every line of the matrix."""
    live = reports.live(actor=actor, campaign=campaign)
    body = reports.canonical({"number": 1, "frozen_at": "2026-06-01T00:00:00+00:00", "note": "", **live})
    report = Report.objects.create(
        workspace_id=campaign.workspace_id, campaign=campaign, number=1, formula=live["formula"], input_hash=live["input_hash"],
        body=body, body_sha256=sha256(body).hexdigest(), frozen_at=datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip
    for language in ("fr", "en"):
        ReportFile.objects.create(report=report, kind="pdf", language=language, body=b"%PDF-1.7", sha256="")
    return report
