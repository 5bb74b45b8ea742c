"""Addresses of this app's pages."""

from django.urls import path

from matching.views import choosing, connections, creators, discover, import_drafts, imports, pictures

urlpatterns = [
    path("discover/", discover.discover, name="discover"),
    path("compare/", choosing.comparison, name="creator_compare"),
    path("matches/<uuid:pk>/", discover.match_detail, name="match_detail"),
    path("posts/<int:pk>.svg", pictures.post_picture, name="post_picture"),
    path("creators/<int:pk>/", creators.scores, name="creator_detail"),
    path("creators/<int:pk>/panel/", creators.panel, name="creator_panel"),
    path("creators/<int:pk>/content/", creators.content, name="creator_content"),
    path("creators/<int:pk>/conversation/", creators.conversation, name="creator_conversation"),
    path("settings/connectors/", connections.connectors, name="settings_connectors"),
    path("settings/connectors/<uuid:pk>/remove/", connections.connector_remove, name="settings_connector_remove"),
    path("accounts/<int:pk>/refresh/", connections.account_refresh, name="social_account_refresh"),
    path("profile/accounts/", connections.own_accounts, name="creator_accounts"),
    path("profile/accounts/<int:pk>/refresh/", connections.own_refresh, name="creator_account_refresh"),
    path("profile/accounts/<uuid:pk>/disconnect/", connections.disconnect, name="creator_disconnect"),
    path("profile/accounts/connect/<slug:platform>/", connections.connect, name="creator_connect"),
    path("profile/accounts/connect/<slug:platform>/back/", connections.connected, name="creator_connected"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", import_drafts.import_new, name="import_new"),
    path("imports/drafts/<uuid:pk>/", import_drafts.import_mapping, name="import_mapping"),
    path("imports/drafts/<uuid:pk>/discard/", import_drafts.import_discard, name="import_discard"),
    path("imports/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<uuid:pk>/pause/", imports.import_pause, name="import_pause"),
    path("imports/<uuid:pk>/resume/", imports.import_resume, name="import_resume"),
    path("imports/<uuid:pk>/rejects/", imports.import_rejects, name="import_rejects"),
    path("imports/<uuid:pk>/original/<int:place>/", imports.import_original, name="import_original"),
    path("imports/<uuid:pk>/keep-mapping/", imports.import_keep_mapping, name="import_keep_mapping"),
]
