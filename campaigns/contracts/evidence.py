"""The log of a contract: append-only lines, each chained to the one before by SHA-256 over canonical JSON.

body = canonical JSON of {"at", "contract", "data", "kind", "previous", "sequence"}; hash = SHA-256 of its UTF-8 bytes;
`previous` of the first line is 64 zeros. Anybody with the export can verify it offline (docs/contracts.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from campaigns.models import Contract, Evidence

START = "0" * 64


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, UTF-8: the same value is always the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(contract: Contract, kind: str, data: Mapping[str, Any], *, at: datetime) -> Evidence:
    """Adds one line. The contract's row must be locked by the caller, so that two lines never share a number."""
    last = Evidence.objects.filter(contract=contract).order_by("-sequence").first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, START)
    body = canonical(
        {
            "at": stamp(at),
            "contract": str(contract.pk),
            "data": dict(data),
            "kind": kind,
            "previous": previous,
            "sequence": sequence,
        }
    )
    line: Evidence = Evidence.objects.create(
        contract=contract, sequence=sequence, kind=kind, at=at, body=body, previous=previous, hash=digest(body)
    )
    return line


def export(contract: Contract) -> dict[str, Any]:
    """The whole log as plain data: what `broken` needs and nothing else."""
    rows = Evidence.objects.filter(contract=contract).order_by("sequence")
    lines = [{"body": row.body, "hash": row.hash, "previous": row.previous, "sequence": row.sequence} for row in rows]
    return {"contract": str(contract.pk), "format": "resonance-evidence-1", "lines": lines}


def broken(lines: Iterable[Mapping[str, Any]], contract: str) -> int | None:
    """The number of the first line that does not fit, None for a whole chain. An empty log is broken at 0."""
    previous, expected = START, 1
    for line in lines:
        try:
            said = json.loads(line["body"])
        except (ValueError, TypeError, KeyError):
            return expected
        fits = (
            line["sequence"] == said.get("sequence") == expected
            and line["previous"] == said.get("previous") == previous
            and line["hash"] == digest(line["body"])
            and said.get("contract") == contract
            and canonical(said) == line["body"]
        )
        if not fits:
            return expected
        previous, expected = line["hash"], expected + 1
    return None if expected > 1 else 0


def intact(contract: Contract) -> bool:
    """Whether the chain holds, its columns say what its bodies say, and the signatures are those it names."""
    rows = list(Evidence.objects.filter(contract=contract).order_by("sequence"))
    if broken(export(contract)["lines"], str(contract.pk)) is not None:
        return False
    if any((row.kind, stamp(row.at)) != _said(row) for row in rows):
        return False
    signed = {line["side"]: line for line in (json.loads(row.body)["data"] for row in rows if row.kind == "signed")}
    for signature in contract.signatures.all():
        line = signed.pop(signature.side, None)
        if line is None or any(
            line[name] != getattr(signature, name)
            for name in ("name", "capacity", "email", "consent_sha256", "document_sha256", "address", "agent")
        ):
            return False
        if digest(signature.consent_text) != signature.consent_sha256 or line["at"] != stamp(signature.signed_at):
            return False
    return not signed and all(
        digest(bytes(file.content)) == file.sha256 and _names(rows, file.sha256) for file in contract.files.all()
    )


def _said(row: Evidence) -> tuple[str, str]:
    said = json.loads(row.body)
    return said["kind"], said["at"]


def _names(rows: Iterable[Evidence], sha256: str) -> bool:
    return any(sha256 in row.body for row in rows if row.kind in ("sent", "sealed"))
