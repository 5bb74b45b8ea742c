"""Outside figures that people compare ours with: who published them, when, where. Lines to read, never inputs.

Percentiles come from this installation's own index; nothing here enters a score. What a source calls a size is its
own: bounds differ from ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Source:
    """figures: what it says, in short. at: its publication (day 1 where only the year or month is known)."""

    name: str
    at: date
    measures: str | Promise
    figures: tuple[str | Promise, ...]
    citation: str
    limits: str | Promise


SOURCES: tuple[Source, ...] = (
    Source(
        "HypeAuditor, State of Influencer Marketing",
        date(2023, 1, 1),
        _("Engagement rate by size, Instagram and TikTok"),
        (_("Instagram nano 2.78 %"), _("TikTok nano 12.6 %")),
        "HypeAuditor, State of Influencer Marketing 2023",
        _("Nano is 1,000 to 5,000 followers there."),
    ),
    Source(
        "HypeAuditor, by eMarketer",
        date(2026, 1, 1),
        _("Engagement rate by size, Instagram"),
        (_("Nano 1.78 %"), _("Micro (10,000 to 50,000) 0.54 %"), _("Mega 0.33 %")),
        "eMarketer, 2026, figures of HypeAuditor",
        _("Read second hand."),
    ),
    Source(
        "Favikon",
        date(2026, 1, 1),
        _("Top quartile of the engagement rate"),
        (_("Instagram nano 2.4–3.4 %"), _("Instagram micro 0.7–1.5 %"), _("YouTube 1.5 %")),
        "help.favikon.com, article 11883190",
        _("A top quartile, not a middle: do not set it beside a mean."),
    ),
    Source(
        "Modash",
        date(2026, 1, 1),
        _("Median likes over followers, Instagram"),
        (_("1,000 to 10,000 followers: 5–10 %"),),
        "modash.io, engagement rate guide",
        _("Comments are not counted; other products count them."),
    ),
    Source(
        "Kim et al., influencer data set",
        date(2018, 1, 1),
        _("Engagement rate of Instagram influencers, measured by us on the published sample"),
        (_("Nano: median 3.9 %, ninth decile 11.8 %"), _("Micro: median 2.8 %, ninth decile 8.0 %")),
        "Kim, Jiang, Nakada, Han, Wang: Multimodal Post Attentive Profiling for Influencer Marketing, WWW 2020",
        _("Posts of 2018: levels fell since. Only the shape of our first priors comes from it."),
    ),
    Source(
        "Graffius, lifespan of posts",
        date(2018, 1, 1),
        _("Half-life of a post"),
        (_("Instagram 19 h"), _("YouTube 6 days"), _("X 21 min")),
        "Scott Graffius, Lifespan (Half-Life) of Social Media Posts, 2018",
        _("Mixed sources; all interactions, not only qualified ones."),
    ),
    Source(
        "Kolsquare, prices in France",
        date(2022, 1, 1),
        _("Price of one Instagram post"),
        (_("Nano €0–120"), _("Micro €120–1,500"), _("Macro €1,500–4,000")),
        "Kolsquare, influencer rates in France, 2022",
        _("Marketers rate generic price lists 2.5 of 5 (n = 42, Modash)."),
    ),
)
