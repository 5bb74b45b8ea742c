from django.urls import path

from campaigns.api import campaigns as c
from campaigns.api import codes as co
from campaigns.api import contracts as k
from campaigns.api import deliverables as d
from campaigns.api import dialogue, exchanged
from campaigns.api import partnerships as p
from campaigns.api import results as r
from campaigns.api import shortlists as sl
from campaigns.api import tracking as t

urlpatterns = [
    path("campaigns", c.Campaigns.as_view(), name="api_campaigns"),
    path("campaigns/<uuid:pk>", c.CampaignDetail.as_view(), name="api_campaign"),
    path("campaigns/<uuid:pk>/activate", c.CampaignActivate.as_view(), name="api_campaign_activate"),
    path("campaigns/<uuid:pk>/close", c.CampaignClose.as_view(), name="api_campaign_close"),
    path("campaigns/<uuid:pk>/cancel", c.CampaignCancel.as_view(), name="api_campaign_cancel"),
    path("briefs", c.Briefs.as_view(), name="api_briefs"),
    path("briefs/<uuid:pk>", c.BriefDetail.as_view(), name="api_brief"),
    path("shortlists", sl.Shortlists.as_view(), name="api_shortlists"),
    path("shortlists/<uuid:pk>", sl.ShortlistDetail.as_view(), name="api_shortlist"),
    path("shortlists/<uuid:pk>/add", sl.ShortlistAdd.as_view(), name="api_shortlist_add"),
    path("shortlists/<uuid:pk>/remove", sl.ShortlistRemove.as_view(), name="api_shortlist_remove"),
    path("partnerships", p.Partnerships.as_view(), name="api_partnerships"),
    path("partnerships/<uuid:pk>", p.PartnershipDetail.as_view(), name="api_partnership"),
    *p.transitions,
    *dialogue.urlpatterns,
    path("links", t.Links.as_view(), name="api_links"),
    path("links/for-all", t.LinksForAll.as_view(), name="api_links_for_all"),
    path("links/<uuid:pk>", t.LinkDetail.as_view(), name="api_link"),
    path("links/<uuid:pk>/pause", t.LinkPause.as_view(), name="api_link_pause"),
    path("links/<uuid:pk>/resume", t.LinkResume.as_view(), name="api_link_resume"),
    path("links/<uuid:pk>/clicks", t.Clicks.as_view(), name="api_link_clicks"),
    path("links/<uuid:pk>/change", t.LinkChange.as_view(), name="api_link_change"),
    path("codes", co.Codes.as_view(), name="api_codes"),
    path("codes/for-all", co.CodesForAll.as_view(), name="api_codes_for_all"),
    path("codes/<uuid:pk>", co.CodeDetail.as_view(), name="api_code"),
    path("codes/<uuid:pk>/pause", co.CodePause.as_view(), name="api_code_pause"),
    path("codes/<uuid:pk>/resume", co.CodeResume.as_view(), name="api_code_resume"),
    path("codes/<uuid:pk>/change", co.CodeChange.as_view(), name="api_code_change"),
    path("clicks", t.AllClicks.as_view(), name="api_clicks"),
    path("conversions", r.Conversions.as_view(), name="api_conversions"),
    path("conversions/<uuid:pk>", r.ConversionDetail.as_view(), name="api_conversion"),
    path("conversions/<uuid:pk>/reverse", r.ConversionReverse.as_view(), name="api_conversion_reverse"),
    path("contents", r.Contents.as_view(), name="api_contents"),
    path("contents/<uuid:pk>", r.ContentDetail.as_view(), name="api_content"),
    path("contents/<uuid:pk>/metrics", r.ContentMetricsOf.as_view(), name="api_content_metrics"),
    path("reports", r.Reports.as_view(), name="api_reports"),
    path("reports/<uuid:pk>", r.ReportDetail.as_view(), name="api_report"),
    path("contracts", k.Contracts.as_view(), name="api_contracts"),
    path("contracts/<uuid:pk>", k.ContractDetail.as_view(), name="api_contract"),
    path("contracts/<uuid:pk>/send", k.ContractSend.as_view(), name="api_contract_send"),
    path("contracts/<uuid:pk>/amend", k.ContractAmend.as_view(), name="api_contract_amend"),
    path("contracts/<uuid:pk>/terminate", k.ContractTerminate.as_view(), name="api_contract_terminate"),
    path("contracts/<uuid:pk>/void", k.ContractVoid.as_view(), name="api_contract_void"),
    path("payments", k.Payments.as_view(), name="api_payments"),
    path("payments/<uuid:pk>", k.PaymentDetail.as_view(), name="api_payment"),
    path("payments/<uuid:pk>/send", k.PaymentSend.as_view(), name="api_payment_send"),
    *d.urlpatterns,
    *exchanged.urlpatterns,
]
