"""Costs beside the fee, contents, and their counters over time."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Creator, PlatformName, Workspace
from accounts.permissions import require
from campaigns.models import Campaign, Content, ContentMetrics, Cost, CostKind, Deliverable, EmvTable, Partnership
from campaigns.reports.figures import COUNTERS
from campaigns.services.conversions import RowFault
from campaigns.texts import clean, one_line
from matching.models import Post

COUNTER_MOST = 10**12
PROOF_BYTES = 8 * 1024 * 1024
PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
FUTURE = timedelta(minutes=10)
MOST_ROWS = 5000


def add_cost(
    *,
    actor: Actor,
    campaign: Campaign,
    kind: str,
    amount: Any,
    partnership: Partnership | None = None,
    currency: str = "",
    on: date | None = None,
    note: str = "",
    now: datetime | None = None,
) -> Cost:
    """A line of the cost ledger. A negative amount corrects an earlier line; nothing is ever deleted."""
    require(actor, "result.change", campaign)
    moment = now or timezone.now()
    faults: dict[str, list[str]] = {}
    if kind not in CostKind.values:
        faults["kind"] = [_("Choose one of the list.")]
    try:
        value = Decimal(str(amount).replace("\u00a0", "").replace(" ", "").replace(",", ".")).quantize(Decimal("0.01"))
        if not value.is_finite() or value == 0 or abs(value) > Decimal("9999999.99"):
            raise ArithmeticError
    except ArithmeticError:
        value = Decimal(0)
        faults["amount"] = [_("An amount other than 0, such as 49.90.")]
    code = (currency or campaign.currency).upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        faults["currency"] = [_("A code of three letters, such as EUR.")]
    if partnership is not None and partnership.campaign_id != campaign.pk:
        faults["partnership"] = [_("This partnership belongs to another campaign.")]
    if faults:
        raise InvalidInput(fields=faults)
    with transaction.atomic():
        row = Cost.objects.create(
            workspace_id=campaign.workspace_id, campaign=campaign, partnership=partnership, kind=kind, amount=value,
            currency=code, on=on or moment.date(), note=one_line(note, 200), created_by_id=actor.user_id, created_at=moment,
        )  # fmt: skip
        data = {"kind": kind, "amount": str(value), "currency": code}
        record_event("cost.added", row, actor=actor, data=data, at=moment)
    return row


def add_content(
    *,
    actor: Actor,
    campaign: Campaign,
    platform: str,
    published_at: datetime,
    url: str = "",
    partnership: Partnership | None = None,
    creator: Creator | None = None,
    post: Post | None = None,
    form: str = "",
    external_id: str = "",
    earned: bool = False,
    now: datetime | None = None,
) -> Content:
    """A publication of a partnership; earned: one about the brand that nobody paid or asked for.

    A known external_id answers the content that has it. An observed post at this address is found by itself.
    """
    require(actor, "result.change", campaign)
    moment = now or timezone.now()
    if external_id and (
        known := Content.objects.filter(workspace_id=campaign.workspace_id, external_id=external_id).first()
    ):
        return known
    faults: dict[str, list[str]] = {}
    who = creator or (partnership.creator if partnership else None)
    if who is None or (partnership is None and not earned):
        faults["partnership"] = [_("Whose content is it?")]
    if partnership is not None and partnership.campaign_id != campaign.pk:
        faults["partnership"] = [_("This partnership belongs to another campaign.")]
    if platform not in PlatformName.values:
        faults["platform"] = [_("Known: %(known)s.") % {"known": ", ".join(PlatformName.values)}]
    if url and (urlsplit(url).scheme not in ("http", "https") or len(url) > 500 or not urlsplit(url).hostname):
        faults["url"] = [_("The address of the content, with https://.")]
    if published_at > moment + FUTURE:
        faults["published_at"] = [_("This moment is in the future.")]
    if faults or who is None:
        raise InvalidInput(fields=faults)
    if post is None and url:
        post = Post.objects.filter(url=url, account__creator=who).first()
    try:
        with transaction.atomic():
            row = Content.objects.create(
                workspace_id=campaign.workspace_id, campaign=campaign, partnership=None if earned else partnership,
                creator=who, post=post, platform=platform, form=one_line(form, 15), url=url,
                external_id=one_line(external_id, 120), published_at=published_at, earned=earned, created_at=moment,
            )  # fmt: skip
            record_event("content.added", row, actor=actor, data={"url": url, "earned": earned}, at=moment)
    except IntegrityError as error:
        raise WrongState(_("This content is in the campaign already."), code="content_known") from error
    return row


def content_of_deliverable(*, deliverable: Deliverable) -> Content | None:
    """The content of an agreed piece that was published: made once, at the address the creator gave; an observed post
    at this address is found by itself, now or at the next look. A content noted by hand before is taken."""
    if not deliverable.published_url or deliverable.published_at is None:
        return None
    partnership = deliverable.partnership
    held = (
        Content.objects.filter(deliverable=deliverable).first()
        or Content.objects.filter(campaign=partnership.campaign_id, url=deliverable.published_url).first()
    )
    post = Post.objects.filter(url=deliverable.published_url, account__creator=partnership.creator_id).first()
    if held is None:
        with transaction.atomic():
            held = add_content(
                actor=SYSTEM, campaign=partnership.campaign, partnership=partnership, platform=deliverable.platform,
                published_at=deliverable.published_at, url=deliverable.published_url, form=deliverable.form,
                now=max(timezone.now(), deliverable.published_at),
            )  # fmt: skip
    changes = {"deliverable": deliverable, "url": deliverable.published_url, "post": held.post or post}
    Content.objects.filter(pk=held.pk).update(**changes)
    held.refresh_from_db()
    return held


def find_posts(*, limit: int = 500) -> int:
    """Ties contents to posts that a connector or an import brought later, by address. Returns how many."""
    found = 0
    for row in Content.objects.filter(post=None).exclude(url="").order_by("-published_at")[:limit]:
        post = Post.objects.filter(url=row.url, account__creator=row.creator_id).first()
        if post is not None:
            found += Content.objects.filter(pk=row.pk, post=None).update(post=post)
    return found


def record_metrics(
    *,
    actor: Actor,
    content: Content,
    values: Mapping[str, Any],
    at: datetime | None = None,
    source: str = "hand",
    proof: Any = None,
    now: datetime | None = None,
) -> ContentMetrics:
    """Counters of one moment. What is left out is unknown; the same moment again replaces nothing and is refused
    unless it says the same. proof: a picture of the statistics, where somebody typed them."""
    require(actor, "result.change", content)
    moment = now or timezone.now()
    when = at or moment
    faults: dict[str, list[str]] = {}
    read: dict[str, int] = {}
    for name in COUNTERS:
        text = (
            str(values.get(name) if values.get(name) is not None else "").replace(" ", "").replace("\u00a0", "").strip()
        )
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and int(text) <= COUNTER_MOST):
            faults[name] = [_("A whole number of 0 or more.")]
        else:
            read[name] = int(text)
    if not read and not faults:
        faults["views"] = [_("Give at least one counter.")]
    if when > moment + FUTURE:
        faults["at"] = [_("This moment is in the future.")]
    if when < content.published_at:
        faults["at"] = [_("This is before the publication.")]
    kept = _keep_picture(proof, faults) if proof is not None and not faults else ""
    if faults:
        raise InvalidInput(fields=faults)
    known = ContentMetrics.objects.filter(content=content, at=when).first()
    if known is not None:
        if all(getattr(known, name) == value for name, value in read.items()):
            return known
        raise WrongState(_("There are other counters of this very moment."), code="metrics_known")
    with transaction.atomic():
        row = ContentMetrics.objects.create(
            content=content, at=when, source=source, proof=kept, created_by_id=actor.user_id, **read
        )
        record_event(
            "content.measured", content, actor=actor, data={"counters": sorted(read), "source": source}, at=moment
        )
    return row


def _keep_picture(proof: Any, faults: dict[str, list[str]]) -> str:
    """Kept under a random name, its kind read from its bytes, never from its name."""
    body = proof.read(PROOF_BYTES + 1)
    kind = next((kind for mark, kind in PICTURES.items() if body.startswith(mark)), "")
    if not kind or len(body) > PROOF_BYTES:
        faults["proof"] = [_("A PNG or JPEG picture of at most 8 MB.")]
        return ""
    return str(default_storage.save(f"proofs/{secrets.token_hex(16)}.{kind}", io.BytesIO(body)))


def proof_of(row: ContentMetrics) -> bytes | None:
    """The picture kept with a reading, None without one or when its file is gone."""
    if not row.proof or not default_storage.exists(row.proof):
        return None
    with default_storage.open(row.proof) as file:
        return bytes(file.read())


def import_metrics(
    *, actor: Actor, campaign: Campaign, text: str, now: datetime | None = None
) -> tuple[int, list[RowFault]]:
    """CSV with columns url (or external_id), at, views, reach, likes, comments, shares, saves, qualified."""
    require(actor, "result.change", campaign)
    plain = text.lstrip("\ufeff")
    head = plain.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(plain), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = {str(name or "").strip().lower() for name in reader.fieldnames or []}
    if not names & {"url", "external_id"}:
        raise InvalidInput(
            fields={"file": [_("The first line must name the columns; “url” or “external_id” is needed.")]}
        )
    rows = Content.objects.filter(campaign=campaign)
    by_url = {row.url: row for row in rows if row.url}
    by_id = {row.external_id: row for row in rows if row.external_id}
    stored, faults = 0, []
    for number, raw in enumerate(reader, start=2):
        if number > MOST_ROWS + 1:
            faults.append(RowFault(number, _("At most %(n)s rows at once.") % {"n": MOST_ROWS}))
            break
        row = {str(name or "").strip().lower(): clean(value or "") for name, value in raw.items() if name}
        content = by_id.get(row.get("external_id", "")) or by_url.get(row.get("url", ""))
        if content is None:
            faults.append(RowFault(number, _("No content of this campaign has this address.")))
            continue
        try:
            when = datetime.fromisoformat(row["at"].replace("Z", "+00:00")) if row.get("at") else now or timezone.now()
            when = timezone.make_aware(when) if timezone.is_naive(when) else when
            record_metrics(actor=actor, content=content, values=row, at=when, source="csv", now=now)
            stored += 1
        except ValueError:
            faults.append(RowFault(number, _("A moment such as 2026-03-01T14:05:00Z.")))
        except (InvalidInput, WrongState) as error:
            faults.append(RowFault(number, error.message))
    return stored, faults


def save_emv(
    *, actor: Actor, workspace: Workspace, rates: Mapping[str, Mapping[str, Any]], is_on: bool, in_roi: bool = False
) -> EmvTable:
    """The next version of the workspace's table. Off unless somebody turns it on. in_roi: a second return that adds it
    is shown beside the real one, which never changes."""
    require(actor, "workspace.change")
    read: dict[str, dict[str, str]] = {}
    for platform, row in rates.items():
        if platform not in PlatformName.values:
            raise InvalidInput(fields={"rates": [_("Known: %(known)s.") % {"known": ", ".join(PlatformName.values)}]})
        for name, value in row.items():
            try:
                amount = Decimal(str(value).strip().replace(",", "."))
                if name not in ("view", "like", "comment", "share", "save") or not 0 <= amount < 1000:
                    raise ArithmeticError
            except ArithmeticError:
                raise InvalidInput(fields={"rates": [_("Amounts per view, like, comment, share, save.")]}) from None
            read.setdefault(platform, {})[name] = str(amount)
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        last = EmvTable.objects.filter(workspace=held).order_by("-version").first()
        table = EmvTable.objects.create(
            workspace=held, version=(last.version if last else 0) + 1, rates=read, is_on=is_on, in_roi=is_on and in_roi
        )
        record_event(
            "emv.changed", table, actor=actor, data={"version": table.version, "on": is_on, "in_roi": table.in_roi}
        )
    return table
