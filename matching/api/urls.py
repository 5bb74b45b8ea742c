from django.urls import path

from matching.api import bulk as b
from matching.api import creators as c
from matching.api import imports as i
from matching.api import lists as t
from matching.api import matches as m
from matching.api import observed as o
from matching.api import scores as sc
from matching.api import searches as k

urlpatterns = [
    path("lists", t.Lists.as_view(), name="api_lists"),
    path("lists/<uuid:pk>", t.ListDetail.as_view(), name="api_list"),
    path("lists/<uuid:pk>/sums", t.ListSums.as_view(), name="api_list_sums"),
    path("lists/<uuid:pk>/entries", t.ListEntries.as_view(), name="api_list_entries"),
    path("lists/<uuid:pk>/entries/<uuid:entry>/triage", t.ListEntryTriage.as_view(), name="api_list_triage"),
    path("saved-searches", k.SavedSearches.as_view(), name="api_saved_searches"),
    path("saved-searches/<uuid:pk>", k.SavedSearchDetail.as_view(), name="api_saved_search"),
    path("saved-searches/<uuid:pk>/news", k.SavedSearchNews.as_view(), name="api_saved_search_news"),
    path("accounts/<int:pk>/audience", k.AccountAudience.as_view(), name="api_account_audience"),
    path("accounts/<int:pk>/audience/shares", k.AudienceShares.as_view(), name="api_account_audience_shares"),
    path("accounts/<int:pk>/audience/samples", k.AudienceSamples.as_view(), name="api_account_audience_samples"),
    path("creators", c.Creators.as_view(), name="api_creators"),
    path("creators/<int:pk>", c.CreatorDetail.as_view(), name="api_creator"),
    path("creators/bulk", b.CreatorsBulk.as_view(), name="api_creators_bulk"),
    path("posts/bulk", b.PostsBulk.as_view(), name="api_posts_bulk"),
    path("comments/bulk", b.CommentsBulk.as_view(), name="api_comments_bulk"),
    path("follower-counts/bulk", b.FollowerCountsBulk.as_view(), name="api_follower_counts_bulk"),
    path("follower-counts", o.FollowerCounts.as_view(), name="api_follower_counts"),
    path("comments", o.Comments.as_view(), name="api_comments"),
    path("comments/<int:pk>", o.CommentDetail.as_view(), name="api_comment"),
    path("metrics", o.Metrics.as_view(), name="api_metrics"),
    path("imports", i.Imports.as_view(), name="api_imports"),
    path("imports/<uuid:pk>/rejects", i.ImportRejects.as_view(), name="api_import_rejects"),
    path("accounts", c.Accounts.as_view(), name="api_accounts"),
    path("accounts/<int:pk>", c.AccountDetail.as_view(), name="api_account"),
    path("posts", c.Posts.as_view(), name="api_posts"),
    path("posts/<int:pk>", c.PostDetail.as_view(), name="api_post"),
    path("scores", sc.Scores.as_view(), name="api_scores"),
    path("scores/<int:pk>", sc.ScoresDetail.as_view(), name="api_score"),
    path("searches", sc.Searches.as_view(), name="api_searches"),
    path("matches", m.Matches.as_view(), name="api_matches"),
    path("matches/<uuid:pk>", m.MatchDetail.as_view(), name="api_match"),
]
