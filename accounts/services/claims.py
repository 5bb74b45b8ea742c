"""A creator proves that a creator record is theirs: by a code in an account's biography, or by a link."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor, creator_actor
from accounts.errors import NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Creator, CreatorClaim, SocialAccount, User
from accounts.secrets import new_token, token_hash

CLAIM_LIFE = timedelta(days=14)


def open_link_claim(*, actor: Actor, creator: Creator) -> str:
    """A one-time link for the person behind `creator`; whoever opens it was reached at their address."""
    token = new_token()
    with transaction.atomic():
        claim = CreatorClaim.objects.create(
            creator=creator, method="link", token_hash=token_hash(token), expires_at=timezone.now() + CLAIM_LIFE
        )
        record_event("claim.opened", claim, actor=actor, creator_id=creator.pk, data={"method": "link"})
    return token


def open_code_claim(*, user: User, account: SocialAccount) -> CreatorClaim:
    """A short code the person puts in the account's public biography."""
    if account.creator.user_id is not None:
        raise WrongState(_("This account was already claimed."))
    with transaction.atomic():
        CreatorClaim.objects.filter(user=user, account=account, state="open").update(state="expired")
        return CreatorClaim.objects.create(
            creator=account.creator,
            account=account,
            user=user,
            method="bio_code",
            code=f"rsn-{secrets.token_hex(4)}",
            expires_at=timezone.now() + CLAIM_LIFE,
        )


def claim_of_token(token: str) -> CreatorClaim | None:
    return (
        CreatorClaim.objects.select_related("creator")
        .filter(token_hash=token_hash(token), method="link", state="open", expires_at__gt=timezone.now())
        .first()
    )


def prove_by_link(*, user: User, claim: CreatorClaim) -> Creator:
    return _prove(user, claim)


def prove_by_biography(*, user: User, claim: CreatorClaim, biography: str) -> Creator:
    """`biography` is what the network shows now (read by a connector, or by a person of the staff)."""
    if claim.user_id != user.pk:
        raise NotAllowed(_("This claim was opened by somebody else."))
    if claim.code not in biography:
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
