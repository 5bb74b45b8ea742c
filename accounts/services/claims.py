"""A creator proves that a creator record is theirs: by a code in an account's biography, or by a link."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor, creator_actor
from accounts.errors import NotAllowed, WrongState
from accounts.events import record_event
from accounts.handles import clean_handle, handle_key
from accounts.mail import queue_mail
from accounts.models import Creator, CreatorClaim, Membership, SocialAccount, User
from accounts.models.provenance import SourceKind
from accounts.permissions import require
from accounts.secrets import new_token, token_hash

CLAIM_LIFE = timedelta(days=14)
LINK_LIFE = timedelta(days=2)
CODE_SALT = "accounts.claims.code"
_READ_BY_US = frozenset({SourceKind.CONNECTOR, SourceKind.IMPORT})


def open_link_claim(*, actor: Actor, creator: Creator) -> str:
    """A one-time link for the person behind `creator`; whoever opens it was reached at their address."""
    token = new_token()
    with transaction.atomic():
        claim = CreatorClaim.objects.create(
            creator=creator, method="link", token_hash=token_hash(token), expires_at=timezone.now() + CLAIM_LIFE
        )
        record_event("claim.opened", claim, actor=actor, creator_id=creator.pk, data={"method": "link"})
    return token


def claimable_account(*, platform: str, handle: str) -> SocialAccount | None:
    """The account of this name on this network, if nobody has claimed its creator yet."""
    name = clean_handle(handle)
    if name is None:
        return None
    rows = SocialAccount.objects.filter(creator__user__isnull=True, creator__erased_at__isnull=True)
    return rows.select_related("creator").filter(platform=platform, handle_key=handle_key(name)).first()


def mail_code_link(*, platform: str, handle: str, email: str, language: str = "en") -> None:
    """Mails the link behind which the code waits. Who asks learns nothing: whether a profile exists, and whose
    address it is, stands only in the message. One message a day for each address and account."""
    account = claimable_account(platform=platform, handle=handle)
    day = timezone.now().date().isoformat()
    subject_hash = token_hash(f"{platform} {handle_key(handle)} {email.lower()}")[:24]
    with translation.override("fr" if language.startswith("fr") else "en"):
        if account is None:
            subject = _("No profile to claim here")
            text = _(
                "Somebody, probably you, asked on Resonance to claim the account @%(handle)s.\n\nNo profile of that name "
                "can be claimed: either nothing is kept about it, or it was claimed already."
            ) % {"handle": handle.lstrip("@")}
        else:
            token = signing.dumps({"account": account.pk, "email": email.lower()}, salt=CODE_SALT)
            link = settings.BASE_URL + reverse("claim_code", args=[token])
            subject = _("Your code for @%(handle)s") % {"handle": account.handle}
            text = _(
                "Somebody, probably you, asked on Resonance to claim the account @%(handle)s.\n\nOpen this link within "
                "2 days to receive the code that proves it is yours:\n%(link)s\n\nIf it was not you, do nothing."
            ) % {"handle": account.handle, "link": link}
    queue_mail(
        dedupe_key=f"claim:{subject_hash}:{day}",
        kind="creator_claim",
        to=email,
        subject=subject,
        text=text,
        language=language,
    )


def wish_of_token(token: str) -> tuple[SocialAccount, str] | None:
    """(account, mail address) of a mailed link; None when it is false, older than 2 days, or the account is taken."""
    try:
        wish = signing.loads(token, salt=CODE_SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        return None
    rows = SocialAccount.objects.filter(creator__user__isnull=True, creator__erased_at__isnull=True)
    account = rows.select_related("creator").filter(pk=wish["account"]).first()
    return (account, wish["email"]) if account else None


def open_code_claim(*, user: User, account: SocialAccount) -> CreatorClaim:
    """A short code the person puts in the account's public biography."""
    if account.creator.user_id is not None:
        raise WrongState(_("This account was already claimed."))
    if Creator.objects.filter(user=user).exists() or Membership.objects.filter(user=user).exists():
        raise WrongState(_("Your user already stands for somebody else here. Ask again with another address."))
    with transaction.atomic():
        CreatorClaim.objects.filter(user=user, method="bio_code", state="open").update(state="expired")
        claim = CreatorClaim.objects.create(
            creator=account.creator,
            account=account,
            user=user,
            method="bio_code",
            code=f"rsn-{secrets.token_hex(4)}",
            expires_at=timezone.now() + CLAIM_LIFE,
        )
        person = Actor(kind="anonymous", id=str(user.pk), name=user.display_name, user_id=user.pk)
        record_event("claim.opened", claim, actor=person, data={"method": "bio_code"})
    return claim


def open_claims() -> QuerySet[CreatorClaim]:
    """Codes that wait to be seen, oldest first."""
    rows = CreatorClaim.objects.filter(method="bio_code", state="open", expires_at__gt=timezone.now())
    return rows.select_related("account__source", "creator", "user").order_by("created_at")


def confirm_claim(*, actor: Actor, claim: CreatorClaim, biography: str) -> Creator:
    """A person of the staff saw `biography` on the network; the code must stand in what they paste."""
    require(actor, "claim.confirm")
    if claim.user is None:
        raise WrongState(_("This claim is no longer open."))
    creator = prove_by_biography(user=claim.user, claim=claim, biography=biography)
    record_event("claim.confirmed", claim, actor=actor)
    return creator


def refuse_claim(*, actor: Actor, claim: CreatorClaim) -> None:
    require(actor, "claim.confirm")
    with transaction.atomic():
        if not CreatorClaim.objects.filter(pk=claim.pk, state="open").update(state="refused"):
            raise WrongState(_("This claim is no longer open."))
        record_event("claim.refused", claim, actor=actor)


def confirm_from_data() -> int:
    """Proves the claims whose code stands in a biography that the installation itself read since. Files and calls
    of a workspace never count: a brand could write any biography. Returns how many were proved."""
    proved = 0
    for claim in open_claims().exclude(account=None):
        if claim.account is not None and claim.user is not None and stands_in_data(claim):
            with suppress(WrongState):
                prove_by_biography(user=claim.user, claim=claim, biography=claim.account.bio)
                proved += 1
    return proved


def stands_in_data(claim: CreatorClaim) -> bool:
    """Whether a biography that the installation read after the claim holds its code."""
    account = claim.account
    if account is None or account.source is None or account.observed_at is None or not claim.code:
        return False
    read_by_us = account.source.workspace_id is None and account.source.kind in _READ_BY_US
    return read_by_us and account.observed_at >= claim.created_at and claim.code in account.bio


def claim_of_token(token: str) -> CreatorClaim | None:
    return (
        CreatorClaim.objects.select_related("creator")
        .filter(token_hash=token_hash(token), method="link", state="open", expires_at__gt=timezone.now())
        .first()
    )


def prove_by_link(*, user: User, claim: CreatorClaim) -> Creator:
    return _prove(user, claim)


def prove_by_biography(*, user: User, claim: CreatorClaim, biography: str) -> Creator:
    """`biography` is what the network shows now (read by a connector, or pasted by the staff)."""
    if claim.user_id != user.pk:
        raise NotAllowed(_("This claim was opened by somebody else."))
    if not claim.code or claim.code not in biography:
        raise WrongState(
            _("The code %(code)s is not in the biography yet.") % {"code": claim.code}, code="code_not_found"
        )
    return _prove(user, claim)


def _prove(user: User, claim: CreatorClaim) -> Creator:
    now = timezone.now()
    try:
        with transaction.atomic():
            if not CreatorClaim.objects.filter(pk=claim.pk, state="open", expires_at__gt=now).update(
                state="proved", user=user
            ):
                raise WrongState(_("This claim is no longer open."))
            if not Creator.objects.filter(pk=claim.creator_id, user__isnull=True, erased_at__isnull=True).update(
                user=user, claimed_at=now
            ):
                raise WrongState(_("This creator was already claimed."))
            creator = Creator.objects.get(pk=claim.creator_id)
            record_event("creator.claimed", creator, actor=creator_actor(creator, user), creator_id=creator.pk)
            return creator
    except IntegrityError as error:
        raise WrongState(_("Your user already stands for another creator.")) from error
