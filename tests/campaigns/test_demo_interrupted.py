"""A seeding that ends too early, or with wrong numbers, changes nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.errors import InvalidInput
from accounts.models import Creator, Provenance, SocialAccount
from campaigns.demo import seed
from campaigns.demo.seed import seed_demo


@pytest.mark.django_db
def test_an_interrupted_seeding_leaves_nothing_and_may_begin_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def killed(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(seed, "_observed", killed)
    for _attempt in range(2):
        with pytest.raises(KeyboardInterrupt):
            seed_demo(creators=300, folder=tmp_path)
        assert not Creator.objects.exists()
        assert not SocialAccount.objects.exists()
        assert not Provenance.objects.exists()
    assert not (tmp_path / "demo_logins.json").exists()


@pytest.mark.django_db
def test_wrong_numbers_are_told() -> None:
    with pytest.raises(InvalidInput):
        seed_demo(creators=3)
    with pytest.raises(InvalidInput):
        seed_demo(now=timezone.now() + timedelta(days=2))
    with pytest.raises(CommandError):
        call_command("seed_demo", creators=3, stdout=StringIO())
