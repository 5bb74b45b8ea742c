"""What the public page says of a file or a fingerprint: genuine, changed, unknown. Nothing else is told."""

from __future__ import annotations

import re
from typing import Literal

from campaigns.contracts import evidence, seal
from campaigns.models import ContractFile

Verdict = Literal["genuine", "draft", "changed", "unknown"]
LARGEST = 12 * 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")


def of_file(content: bytes) -> Verdict:
    """genuine: byte for byte a contract signed by both and sealed here, its log whole. draft: as sent, unsigned.

    changed: carries our seal, but is not what was sealed. unknown: not made here, or changed beyond recognition.
    """
    found = _known(evidence.digest(content))
    if found != "unknown":
        if found == "genuine" and not seal.is_intact(content):
            return "changed"
        return found
    return "changed" if seal.carries_seal(content) else "unknown"


def of_hash(text: str) -> Verdict:
    """The same for a SHA-256 fingerprint in hex."""
    wanted = "".join(text.split()).lower()
    return _known(wanted) if _HASH.fullmatch(wanted) else "unknown"


def _known(sha256: str) -> Verdict:
    row = ContractFile.objects.select_related("contract").filter(sha256=sha256).first()
    if row is None:
        return "unknown"
    if not evidence.intact(row.contract):
        return "changed"
    return "genuine" if row.kind == "sealed" else "draft"
