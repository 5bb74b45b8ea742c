"""The match of a campaign: its brief asked of the engine, the answer kept, people shortlisted from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import DomainError, InvalidInput
from accounts.models import Creator
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import selectors
from campaigns.briefs import to_matching_brief
from campaigns.models import Brief, Campaign, Partnership
from campaigns.services.shortlist import shortlist_creators
from campaigns.views.campaigns import frame, one
from matching.briefs import brief_hash
from matching.cards import Card, cards, off_subject
from matching.models import CreatorIndex, MatchResult, MatchRun
from matching.reasons import exclusion_text, family_label, topic_label
from matching.services.match import run_match
from matching.services.scoring import current_scoring, version_name
from matching.services.verdicts import Reordered, judge, reordered, take_back
from matching.verdicts import REASONS

SHOWN = 50


@needs("match.read", change="match.run")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_match(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    rows = Brief.visible_to(request.actor).filter(campaign=campaign).select_related("campaign__brand")
    brief = rows.current()
    question, fault = _question(campaign, brief)
    if request.method == "POST" and question is not None:
        run_match(actor=request.actor, brief=question, limit=SHOWN)
        return redirect("campaign_match", pk=pk)
    run = None
    if question is not None:
        same = MatchRun.visible_to(request.actor).filter(brief_hash=brief_hash(question))
        run = same.order_by("-created_at").first()
    shown, passed, order = _proposals(request.actor, campaign, run) if run else ([], [], None)
    scoring = current_scoring(request.actor.workspace_id)
    context = frame(request, campaign, "match") | {
        "brief": brief,
        "question": question,
        "topics": [topic_label(slug) for slug in question.topics] if question else [],
        "fault": fault,
        "run": run,
        "cards": shown,
        "passed": passed,
        "order": order,
        "changes": [(family_label(name), 100 * old, 100 * new) for name, old, new in order.changes] if order else [],
        "version_now": version_name(scoring.number),
        "reasons": [(code, reason.label) for code, reason in REASONS.items()],
        "may_judge": can(request.actor, "match.judge"),
        "off_subject": off_subject(shown),
        "excluded": _excluded(run) if run else [],
        "index_is_empty": not CreatorIndex.visible_to(request.actor).exists(),
        "may_match": can(request.actor, "match.run"),
    }
    return render(request, "campaigns/campaign_match.html", context)


def _question(campaign: Campaign, brief: Brief | None) -> tuple[Any, str]:
    if brief is None:
        return None, _("The match reads the brief. Write it first.")
    try:
        return to_matching_brief(campaign, brief), ""
    except InvalidInput as error:
        return None, " ".join(text for texts in error.fields.values() for text in texts)


def _proposals(actor: Any, campaign: Campaign, run: MatchRun) -> tuple[list[Card], list[Card], Reordered]:
    """(cards as they stand now, those passed over, what moved them)."""
    results = run.results.select_related("creator__index", "run").filter(creator__erased_at__isnull=True)
    order = reordered(actor, run, [one for one in results.order_by("rank") if hasattr(one.creator, "index")])
    known = {row.creator_id: row for row in Partnership.visible_to(actor).filter(campaign=campaign)}
    standing = [*order.shown, *order.passed]
    drawn = cards(actor, ((one.result.creator.index, one.result.fit) for one in standing))
    found = [
        replace(
            card,
            rank=one.place,
            result_id=one.result.pk,
            partnership=known.get(one.result.creator_id),
            explored=one.result.explored,
            moved=one.moved if one.verdict is None else 0,
            verdict=one.verdict,
        )
        for card, one in zip(drawn, standing, strict=True)
    ]
    return found[: len(order.shown)], found[len(order.shown) :], order


@needs("match.judge")
@require_POST
def campaign_judge(request: PageRequest, pk: Any, result: int) -> HttpResponse:
    """Not relevant because…, put first because…, or taken back; then the same search, in its new order."""
    campaign = one(request, pk)
    row = get_object_or_404(MatchResult.visible_to(request.actor).select_related("run", "creator"), pk=result)
    params = {"name": row.creator.display_name}
    try:
        if request.POST.get("back"):
            if take_back(actor=request.actor, result=row):
                messages.success(request, _("%(name)s is back among the proposals.") % params)
        else:
            said = judge(
                actor=request.actor, result=row, stage=request.POST.get("stage", ""),
                reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
            )  # fmt: skip
            text = _("%(name)s is passed over; the others are in a new order.")
            first = _("%(name)s comes first, by your word.")
            messages.success(request, (text if said.stage == "passed" else first) % params)
    except InvalidInput as error:
        messages.error(request, " ".join(text for texts in error.fields.values() for text in texts))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("campaign_match", pk=campaign.pk)


def _excluded(run: MatchRun) -> list[tuple[str, int]]:
    counts = run.excluded.get("counts", {})
    return [(exclusion_text(code), count) for code, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count]


@needs("campaign.change")
@require_POST
def campaign_shortlist(request: PageRequest, pk: Any) -> HttpResponse:
    """One card's button (`result`) or the ticked ones (`results`). With htmx only the card's footer comes back."""
    campaign = one(request, pk)
    ids = [value for value in (*request.POST.getlist("result"), *request.POST.getlist("results")) if value.isdigit()]
    results = MatchResult.visible_to(request.actor).filter(pk__in=ids[:200]).select_related("creator")
    rows = shortlist_creators(actor=request.actor, campaign=campaign, results=results)
    if request.htmx and len(rows) == 1:
        card = _card_of(results[0], rows[0])
        return render(request, "campaigns/match_actions.html", {"card": card, "campaign": campaign, "may_change": True})
    if rows:
        text = ngettext("%(n)s creator is on the shortlist.", "%(n)s creators are on the shortlist.", len(rows))
        messages.success(request, text % {"n": len(rows)})
    else:
        messages.warning(request, _("Tick at least one creator first."))
    return redirect("campaign_pipeline" if rows else "campaign_match", pk=pk)


def _card_of(result: MatchResult, partnership: Partnership) -> Card:
    return Card(result.creator.index, result_id=result.pk, partnership=partnership)


@needs("campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def shortlist_add(request: PageRequest, creator_id: int) -> HttpResponse:
    """From anywhere a creator is shown: into which campaign?"""
    creator = get_object_or_404(Creator.visible_to(request.actor), pk=creator_id)
    campaigns = selectors.campaigns(request.actor).filter(state__in=["draft", "active"]).order_by("-created_at")
    if request.method == "POST":
        campaign = get_object_or_404(campaigns, pk=_uuid(request.POST.get("campaign", "")))
        shortlist_creators(actor=request.actor, campaign=campaign, creators=[creator])
        params = {"name": creator.display_name, "campaign": campaign.name}
        messages.success(request, _("%(name)s is on the shortlist of “%(campaign)s”.") % params)
        return redirect("campaign_pipeline", pk=campaign.pk)
    known = set(Partnership.visible_to(request.actor).filter(creator=creator).values_list("campaign_id", flat=True))
    context = {"creator": creator, "campaigns": [(campaign, campaign.pk in known) for campaign in campaigns]}
    return render(request, "campaigns/shortlist_add.html", context)


def _uuid(text: str) -> Any:
    try:
        return UUID(text)
    except ValueError:
        return None
