"""Addresses of this app's pages."""

from django.urls import URLPattern, path, re_path, register_converter

from campaigns.views import (
    analytics,
    briefs,
    bulk,
    campaigns,
    choosing,
    composer,
    contracts,
    conversions,
    deals,
    home,
    inbound,
    inbox,
    invitation,
    match,
    partnerships,
    pipeline,
    reports,
    results,
    shipping,
    signing,
    staff,
    tracking,
    verification,
)


class Answer:
    """What may be answered to a suggestion; anything else is no address at all."""

    regex = "accept|reject|withdraw"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


_PARCEL = "parcels/<uuid:shipment>/"
_ANSWER = "messages/<uuid:message>/answer/"
register_converter(Answer, "answer")
_CAMPAIGN = "campaigns/<uuid:pk>/"
_PARTNERSHIP = "partnerships/<uuid:pk>/"
_LINK = "i/<str:token>/"
_SUGGESTION = "suggestions/<uuid:suggestion>/<answer:verb>/"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("staff/", staff.staff_home, name="staff_home"),
    path("staff/workspaces/", staff.staff_workspace_open, name="staff_workspace_open"),
    path("staff/claims/<uuid:pk>/confirm/", staff.staff_claim_confirm, name="staff_claim_confirm"),
    path("staff/claims/<uuid:pk>/refuse/", staff.staff_claim_refuse, name="staff_claim_refuse"),
    path("staff/recompute/", staff.staff_recompute, name="staff_recompute"),
    path("campaigns/", campaigns.campaign_list, name="campaign_list"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path(_CAMPAIGN, campaigns.campaign_detail, name="campaign_detail"),
    path(f"{_CAMPAIGN}edit/", campaigns.campaign_edit, name="campaign_edit"),
    path(f"{_CAMPAIGN}activate/", campaigns.campaign_activate, name="campaign_activate"),
    path(f"{_CAMPAIGN}close/", campaigns.campaign_close, name="campaign_close"),
    path(f"{_CAMPAIGN}cancel/", campaigns.campaign_cancel, name="campaign_cancel"),
    path(f"{_CAMPAIGN}brief/", briefs.campaign_brief, name="campaign_brief"),
    path(f"{_CAMPAIGN}brief/check/", briefs.brief_check, name="brief_check"),
    path(f"{_CAMPAIGN}brief/<int:version>/", briefs.brief_version, name="brief_version"),
    path(f"{_CAMPAIGN}brief/<int:version>/since/<int:other>/", briefs.brief_compare, name="brief_compare"),
    path(f"{_CAMPAIGN}invite/", bulk.campaign_invite, name="campaign_invite"),
    path(f"{_CAMPAIGN}match/", match.campaign_match, name="campaign_match"),
    path(f"{_CAMPAIGN}shortlist/", match.campaign_shortlist, name="campaign_shortlist"),
    path(f"{_CAMPAIGN}choose/", choosing.campaign_choose, name="campaign_choose"),
    path(f"{_CAMPAIGN}pipeline/", pipeline.campaign_pipeline, name="campaign_pipeline"),
    path(f"{_CAMPAIGN}pipeline.csv", pipeline.campaign_pipeline_csv, name="campaign_pipeline_csv"),
    path("creators/<int:creator_id>/shortlist/", match.shortlist_add, name="shortlist_add"),
    path(_PARTNERSHIP, partnerships.partnership_detail, name="partnership_detail"),
    path(f"{_PARTNERSHIP}invite/", composer.partnership_invite, name="partnership_invite"),
    path(f"{_PARTNERSHIP}unschedule/", composer.partnership_unschedule, name="partnership_unschedule"),
    path(f"{_PARTNERSHIP}remind/", partnerships.partnership_remind, name="partnership_remind"),
    path(f"{_PARTNERSHIP}extend/", partnerships.partnership_extend, name="partnership_extend"),
    path(f"{_PARTNERSHIP}withdraw/", partnerships.partnership_withdraw, name="partnership_withdraw"),
    path(f"{_PARTNERSHIP}accept/", partnerships.partnership_accept, name="partnership_accept"),
    path(f"{_PARTNERSHIP}counter/", partnerships.partnership_counter, name="partnership_counter"),
    path(f"{_PARTNERSHIP}cancel/", partnerships.partnership_cancel, name="partnership_cancel"),
    path(f"{_PARTNERSHIP}note/", partnerships.partnership_note, name="partnership_note"),
    path(f"{_PARTNERSHIP}remove/", partnerships.partnership_remove, name="partnership_remove"),
    *(
        path(f"{_PARTNERSHIP}{verb}/", partnerships.partnership_step, {"verb": verb}, name=f"partnership_{verb}")
        for verb in ("go_live", "complete")
    ),
    path(f"{_PARTNERSHIP}contract/", contracts.partnership_contract, name="partnership_contract"),
    path(f"{_PARTNERSHIP}no-contract/", contracts.partnership_uncontracted, name="partnership_uncontracted"),
    path("contracts/", contracts.contract_list, name="contract_list"),
    path("contracts/<uuid:pk>/", contracts.contract_detail, name="contract_detail"),
    path("contracts/<uuid:pk>/contract.pdf", contracts.contract_pdf, name="contract_pdf"),
    path("contracts/<uuid:pk>/evidence.json", contracts.contract_evidence, name="contract_evidence"),
    *(
        path(f"contracts/<uuid:pk>/{step}/", getattr(contracts, f"contract_{step}"), name=f"contract_{step}")
        for step in ("send", "remind", "code", "sign", "void", "terminate", "amend")
    ),
    path("verify/", verification.verify, name="verify"),
    path(f"{_PARTNERSHIP}suggest/", partnerships.partnership_suggest, name="partnership_suggest"),
    path(f"{_PARTNERSHIP}{_SUGGESTION}", partnerships.partnership_suggestion, name="partnership_suggestion"),
    path("deals/<uuid:pk>/suggest/", deals.deal_suggest, name="deal_suggest"),
    path(f"deals/<uuid:pk>/{_SUGGESTION}", deals.deal_suggestion, name="deal_suggestion"),
    path(f"{_LINK}suggest/", invitation.invitation_suggest, name="invitation_suggest"),
    path(f"{_LINK}{_SUGGESTION}", invitation.invitation_suggestion, name="invitation_suggestion"),
    path("inbox/", inbox.inbox_list, name="inbox_list"),
    path("inbox/<uuid:pk>/", inbox.thread, name="thread"),
    path("inbox/<uuid:pk>/sort/", inbox.thread_sort, name="thread_sort"),
    path("inbox/<uuid:pk>/held/<uuid:message>/", inbox.held_message, name="held_message"),
    path(f"{_PARTNERSHIP}messages/", inbox.partnership_message, name="partnership_message"),
    path(f"{_PARTNERSHIP}{_ANSWER}", inbox.partnership_message_answer, name="partnership_message_answer"),
    path("deals/<uuid:pk>/messages/", deals.deal_message, name="deal_message"),
    path(f"deals/<uuid:pk>/{_ANSWER}", deals.deal_message_answer, name="deal_message_answer"),
    path(f"{_LINK}messages/", invitation.invitation_message, name="invitation_message"),
    path(f"{_LINK}{_ANSWER}", invitation.invitation_message_answer, name="invitation_message_answer"),
    path("parcels/", shipping.parcel_list, name="parcel_list"),
    path(f"{_PARTNERSHIP}parcels/", shipping.parcel_ask, name="parcel_ask"),
    path(f"{_PARTNERSHIP}{_PARCEL}", shipping.parcel_step, name="parcel_step"),
    path(f"{_PARTNERSHIP}{_PARCEL}label/", shipping.parcel_label, name="parcel_label"),
    path(f"deals/<uuid:pk>/{_PARCEL}address/", deals.deal_parcel_address, name="deal_parcel_address"),
    path(f"deals/<uuid:pk>/{_PARCEL}received/", deals.deal_parcel_received, name="deal_parcel_received"),
    path(f"{_LINK}{_PARCEL}address/", invitation.invitation_parcel_address, name="invitation_parcel_address"),
    path(f"{_LINK}{_PARCEL}received/", invitation.invitation_parcel_received, name="invitation_parcel_received"),
    path("mail/inbound/", inbound.mail_inbound, name="mail_inbound"),
    path(f"{_CAMPAIGN}links/", tracking.campaign_links, name="campaign_links"),
    path(f"{_CAMPAIGN}links/new/", tracking.campaign_link_new, name="campaign_link_new"),
    path(f"{_CAMPAIGN}links.csv", tracking.campaign_links_csv, name="campaign_links_csv"),
    path(f"{_CAMPAIGN}codes/new/", tracking.campaign_code_new, name="campaign_code_new"),
    path(f"{_CAMPAIGN}codes/import/", tracking.campaign_codes_import, name="campaign_codes_import"),
    path(f"{_CAMPAIGN}codes.csv", tracking.campaign_codes_csv, name="campaign_codes_csv"),
    path("links/<uuid:pk>/", tracking.link_detail, name="link_detail"),
    *(path(f"links/<uuid:pk>/{v}/", tracking.link_step, {"verb": v}, name=f"link_{v}") for v in ("pause", "resume")),
    re_path(r"^links/(?P<pk>[0-9a-f-]{36})/qr\.(?P<kind>svg|png)$", tracking.link_qr, name="link_qr"),
    path("codes/<uuid:pk>/uses.csv", tracking.code_uses_csv, name="code_uses_csv"),
    *(path(f"codes/<uuid:pk>/{v}/", tracking.code_step, {"verb": v}, name=f"code_{v}") for v in ("pause", "resume")),
    path("landing/", tracking.landing_list, name="landing_list"),
    path("l/<slug:slug>/", tracking.landing_page, name="landing_page"),
    path("conversions/", conversions.conversion_list, name="conversion_list"),
    path("conversions.csv", conversions.conversions_csv, name="conversions_csv"),
    path("conversions/import/", conversions.conversions_import, name="conversions_import"),
    path("conversions/settings/", conversions.attribution_settings, name="attribution_settings"),
    path("conversions/<uuid:pk>/", conversions.conversion_detail, name="conversion_detail"),
    path(f"{_CAMPAIGN}results/", results.campaign_results, name="campaign_results"),
    path(f"{_CAMPAIGN}costs/new/", results.campaign_cost_new, name="campaign_cost_new"),
    path(f"{_CAMPAIGN}contents/new/", results.campaign_content_new, name="campaign_content_new"),
    path(f"{_CAMPAIGN}metrics/import/", results.campaign_metrics_import, name="campaign_metrics_import"),
    path("contents/<uuid:pk>/", results.content_detail, name="content_detail"),
    path("metrics/<uuid:pk>/proof", results.metrics_proof, name="metrics_proof"),
    path(f"{_CAMPAIGN}freeze/", reports.report_freeze, name="report_freeze"),
    path(f"{_CAMPAIGN}schedule/", reports.report_schedule, name="report_schedule"),
    path("reports/schedules/<uuid:pk>/stop/", reports.report_unschedule, name="report_unschedule"),
    path("reports/<uuid:pk>/", reports.report_detail, name="report_detail"),
    re_path(
        r"^reports/(?P<pk>[0-9a-f-]{36})/report\.(?P<kind>pdf|xlsx|csv|json)$", reports.report_file, name="report_file"
    ),
    path("reports/shares/<uuid:pk>/revoke/", reports.share_revoke, name="share_revoke"),
    path("shared/<str:token>/", reports.shared_report, name="shared_report"),
    re_path(
        r"^shared/(?P<token>[\w-]{20,60})/report\.(?P<kind>pdf|xlsx|csv)$", reports.shared_file, name="shared_file"
    ),
    path("analytics/", analytics.analytics, name="analytics"),
    path("postbacks/<uuid:pk>", conversions.postback, name="postback"),
    path("deals/", deals.deal_list, name="deal_list"),
    path("deals/identity/", deals.deal_identity, name="deal_identity"),
    path("deals/<uuid:pk>/", deals.deal_detail, name="deal_detail"),
    path("deals/<uuid:pk>/accept/", deals.deal_accept, name="deal_accept"),
    path("deals/<uuid:pk>/decline/", deals.deal_decline, name="deal_decline"),
    path("deals/<uuid:pk>/counter/", deals.deal_counter, name="deal_counter"),
    path("deals/<uuid:pk>/cancel/", deals.deal_cancel, name="deal_cancel"),
    path("deals/<uuid:pk>/contract/", signing.deal_contract, name="deal_contract"),
    path("deals/<uuid:pk>/contract/code/", signing.deal_code, name="deal_code"),
    path("deals/<uuid:pk>/contract/sign/", signing.deal_sign, name="deal_sign"),
    path("deals/<uuid:pk>/contract/refuse/", signing.deal_refuse, name="deal_refuse"),
    path("deals/<uuid:pk>/contract.pdf", signing.deal_pdf, name="deal_pdf"),
    path(_LINK, invitation.invitation, name="invitation"),
    path(f"{_LINK}seen/", invitation.invitation_seen, name="invitation_seen"),
    path(f"{_LINK}accept/", invitation.invitation_accept, name="invitation_accept"),
    path(f"{_LINK}decline/", invitation.invitation_decline, name="invitation_decline"),
    path(f"{_LINK}counter/", invitation.invitation_counter, name="invitation_counter"),
    path(f"{_LINK}cancel/", invitation.invitation_cancel, name="invitation_cancel"),
    path(f"{_LINK}contract/", signing.invitation_contract, name="invitation_contract"),
    path(f"{_LINK}contract/code/", signing.invitation_code, name="invitation_code"),
    path(f"{_LINK}contract/sign/", signing.invitation_sign, name="invitation_sign"),
    path(f"{_LINK}contract/refuse/", signing.invitation_refuse, name="invitation_refuse"),
    path(f"{_LINK}contract.pdf", signing.invitation_pdf, name="invitation_pdf"),
    path(f"{_LINK}stop/", invitation.invitation_stop, name="invitation_stop"),
    path(f"{_LINK}claim/", invitation.invitation_claim, name="invitation_claim"),
]
