"""What a creator may contest, in words: every score with its figure, every account, every post they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Creator, SocialAccount
from accounts.templatetags.figures import number
from campaigns.models import Dispute
from matching.models import Post
from matching.profiles import current_signals, signal_label
from matching.templatetags.matching import signal_value

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Subject:
    """key: as stored. shown: what stands there now. workspace_id: who brought it, None where the installation did."""

    key: str
    label: str
    shown: str = ""
    version: str = ""
    workspace_id: UUID | None = None


def subjects(actor: Actor, creator: Creator) -> list[tuple[str, list[Subject]]]:
    """Groups of what may be contested: (title, subjects)."""
    row, signals = current_signals(actor, creator)
    version = row.engine_version if row else ""
    scores = [
        Subject(f"score:{name}", str(signal_label(name)), signal_value(signal), version)
        for name, signal in sorted(signals.items(), key=lambda pair: str(signal_label(pair[0])))
        if signal.known
    ]
    held = creator.accounts.select_related("source").order_by("platform", "handle")
    accounts = [_account(one) for one in held]
    groups = [
        (_("Scores"), scores),
        (_("Accounts"), accounts),
        (_("Something else"), [Subject(OTHER, _("Another fact"))]),
    ]
    return [(title, found) for title, found in groups if found]


def subject(actor: Actor, creator: Creator, key: str) -> Subject | None:
    """The subject of this key as it stands now; None where this creator has no such thing."""
    kind, _colon, number_ = key.partition(":")
    if kind == "post" and number_.isascii() and number_.isdigit() and len(number_) < 19:
        post = Post.visible_to(actor).filter(pk=number_, account__creator=creator).select_related("source").first()
        return _post(post) if post else None
    return next((one for _title, group in subjects(actor, creator) for one in group if one.key == key), None)


def _account(account: SocialAccount) -> Subject:
    counted = _("%(n)s followers") % {"n": number(account.followers)} if account.followers is not None else "–"
    return Subject(
        f"account:{account.pk}", f"@{account.handle} ({account.get_platform_display()})", counted, "",
        _brought_by(account),
    )  # fmt: skip


def _post(post: Post) -> Subject:
    words = " ".join(post.caption.split())[:80] or post.url or str(post.posted_at.date())
    told = _("counted as sponsored") if post.is_sponsored else _("counted as not sponsored")
    return Subject(f"post:{post.pk}", _("Post: %(words)s") % {"words": words}, told, "", _brought_by(post))


def _brought_by(row: Any) -> UUID | None:
    return row.source.workspace_id if row.source is not None else None


def subject_label(dispute: Dispute) -> str:
    """What was contested, by name, also when it is gone."""
    kind, _colon, key = dispute.subject.partition(":")
    if kind == "score":
        return str(signal_label(key))
    if kind == "account":
        account = SocialAccount.objects.filter(pk=key).first()
        return str(account) if account else _("An account")
    if kind == "post":
        post = Post.objects.filter(pk=key).only("caption").first()
        return _("Post: %(words)s") % {"words": " ".join(post.caption.split())[:80]} if post else _("A post")
    return _("Another fact")
