"""Links and promo codes of a campaign: made, followed, paused; what each brought."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.tables import neutral
from accounts.views.access import needs
from campaigns.attribution import code_problem
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import CodeForm, FileForm, LinkForm
from campaigns.links import counts
from campaigns.models import AttributionEntry, AttributionRun, Campaign, PromoCode, TrackedLink
from campaigns.services import code_leaks
from campaigns.services import tracking as service
from campaigns.services.ledger import uses_so_far
from campaigns.views.campaigns import frame, one


def begin_of(chosen: date | None) -> datetime | None:
    """The first moment of that day in the reader's zone."""
    return timezone.make_aware(datetime.combine(chosen, time())) if chosen else None


def end_of(chosen: date | None) -> datetime | None:
    """The end of that day in the reader's zone."""
    return timezone.make_aware(datetime.combine(chosen, time(23, 59, 59))) if chosen else None


def csv_response(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]], about: str = "") -> HttpResponse:
    """A file that spreadsheets open with its accents, and no cell of which is a formula. about: what was asked for."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y%m%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    if about:
        writer.writerow([neutral(about)])
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return response


def links_of(actor: Actor, campaign: Campaign) -> list[dict[str, Any]]:
    rows = list(
        TrackedLink.visible_to(actor).filter(campaign=campaign).select_related("partnership__creator").order_by("slug")
    )
    found = counts.counts_of(actor, [row.pk for row in rows])
    credited = credited_counts(actor, "conversion__link", [row.pk for row in rows])
    return [
        {"link": row, "address": service.address(row), "counts": found[row.pk], "conversions": credited.get(row.pk, 0)}
        for row in rows
    ]


def credited_counts(actor: Actor, field: str, keys: list[Any]) -> dict[Any, int]:
    """How many conversions the current ledger credits, by `field`."""
    entries = AttributionEntry.visible_to(actor).filter(run__is_current=True, reversal=None, credited=True)
    tally: dict[Any, int] = {}
    for key in entries.filter(**{f"{field}__in": keys}).values_list(field, flat=True):
        tally[key] = tally.get(key, 0) + 1
    return tally


def codes_of(actor: Actor, campaign: Campaign) -> list[dict[str, Any]]:
    found = PromoCode.visible_to(actor).filter(campaign=campaign)
    rows = list(found.select_related("campaign", "partnership__creator"))
    uses = code_leaks.uses_by_code(AttributionEntry.visible_to(actor).filter(campaign=campaign))
    signs = code_leaks.signs_in(actor, rows)
    run = AttributionRun.visible_to(actor).filter(is_current=True).first()
    used = {row.pk: uses_so_far(run, row) for row in rows if row.max_uses is not None and run}
    return [
        {
            "code": row,
            "uses": len(uses.get((campaign.pk, row.key), [])),
            "used": used.get(row.pk, 0),
            "signs": signs[row.pk],
        }
        for row in rows
    ]


def code_state(code: PromoCode, used: int) -> str:
    """What a buyer could not do with it now, "" where it works. Pausing has its badge."""
    words = {"code_early": _("not valid yet"), "code_late": _("over"), "code_used_up": _("used up")}
    found = code_problem(
        timezone.now(), starts_at=code.starts_at, ends_at=code.ends_at, max_uses=code.max_uses, uses=used
    )
    return words.get(found, "")


def _page(request: PageRequest, campaign: Campaign, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    links = links_of(actor, campaign)
    codes = codes_of(actor, campaign)
    words = code_leaks.sign_words()
    for row in codes:
        row["words"] = [words[sign] for sign in row["signs"]]
        row["problem"] = code_state(row["code"], row["used"])
    may = can(actor, "link.change", campaign)
    context = frame(request, campaign, "links") | {
        "links": links,
        "codes": codes,
        "sums": {name: sum(getattr(row["counts"], name) for row in links) for name in ("clicks", "unique", "machines")},
        "may_make": may,
        "link_form": LinkForm(actor=actor, campaign=campaign, initial=_initial(campaign)) if may else None,
        "code_form": CodeForm(actor=actor, campaign=campaign, initial={"code": "{handle}{value}", "value": 10})
        if may
        else None,
        "file_form": FileForm(),
        "base": f"{settings.LINK_BASE_URL}/r/",
    }
    return render(request, "campaigns/campaign_links.html", context | forms, status=status)


def _initial(campaign: Campaign) -> dict[str, Any]:
    usual = service.conventions(campaign, None)
    return {"utm_campaign": usual["campaign"], "utm_medium": usual["medium"], "destination": campaign.brand.website}


@needs("campaign.read")
@require_safe
def campaign_links(request: PageRequest, pk: Any) -> HttpResponse:
    return _page(request, one(request, pk))


@needs("link.change")
@require_POST
def campaign_link_new(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = LinkForm(request.POST, actor=request.actor, campaign=campaign)
    if form.is_valid():
        data = form.cleaned_data
        utm = {name: data[f"utm_{name}"] for name in ("campaign", "medium", "source") if data[f"utm_{name}"]}
        wish = {"destination": data["destination"], "utm": utm, "expires_at": end_of(data["expires_on"])}
        try:
            _make_links(request, campaign, data, wish)
            return redirect("campaign_links", pk=pk)
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            form.add_error("slug", error.message)
    return _page(request, campaign, status=422, link_form=form)


def _make_links(request: PageRequest, campaign: Campaign, data: dict[str, Any], wish: dict[str, Any]) -> None:
    actor = request.actor
    if data["partnership"] or data["landing"] or data["slug"]:
        link = service.create_link(
            actor=actor,
            campaign=campaign,
            partnership=data["partnership"],
            landing=data["landing"],
            slug=data["slug"],
            **wish,
        )
        messages.success(request, _("The link is ready: %(address)s") % {"address": service.address(link)})
        return
    made, had = service.create_links_for_all(actor=actor, campaign=campaign, **wish)
    text = ngettext("%(n)s link made.", "%(n)s links made.", len(made)) % {"n": len(made)}
    if had:
        kept = ngettext("%(n)s creator had one already.", "%(n)s creators had one already.", len(had)) % {"n": len(had)}
        text = f"{text} {kept}"
    if not made and not had:
        text = _("Nobody has accepted yet: links are made for those who did.")
    messages.success(request, text)


@needs("campaign.read")
@require_safe
def campaign_links_csv(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    heads = ["link", "creator", "leads_to", "state", "clicks", "unique", "machines", "conversions"]
    rows = [
        [row["address"], row["link"].partnership.creator.display_name if row["link"].partnership else "", service.target(row["link"]),
         row["link"].state, row["counts"].clicks, row["counts"].unique, row["counts"].machines, row["conversions"]]
        for row in links_of(request.actor, campaign)
    ]  # fmt: skip
    return csv_response("links", heads, rows)
