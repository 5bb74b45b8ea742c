"""The seal of executed contracts: pyHanko, PAdES, with a key of the installation and, where set, a timestamp authority.

The demo and tests make a self-signed key in VAR_DIR/seal: it proves that a file has not changed, not who runs the site.
Production names its own key and certificate (SEAL_KEY_FILE, SEAL_CERTIFICATE_FILE).
"""

from __future__ import annotations

import asyncio
import io
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

FIELD = "ResonanceSeal"
AUTHORITY_SECONDS = 15
LIFE = timedelta(days=3650)


class SealDelayed(Exception):
    """The timestamp authority did not answer, or not with a token that fits. Nothing is lost: try again later."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What sealing gave. fingerprint: SHA-256 of the certificate, hex."""

    content: bytes
    fingerprint: str
    timestamp: str


def key_files() -> tuple[Path, Path]:
    """(key, certificate): the configured ones, else those of VAR_DIR/seal, made when missing."""
    if settings.SEAL_KEY_FILE and settings.SEAL_CERTIFICATE_FILE:
        return Path(settings.SEAL_KEY_FILE), Path(settings.SEAL_CERTIFICATE_FILE)
    folder = Path(settings.VAR_DIR) / "seal"
    pair = folder / "seal.pem"
    if not pair.exists():
        make_key(pair)
    return pair, pair


def make_key(path: Path) -> None:
    """A self-signed RSA key with its certificate in one file, 0600. Whoever finishes first wins, atomically."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Resonance document seal (self-signed)")])
    begin = datetime.now(UTC) - timedelta(hours=1)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    content = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    content += certificate.public_bytes(serialization.Encoding.PEM)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.parent / f".{secrets.token_hex(8)}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        os.link(part, path)  # refuses where another process was faster: its key stays
    except FileExistsError:
        pass
    finally:
        part.unlink()


@cache
def _signer(key: Path, certificate: Path) -> signers.SimpleSigner:
    passphrase = settings.SEAL_KEY_PASSPHRASE.encode() or None
    signer = signers.SimpleSigner.load(str(key), str(certificate), key_passphrase=passphrase)
    if signer is None:
        raise RuntimeError(f"The seal's key cannot be read: {key}. Check SEAL_KEY_FILE and SEAL_KEY_PASSPHRASE.")
    return signer


def signer() -> signers.SimpleSigner:
    return _signer(*key_files())


def fingerprint() -> str:
    return str(signer().signing_cert.sha256.hex())


def _apart(work: Callable[[], Any]) -> Any:
    """pyHanko runs an event loop of its own; where one runs already (a browser test), it gets a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def seal(content: bytes) -> Seal:
    """`content` (a PDF) with an embedded seal, with the token (RFC 3161) of TIMESTAMP_URL where one is set.

    Raises SealDelayed; a file without the time asked for is never made.
    """
    key, url = signer(), settings.TIMESTAMP_URL
    authority = HTTPTimeStamper(url, timeout=AUTHORITY_SECONDS) if url else None
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = io.BytesIO()

    def work() -> None:
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        signers.PdfSigner(meta, signer=key, timestamper=authority).sign_pdf(writer, output=out)

    try:
        _apart(work)
    except TimestampRequestError as error:
        raise SealDelayed(str(error)) from error
    except ValueError as error:  # an answer that is no DER
        if authority is None:
            raise
        raise SealDelayed(str(error)) from error
    if authority is not None and not _apart(lambda: _vouched(out.getvalue())):
        raise SealDelayed("the authority's token is of other bytes")
    return Seal(out.getvalue(), str(key.signing_cert.sha256.hex()), url)


def _vouched(content: bytes) -> bool:
    """Whether the authority's token really is of this seal: pyHanko takes any that answers the nonce."""
    [found] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    nobody = ValidationContext(trust_roots=[], allow_fetching=False)
    stamp = validate_pdf_signature(found, nobody, ts_validation_context=nobody).timestamp_validity
    return bool(stamp is not None and stamp.intact and stamp.valid)


def carries_seal(content: bytes) -> bool:
    """Whether a PDF holds a signature of this installation's field, valid or not. Never raises."""
    return FIELD.encode() in content


def is_intact(content: bytes) -> bool:
    """Whether the seal is ours and covers every byte of the file as it is. Never raises."""

    def work() -> bool:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        found = [one for one in reader.embedded_signatures if one.field_name == FIELD]
        if len(found) != 1:
            return False
        trusted = ValidationContext(trust_roots=[signer().signing_cert], allow_fetching=False)
        status = validate_pdf_signature(found[0], signer_validation_context=trusted)
        whole = status.coverage.name == "ENTIRE_FILE"
        ours = found[0].signer_cert.dump() == signer().signing_cert.dump()
        return bool(status.intact and status.valid and whole and ours)

    try:
        return bool(_apart(work))
    except Exception:  # whatever a stranger's file makes the reader do, the answer is no
        return False
