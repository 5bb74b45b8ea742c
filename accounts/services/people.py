"""People who sign in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User


def register(*, email: str, full_name: str, password: str, language: str = "en") -> User:
    """A new person, reached at `email` by the link they hold (so the address needs no second proof)."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email,
                password,
                full_name=" ".join(full_name.split())[:120],
                language="fr" if language.startswith("fr") else "en",
            )
    except IntegrityError as error:
        raise ValidationError(
            {"__all__": [_("Somebody already signs in with this address. Sign in, then open the link again.")]}
        ) from error


def is_known(email: str) -> bool:
    """Whether somebody signs in with this address already."""
    return User.objects.filter(email=email).exists()
