"""Links and promo codes of a campaign: made, followed, paused; what each brought."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.tables import neutral
from accounts.templatetags.figures import day, moment
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import CodeForm, FileForm, LandingForm, LinkForm
from campaigns.links import counts, leaks
from campaigns.models import AttributionEntry, Campaign, Click, LandingPage, PromoCode, TrackedLink
from campaigns.services import codes as code_service
from campaigns.services import tracking as service
from campaigns.services.codes import code_key
from campaigns.views.campaigns import frame, one


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


def codes_of(actor: Actor, campaign: Campaign, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = list(PromoCode.visible_to(actor).filter(campaign=campaign).select_related("partnership__creator"))
    uses = uses_by_code(actor, campaign)
    clicks: dict[Any, int] = {}
    for row in links:
        if row["link"].partnership_id:
            owner = row["link"].partnership_id
            clicks[owner] = clicks.get(owner, 0) + row["counts"].clicks
    return [
        {
            "code": row,
            "uses": len(uses.get(row.key, [])),
            "signs": leaks.signs(
                uses.get(row.key, []), clicks=clicks.get(row.partnership_id), countries=campaign.countries
            ),
        }
        for row in rows
    ]


def uses_by_code(actor: Actor, campaign: Campaign) -> dict[str, list[leaks.Use]]:
    """Uses that the ledger counts (no duplicates), by the code's key."""
    entries = AttributionEntry.visible_to(actor).filter(
        run__is_current=True, reversal=None, campaign=campaign, reason="code"
    )
    found: dict[str, list[leaks.Use]] = {}
    for code, at, country in entries.values_list("conversion__code", "conversion__at", "conversion__country"):
        found.setdefault(code_key(code), []).append(leaks.Use(at, country))
    return found


def sign_words() -> dict[str, str]:
    return {
        "no_clicks": _("used, but nobody clicked this creator's links"),
        "elsewhere": _("used mostly outside the campaign's countries"),
        "burst": _("many uses within an hour"),
    }


def _page(request: PageRequest, campaign: Campaign, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    links = links_of(actor, campaign)
    codes = codes_of(actor, campaign, links)
    words = sign_words()
    for row in codes:
        row["words"] = [words[sign] for sign in row["signs"]]
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
        [row["address"], row["link"].partnership.creator.display_name if row["link"].partnership else "", row["link"].target,
         row["link"].state, row["counts"].clicks, row["counts"].unique, row["counts"].machines, row["conversions"]]
        for row in links_of(request.actor, campaign)
    ]  # fmt: skip
    return csv_response("links", heads, rows)


def a_link(request: PageRequest, pk: Any) -> TrackedLink:
    return get_object_or_404(
        TrackedLink.visible_to(request.actor).select_related("campaign", "partnership__creator"), pk=pk
    )


@needs("link.read")
@require_safe
def link_detail(request: PageRequest, pk: Any) -> HttpResponse:
    link = a_link(request, pk)
    clicks = Click.visible_to(request.actor).filter(link=link)
    unit, series = counts.over_time(clicks)
    context = {
        "link": link,
        "campaign": link.campaign,
        "address": service.address(link),
        "counts": counts.counts_of(request.actor, [link.pk])[link.pk],
        "chart": clicks_chart(unit, series) if series else None,
        "devices": [(device_words().get(name, _("unknown")), n) for name, n in counts.shares(clicks, "device")],
        "countries": [(name or _("unknown"), n) for name, n in counts.shares(clicks, "country")],
        "referrers": [(name or _("none given"), n) for name, n in counts.shares(clicks, "referrer")],
        "machines": [(machine_words().get(name, name), n) for name, n in counts.machines(clicks)],
        "may_change": can(request.actor, "link.change", link),
        "problem": problem_words().get(link.problem, ""),
        "verb": "pause" if link.state == "active" else "resume",
    }
    return render(request, "campaigns/link_detail.html", context)


def device_words() -> dict[str, str]:
    return {"phone": _("Phone"), "tablet": _("Tablet"), "desktop": _("Computer"), "tv": _("Television")}


def machine_words() -> dict[str, str]:
    return {
        "crawler": _("Crawlers"),
        "preview": _("Previews of messengers"),
        "scanner": _("Mail scanners"),
        "monitor": _("Monitors"),
        "library": _("Programs"),
        "head": _("HEAD requests"),
        "prefetch": _("Prefetches"),
        "flood": _("Floods"),
        "no_agent": _("No user agent"),
    }


def problem_words() -> dict[str, str]:
    return {
        "private": _("The address no longer leads to the public internet. The link is stopped."),
        "chain": _("The page now redirects to another site. The link is stopped until it is checked."),
        "unknown_host": _("The name of the site is not known any more."),
        "gone": _("The page is not there any more."),
        "unreachable": _("The site did not answer."),
    }


def clicks_chart(unit: str, series: list[tuple[datetime, int, int]]) -> dict[str, Any]:
    total = sum(people for _begin, people, _machines in series)
    begin, most, _rest = max(series, key=lambda row: row[1])
    when = moment(begin) if unit == "hour" else day(begin)
    title = ngettext(
        "%(n)s click, most of them %(when)s (%(most)s)", "%(n)s clicks, most of them %(when)s (%(most)s)", total
    )
    names = [pgettext("series", "People"), pgettext("series", "Machines")]
    option = {
        "legend": {"data": names},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "unit": "count", "minInterval": 1},
        "tooltip": {"trigger": "axis"},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": names[0],
                "unit": "count",
                "data": [[at.isoformat(), n] for at, n, _m in series],
            },
            {
                "type": "bar",
                "stack": "all",
                "name": names[1],
                "unit": "count",
                "data": [[at.isoformat(), m] for at, _n, m in series],
            },
        ],
    }
    rows = [(moment(at) if unit == "hour" else day(at), n, m) for at, n, m in series]
    return {
        "title": title % {"n": total, "when": when, "most": most},
        "option": option,
        "rows": rows,
        "columns": [_("Time"), *names],
    }


@needs("link.change")
@require_POST
def link_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    link = a_link(request, pk)
    (service.pause_link if verb == "pause" else service.resume_link)(actor=request.actor, link=link)
    messages.success(request, _("The link is paused.") if verb == "pause" else _("The link works again."))
    return redirect("link_detail", pk=pk)


QR_KINDS = {"svg": "image/svg+xml", "png": "image/png"}


@needs("link.read")
@require_safe
def link_qr(request: PageRequest, pk: Any, kind: str) -> HttpResponse:
    link = a_link(request, pk)
    body = BytesIO()
    # Level M survives a crease or a logo's corner; four modules of quiet zone are what readers expect.
    segno.make(service.address(link), error="m", micro=False).save(body, kind=kind, scale=10, border=4)
    response = HttpResponse(body.getvalue(), content_type=QR_KINDS[kind])
    response["Content-Disposition"] = f'inline; filename="{link.slug}.{kind}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@needs("link.change")
@require_POST
def campaign_code_new(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CodeForm(request.POST, actor=request.actor, campaign=campaign)
    if form.is_valid():
        try:
            _make_codes(request, campaign, form.cleaned_data)
            return redirect(reverse("campaign_links", args=[pk]) + "#codes")
        except InvalidInput as error:
            fields = {("code" if name == "pattern" else name): texts for name, texts in error.fields.items()}
            show_faults(form, InvalidInput(error.message, fields=fields))
        except WrongState as error:
            form.add_error("code", error.message)
    return _page(request, campaign, status=422, code_form=form)


def _make_codes(request: PageRequest, campaign: Campaign, data: dict[str, Any]) -> None:
    value = data["value"]
    limits = {"label": data["label"], "max_uses": data["max_uses"], "ends_at": end_of(data["ends_on"])}
    limits["discount"] = "other" if value is None else "percent"
    if data["partnership"]:
        text = data["code"]
        if "{" in text or "#" in text or "?" in text:
            text = code_service.draw_code(code_service.read_pattern(text), data["partnership"], value)
        row = code_service.create_code(
            actor=request.actor, campaign=campaign, code=text, partnership=data["partnership"], value=value, **limits
        )
        messages.success(request, _("The code %(code)s is ready.") % {"code": row.code})
        return
    made, had = code_service.create_codes_for_all(
        actor=request.actor, campaign=campaign, pattern=data["code"], value=value, **limits
    )
    text = ngettext("%(n)s code made.", "%(n)s codes made.", len(made)) % {"n": len(made)}
    if not made and not had:
        text = _("Nobody has accepted yet: codes are made for those who did.")
    messages.success(request, text)


@needs("link.change")
@require_POST
def campaign_codes_import(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, campaign, status=422, file_form=form)
    try:
        made, refused = code_service.import_codes(actor=request.actor, campaign=campaign, text=form.text())
    except InvalidInput as error:
        show_faults(form, error)
        return _page(request, campaign, status=422, file_form=form)
    messages.success(request, ngettext("%(n)s code stored.", "%(n)s codes stored.", len(made)) % {"n": len(made)})
    if refused:
        return _page(request, campaign, status=422, refused=refused[:50])
    return redirect(reverse("campaign_links", args=[pk]) + "#codes")


@needs("campaign.read")
@require_safe
def campaign_codes_csv(request: PageRequest, pk: Any) -> HttpResponse:
    """The same columns that the import reads."""
    campaign = one(request, pk)
    heads = ["code", "handle", "percent", "amount", "label", "max_uses", "state", "uses"]
    rows = []
    for row in codes_of(request.actor, campaign, links_of(request.actor, campaign)):
        code = row["code"]
        handle = service.handle_of(code.partnership) if code.partnership else ""
        percent = code.value if code.discount == "percent" else ""
        amount = code.value if code.discount == "amount" else ""
        rows.append([code.code, handle, percent, amount, code.label, code.max_uses or "", code.state, row["uses"]])
    return csv_response("codes", heads, rows)


@needs("link.read")
@require_safe
def code_uses_csv(request: PageRequest, pk: Any) -> HttpResponse:
    """Every use of one code, with what the ledger says about it."""
    code = get_object_or_404(PromoCode.visible_to(request.actor), pk=pk)
    entries = AttributionEntry.visible_to(request.actor).filter(run__is_current=True, campaign=code.campaign)
    found = entries.select_related("conversion").order_by("conversion__at")
    rows = [
        [row.conversion.order_id, row.conversion.at.astimezone(UTC).isoformat(), row.conversion.amount,
         row.conversion.currency, row.conversion.country, row.reason, row.amount, row.currency]
        for row in found if code_key(row.conversion.code) == code.key
    ]  # fmt: skip
    heads = ["order_id", "at", "amount", "currency", "country", "reason", "counted", "counted_currency"]
    return csv_response(f"uses-{code.key.lower()}", heads, rows)


@needs("link.change")
@require_POST
def code_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    code = get_object_or_404(PromoCode.visible_to(request.actor), pk=pk)
    (code_service.pause_code if verb == "pause" else code_service.resume_code)(actor=request.actor, code=code)
    messages.success(
        request, _("The code is paused here. Stop it in the shop too.") if verb == "pause" else _("Saved.")
    )
    return redirect(reverse("campaign_links", args=[code.campaign_id]) + "#codes")


@needs("campaign.read", change="link.change")
@require_http_methods(["GET", "HEAD", "POST"])
def landing_list(request: PageRequest) -> HttpResponse:
    form = LandingForm(request.POST or None, actor=request.actor) if can(request.actor, "link.change") else None
    if request.method == "POST" and form and form.is_valid():
        try:
            service.save_landing(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The page is ready. Choose it when you make a link."))
            return redirect("landing_list")
        except InvalidInput as error:
            show_faults(form, error)
    context = {"pages": LandingPage.visible_to(request.actor).select_related("brand"), "form": form}
    return render(request, "campaigns/landing_list.html", context, status=422 if form and form.errors else 200)


@require_safe
def landing_page(request: PageRequest, slug: str) -> HttpResponse:
    """Public: what a reader sees behind a link that leads to a page of ours."""
    link = get_object_or_404(service.public_landings(), slug=slug)
    code = (
        next((code for code in link.partnership.promo_codes.all() if code.state == "active"), None)
        if link.partnership
        else None
    )
    context = {
        "page": link.landing,
        "link": link,
        "code": code,
        "goal": service.with_utm(link.landing.destination, link.utm),
    }
    return render(request, "campaigns/landing_page.html", context)
