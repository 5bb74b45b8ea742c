"""Pictures of drafts and screenshots: known by their bytes, kept under random names outside the web root."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from campaigns.models import Deliverable, Draft, ReviewFile
from campaigns.texts import one_line

MOST_BYTES = 8 << 20
MOST_FILES = 10
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}


def folder() -> Path:
    return Path(settings.VAR_DIR) / "review"


def path_of(file: ReviewFile) -> Path:
    return folder() / file.stored


def kind_of(head: bytes) -> str:
    """The type the first bytes speak of, "" when it is none we take. The sender's word is never asked."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if head[:6] in (b"GIF87a", b"GIF89a") else ""


def is_video(head: bytes) -> bool:
    """MP4, MOV and their kin (ISO base media), WebM and Matroska, AVI."""
    return head[4:8] in (b"ftyp", b"moov", b"mdat") or head[:4] == b"\x1aE\xdf\xa3" or head[8:12] == b"AVI "


def keep_all(
    files: Iterable[UploadedFile[Any]],
    *,
    deliverable: Deliverable,
    draft: Draft | None,
    kind: str,
    field: str,
    now: datetime | None = None,
) -> list[ReviewFile]:
    """Keeps every picture or none. Raises InvalidInput naming the file and the remedy."""
    given = list(files)
    if len(given) > MOST_FILES:
        raise InvalidInput(fields={field: [_("At most %(n)s pictures.") % {"n": MOST_FILES}]})
    kept: list[ReviewFile] = []
    try:
        for file in given:
            kept.append(_keep(file, deliverable, draft, kind, field, now or timezone.now()))
    except BaseException:
        for row in kept:
            path_of(row).unlink(missing_ok=True)
        raise
    return kept


def _keep(
    file: UploadedFile[Any], deliverable: Deliverable, draft: Draft | None, kind: str, field: str, now: datetime
) -> ReviewFile:
    name = one_line(PurePath(str(file.name or "").replace("\\", "/")).name, 100) or "picture"
    size = int(file.size or 0)
    pieces = iter(file.chunks())
    head = next(pieces, b"")
    if is_video(head):  # said before anything of its size: a smaller one would be refused as well
        video = _("“%(name)s” is a video. Show it by its link (an unlisted or private one), and add pictures here.")
        raise InvalidInput(fields={field: [video % {"name": name}]})
    if size > MOST_BYTES:
        limit = {"name": name, "limit": MOST_BYTES >> 20}
        raise InvalidInput(fields={field: [_("“%(name)s” is larger than %(limit)s MB. Make it smaller.") % limit]})
    content_type = kind_of(head)
    if not content_type:
        wrong = _("“%(name)s” is not a picture we can show. Use JPEG, PNG, WebP or GIF.") % {"name": name}
        raise InvalidInput(fields={field: [wrong]})
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    stored, digest = secrets.token_hex(16), hashlib.sha256()
    with (folder() / stored).open("xb") as target:
        for piece in (head, *pieces):
            digest.update(piece)
            target.write(piece)
    # What the file is called from now on follows from its bytes, so that "x.png.html" ends as a picture.
    shown = f"{PurePath(name).stem[:90]}{_ENDINGS[content_type]}"
    return ReviewFile.objects.create(
        deliverable=deliverable, draft=draft, kind=kind, name=shown, stored=stored,
        content_type=content_type, size=size, sha256=digest.hexdigest(), created_at=now,
    )  # fmt: skip
