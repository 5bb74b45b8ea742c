"""Addresses of this app's pages."""

from django.urls import path

from accounts.views import (
    administration,
    avatars,
    claiming,
    creators,
    developer,
    joining,
    mailbox,
    members,
    pages,
    privacy,
    settings,
)

urlpatterns = [
    path("settings/members/", members.members, name="settings_members"),
    path("settings/members/<uuid:pk>/", members.member, name="settings_member"),
    *[
        path(f"settings/members/<uuid:pk>/{step}/", members.member_step, {"step": step}, f"settings_member_{step}")
        for step in members.STEPS
    ],
    path("settings/invitations/<uuid:pk>/revoke/", members.invitation_revoke, name="settings_invitation_revoke"),
    path("settings/security/", administration.security, name="settings_security"),
    path("settings/audit/", administration.audit_log, name="settings_audit"),
    path("settings/retention/", administration.retention, name="settings_retention"),
    path("settings/register/", administration.register, name="settings_register"),
    path("settings/register/csv/", administration.register_csv, name="settings_register_csv"),
    path("settings/usage/", administration.usage, name="settings_usage"),
    path("settings/audit/csv/", administration.audit_csv, name="settings_audit_csv"),
    path("settings/keys/", settings.keys, name="settings_keys"),
    path("settings/keys/<uuid:pk>/revoke/", settings.key_revoke, name="settings_key_revoke"),
    path("settings/workspace/", settings.workspace, name="settings_workspace"),
    path("settings/brands/", settings.brands, name="settings_brands"),
    path("settings/brands/new/", settings.brand_edit, name="settings_brand_new"),
    path("settings/brands/<uuid:pk>/", settings.brand_edit, name="settings_brand_edit"),
    path("developer/", developer.developer, name="developer"),
    path("developer/keys/<uuid:pk>/limit/", developer.key_limit, name="developer_key_limit"),
    path("developer/webhooks/new/", developer.endpoint_new, name="developer_endpoint_new"),
    path("developer/webhooks/<uuid:pk>/", developer.endpoint_detail, name="developer_endpoint"),
    path("developer/webhooks/<uuid:pk>/edit/", developer.endpoint_edit, name="developer_endpoint_edit"),
    *[
        path(
            f"developer/webhooks/<uuid:pk>/{step}/",
            developer.endpoint_step,
            {"step": step},
            f"developer_endpoint_{step}",
        )
        for step in ("pause", "resume", "test", "rotate", "delete")
    ],
    path("developer/messages/<uuid:pk>/", developer.delivery_detail, name="developer_delivery"),
    path("developer/messages/<uuid:pk>/replay/", developer.delivery_replay, name="developer_replay"),
    path("workspace/switch/", joining.switch_workspace, name="workspace_switch"),
    path("join/<str:token>/", joining.join_workspace, name="join_workspace"),
    path("claim/", claiming.claim_ask, name="claim_ask"),
    path("claim/mine/", claiming.claim_mine, name="claim_mine"),
    path("claim/code/<str:token>/", claiming.claim_code, name="claim_code"),
    path("claim/<str:token>/", joining.claim_creator, name="claim_creator"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.mailbox_message, name="mailbox_message"),
    path("mailbox/<int:pk>/sheet/", mailbox.mailbox_sheet, name="mailbox_sheet"),
    path("glossary/", pages.glossary, name="glossary"),
    path("avatars/<int:pk>.svg", avatars.avatar, name="avatar"),
    path("styleguide/", pages.styleguide, name="styleguide"),
    path("profile/", creators.profile, name="creator_profile"),
    path("privacy/", privacy.privacy, name="creator_privacy"),
    path("privacy/ask/", privacy.ask, name="privacy_ask"),
    path("privacy/copy/<uuid:pk>/", privacy.privacy_copy, name="creator_privacy_copy"),
    path("privacy/do/<str:step>/", privacy.privacy_step, name="creator_privacy_step"),
    path("privacy/mine/<str:token>/", privacy.link, name="privacy_link"),
    path("privacy/mine/<str:token>/copy/<uuid:pk>/", privacy.link_copy, name="privacy_link_copy"),
    path("privacy/mine/<str:token>/do/<str:step>/", privacy.link_step, name="privacy_link_step"),
]
