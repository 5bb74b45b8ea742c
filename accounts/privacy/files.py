"""Files made for a person or kept about them, below VAR_DIR; names in the database are relative to it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
COPIES = "copies"


def copies() -> Path:
    folder = Path(settings.VAR_DIR) / COPIES
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def copy_name(stored: str) -> str:
    return f"{COPIES}/{stored}"


def delete(names: Iterable[str]) -> None:
    """Removes files below VAR_DIR; one that is gone already, or lies elsewhere, is no fault."""
    root = Path(settings.VAR_DIR).resolve()
    for name in names:
        path = (root / name).resolve()
        if root in path.parents:
            path.unlink(missing_ok=True)
        else:
            logger.warning("not deleted, as it lies outside of VAR_DIR")
