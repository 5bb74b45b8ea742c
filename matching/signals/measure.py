"""All raw measures of a batch in one go: what the data say before anything is shrunk or compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals.audience import AudienceEstimate, estimate_audience
from matching.signals.batch import UNKNOWN_TIER, Batch, main_accounts, tiers
from matching.signals.cadence import Cadence, cadence
from matching.signals.captions import Captions, read_captions
from matching.signals.comments import CommentReading
from matching.signals.community import CommunityMeasure, measure_community
from matching.signals.conversation import CommentVotes, ConversationMeasure, measure_conversation
from matching.signals.engagement import EngagementMeasure, PostRates, measure_engagement
from matching.signals.growth import GrowthMeasure, Steps, find_steps, measure_growth
from matching.signals.longevity import LongevityMeasure, measure_longevity
from matching.signals.niche import NicheMeasure, measure_niche
from matching.signals.posture import PostureMeasure, measure_posture
from matching.signals.priors import cell_of
from matching.signals.segments import Ints
from matching.signals.sponsorship import PostSponsorship, SponsorshipMeasure, measure_sponsorship, read_posts
from matching.signals.text import Hashes


@dataclass(frozen=True, slots=True)
class Measures:
    """main: (n,) largest account, -1 none. cell: (n,) platform x tier of it. Others: see their modules."""

    batch: Batch
    main: Ints
    cell: Ints
    engagement: EngagementMeasure
    rates: PostRates
    conversation: ConversationMeasure
    votes: CommentVotes
    sponsorship: SponsorshipMeasure
    posts: PostSponsorship
    niche: NicheMeasure
    growth: GrowthMeasure
    steps: Steps
    longevity: LongevityMeasure
    cadence: Cadence
    community: CommunityMeasure
    audience: AudienceEstimate
    posture: PostureMeasure


def measure(
    batch: Batch, common: Hashes, captions: Captions | None = None, said: CommentReading | None = None
) -> Measures:
    """common: sorted hashes of comment texts seen under many creators (Priors.common). captions, said: what the
    posts' captions and the comments say, where it is known already."""
    captions = read_captions(batch.posts) if captions is None else captions
    engagement, rates = measure_engagement(batch)
    conversation, votes = measure_conversation(batch, captions, common, said)
    reading = read_posts(batch, captions)
    main = main_accounts(batch)
    return Measures(
        batch=batch,
        main=main,
        cell=_cells(batch, main),
        engagement=engagement,
        rates=rates,
        conversation=conversation,
        votes=votes,
        sponsorship=measure_sponsorship(batch, reading),
        posts=reading,
        niche=measure_niche(batch),
        growth=measure_growth(batch),
        steps=find_steps(batch, _log_interactions(rates), captions.giveaway),
        longevity=measure_longevity(batch),
        cadence=cadence(batch),
        community=measure_community(batch, votes),
        audience=estimate_audience(batch),
        posture=measure_posture(batch, captions),
    )


def _cells(batch: Batch, main: Ints) -> Ints:
    if len(batch.accounts.id) == 0:
        return np.full(batch.n, -1)
    at = np.maximum(main, 0)
    platform = np.where(main >= 0, batch.accounts.platform[at], -1)
    tier = np.where(main >= 0, tiers(batch.accounts.followers)[at], UNKNOWN_TIER)
    return cell_of(platform, tier)


def _log_interactions(rates: PostRates) -> np.ndarray:
    """(p,) log interactions per follower of the time: rises when a post takes off, falls when counts swell."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rates.followers > 0, np.log((rates.interactions + 0.5) / (rates.followers + 1.0)), np.nan)
