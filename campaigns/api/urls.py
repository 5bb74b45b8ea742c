from django.urls import path

from campaigns.api import campaigns as c
from campaigns.api import dialogue
from campaigns.api import partnerships as p
from campaigns.api import shortlists as sl

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
]
