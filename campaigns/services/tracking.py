"""Tracked links: made one by one or for everybody who accepted, paused, extended, looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Brand
from accounts.permissions import require
from accounts.scope import reaches
from campaigns.limits import BOUND
from campaigns.links.destination import UTM_NAMES, look, read_destination, with_utm
from campaigns.models import Campaign, LandingPage, Partnership, TrackedLink
from campaigns.states import LINK, advance
from campaigns.texts import clean, one_line
from matching.codes import fold

MOST_TRIES = 200
RECHECK = timedelta(days=1)


def address(link: TrackedLink) -> str:
    return f"{settings.LINK_BASE_URL}/r/{link.slug}"


def target(link: TrackedLink) -> str:
    """The whole address a visitor ends at."""
    return f"{settings.LINK_BASE_URL}{link.target}" if link.target.startswith("/") else link.target


def create_link(
    *,
    actor: Actor,
    campaign: Campaign,
    destination: str = "",
    partnership: Partnership | None = None,
    landing: LandingPage | None = None,
    slug: str = "",
    label: str = "",
    utm: Mapping[str, str] | None = None,
    click_param: str = "",
    expires_at: datetime | None = None,
    resolve: bool = True,
    now: datetime | None = None,
) -> TrackedLink:
    """A link to `destination`, or to a page of ours. slug: wished for; a readable one is made otherwise.

    utm: over the conventions (`conventions`); an empty value leaves that parameter out. resolve: ask the DNS.
    Raises InvalidInput by field, WrongState where a wished slug is taken.
    """
    require(actor, "link.change", campaign)
    moment = now or timezone.now()
    faults: dict[str, list[str]] = {}
    if partnership is not None and partnership.campaign_id != campaign.pk:
        faults["partnership"] = [_("This partnership belongs to another campaign.")]
    if landing is not None and landing.workspace_id != campaign.workspace_id:
        faults["landing"] = [_("There is no such page in this workspace.")]
    wished = _slug(slug)[:60].strip("-")
    if slug and not wished:
        faults["slug"] = [_("Letters, digits and hyphens.")]
    if click_param and not (
        click_param.isascii() and click_param.replace("_", "").isalnum() and len(click_param) <= 30
    ):
        faults["click_param"] = [_("Letters, digits and underscores, at most 30.")]
    if expires_at is not None and expires_at <= moment:
        faults["expires_at"] = [_("This moment is in the past.")]
    goal = ""
    try:
        goal = landing.destination if landing else read_destination(destination, resolve=resolve)
    except InvalidInput as error:
        faults |= {name: list(texts) for name, texts in error.fields.items()}
    if faults:
        raise InvalidInput(fields=faults)
    used = conventions(campaign, partnership) | {name: one_line(text, 100) for name, text in (utm or {}).items()}
    used = {name: used[name] for name in UTM_NAMES if used.get(name)}
    link = TrackedLink(
        workspace_id=campaign.workspace_id, campaign=campaign, partnership=partnership, landing=landing,
        label=one_line(label, 80), destination=goal, utm=used, click_param=click_param, expires_at=expires_at,
        created_by_id=actor.user_id, created_at=moment,
    )  # fmt: skip
    link.target = with_utm(goal, used)
    with transaction.atomic():
        _save_with_slug(link, wished or _proposed(campaign, partnership), fixed=bool(wished))
        if landing is not None:
            # Without a host: a page of ours is where the link was followed, with https or, in a demo, without.
            link.target = with_utm(f"/l/{link.slug}/", used)
            link.save(update_fields=["target"])
        record_event("link.created", link, actor=actor, data={"slug": link.slug}, creator_id=_creator(link), at=moment)
    return link


def _creator(link: TrackedLink) -> int | None:
    return link.partnership.creator_id if link.partnership else None


def _save_with_slug(link: TrackedLink, base: str, *, fixed: bool) -> None:
    """The unique index decides: of any number of callers with one wish, one gets it and the others the next number."""
    for number in range(1, 2 if fixed else MOST_TRIES):
        link.slug = base if number == 1 else f"{base[:55]}-{number}"
        try:
            with transaction.atomic():
                link.save(force_insert=True)
            return
        except IntegrityError as error:
            if "slug" not in str(error):
                raise
    raise WrongState(_("The address /r/%(slug)s is taken. Choose another.") % {"slug": base}, code="slug_taken")


def _proposed(campaign: Campaign, partnership: Partnership | None) -> str:
    """ "brand-handle" as people would write it."""
    who = handle_of(partnership) if partnership else campaign.name
    return "-".join(filter(None, (_slug(campaign.brand.name)[:24].strip("-"), _slug(who)[:30].strip("-")))) or "link"


def _slug(text: str) -> str:
    """Letters, digits and single hyphens: what the redirect reads. Handles have underscores and dots."""
    return slugify(fold(text).replace("_", "-").replace(".", "-"))


def handle_of(partnership: Partnership) -> str:
    account = partnership.creator.accounts.order_by("-followers").first()
    return (account.handle if account else "") or partnership.creator.display_name


def conventions(campaign: Campaign, partnership: Partnership | None) -> dict[str, str]:
    """utm_ values used unless something else is said: lower case, hyphens, the same word for the same thing."""
    account = partnership.creator.accounts.order_by("-followers").first() if partnership else None
    return {
        "source": account.platform if account else "creator",
        "medium": "influencer",
        "campaign": slugify(fold(campaign.name))[:60],
        "content": slugify(fold(handle_of(partnership)))[:60] if partnership else "",
    }


def create_links_for_all(
    *,
    actor: Actor,
    campaign: Campaign,
    destination: str,
    resolve: bool = True,
    now: datetime | None = None,
    **options: Any,
) -> tuple[list[TrackedLink], list[Partnership]]:
    """One link for each who accepted and has none to this destination. Returns those made, and who had one."""
    require(actor, "link.change", campaign)
    goal = read_destination(destination, resolve=resolve)
    with transaction.atomic():
        # Two clicks on the button: the second waits here and then finds everybody served.
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        people = Partnership.objects.filter(campaign=campaign, state__in=BOUND).select_related("creator")
        served = set(
            TrackedLink.objects.filter(campaign=campaign, destination=goal).values_list("partnership_id", flat=True)
        )
        made, had = [], []
        for partnership in people.order_by("creator__display_name"):
            if partnership.pk in served:
                had.append(partnership)
                continue
            made.append(
                create_link(
                    actor=actor,
                    campaign=campaign,
                    partnership=partnership,
                    destination=goal,
                    resolve=False,
                    now=now,
                    **options,
                )
            )
    return made, had


def pause_link(*, actor: Actor, link: TrackedLink, now: datetime | None = None) -> TrackedLink:
    """From the next click on, visitors read that the link is paused."""
    require(actor, "link.change", link)
    advance(link, LINK, "pause", actor=actor, data={"slug": link.slug}, at=now)
    return link


def resume_link(*, actor: Actor, link: TrackedLink, now: datetime | None = None) -> TrackedLink:
    require(actor, "link.change", link)
    advance(link, LINK, "resume", actor=actor, data={"slug": link.slug}, at=now)
    return link


def change_link(
    *,
    actor: Actor,
    link: TrackedLink,
    label: str | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> TrackedLink:
    """Label and end may change; where it leads never does: what was promised to readers stays true."""
    require(actor, "link.change", link)
    if expires_at is not None and expires_at <= (now or timezone.now()):
        raise InvalidInput(fields={"expires_at": [_("This moment is in the past.")]})
    changes: dict[str, Any] = {"expires_at": expires_at}
    if label is not None:
        changes["label"] = one_line(label, 80)
    with transaction.atomic():
        TrackedLink.objects.filter(pk=link.pk).update(**changes)
        record_event(
            "link.changed", link, actor=actor, data={"fields": sorted(changes)}, creator_id=_creator(link), at=now
        )
    link.refresh_from_db()
    return link


def save_landing(
    *,
    actor: Actor,
    brand: Brand,
    title: str,
    text: str,
    button: str,
    destination: str,
    language: str = "en",
    resolve: bool = True,
) -> LandingPage:
    require(actor, "link.change")
    if (actor.kind != "system" and brand.workspace_id != actor.workspace_id) or not reaches(actor, brand):
        raise InvalidInput(fields={"brand": [_("There is no such brand in this workspace.")]})
    words = {"title": one_line(title, 120), "text": clean(text, 2000), "button": one_line(button, 40)}
    faults = {name: [_("This cannot be empty.")] for name, value in words.items() if not value}
    if faults:
        raise InvalidInput(fields=faults)
    goal = read_destination(destination, resolve=resolve)
    with transaction.atomic():
        page = LandingPage.objects.create(
            workspace_id=brand.workspace_id, brand=brand, language=language, destination=goal, **words
        )
        record_event("landing.created", page, actor=actor, data={"title": page.title})
    return page


def check_due_links(*, limit: int = 50, now: datetime | None = None) -> int:
    """Looks at destinations not seen for a day; a chain or a private address stops the link until it is mended."""
    moment = now or timezone.now()
    due = TrackedLink.objects.filter(state="active", campaign__state__in=["active", "closing"])
    due = due.exclude(checked_at__gt=moment - RECHECK).order_by("checked_at")
    count = 0
    for link in due[:limit]:
        problem = look(link.destination)
        with transaction.atomic():
            TrackedLink.objects.filter(pk=link.pk).update(problem=problem, checked_at=moment)
            if problem != link.problem:
                record_event(
                    "link.checked", link, actor=SYSTEM, data={"problem": problem, "slug": link.slug}, at=moment
                )
        count += 1
    return count


def public_landings() -> QuerySet[TrackedLink]:
    """Links that lead to a page of ours and work: what anybody may see behind them."""
    rows = TrackedLink.objects.filter(landing__isnull=False, state="active").exclude(
        campaign__state__in=["closed", "cancelled"]
    )
    rows = rows.exclude(expires_at__lte=timezone.now())
    return rows.select_related("landing__brand", "partnership__creator", "campaign")
