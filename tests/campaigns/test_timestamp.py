"""The time from an authority: a real RFC 3161 exchange over HTTP with a small server of our own, and its absence."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import keys, pem, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from accounts import events
from accounts.models import Mail
from campaigns.contracts import evidence, seal
from campaigns.models import ContractFile, Evidence
from campaigns.services import signing
from campaigns.tasks import run_due
from tests.campaigns.conftest import Stage
from tests.campaigns.contract_desk import Desk

pytestmark = pytest.mark.django_db


class Authority:
    """A timestamp authority on a free port. answer: "token", "wrong" (a token for other bytes) or "page" (HTML)."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test timestamp authority")])
        begin = datetime.now(UTC) - timedelta(hours=1)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(7).not_valid_before(begin).not_valid_after(begin + timedelta(days=2))
        certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        private = pem.unarmor(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))[2]
        self.certificate = asn1_x509.Certificate.load(pem.unarmor(certificate.public_bytes(encoding))[2])
        self.stamper = DummyTimeStamper(self.certificate, keys.PrivateKeyInfo.load(private))
        self.answer, self.asked = "token", 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsa"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(authority) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                authority.asked += 1
                assert self.headers["Content-Type"] == "application/timestamp-query"
                request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
                if authority.answer == "wrong":
                    request["message_imprint"]["hashed_message"] = b"\0" * 32
                page = authority.answer == "page"
                body = b"<p>busy</p>" if page else authority.stamper.request_tsa_response(request).dump()
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if page else "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def authority(settings) -> Iterator[Authority]:
    found = Authority()
    settings.TIMESTAMP_URL = found.url
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_the_seal_carries_the_time_an_authority_vouches_for(stage: Stage, authority: Authority) -> None:
    contract = Desk(stage).executed()
    content = bytes(signing.ensure_sealed(contract).content)
    assert seal.is_intact(content) and authority.asked
    [found] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    trusted = ValidationContext(
        trust_roots=[seal.signer().signing_cert, authority.certificate],
        allow_fetching=False,
    )
    status = validate_pdf_signature(found, trusted, ts_validation_context=trusted)
    stamp = status.timestamp_validity
    assert stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    assert abs(stamp.timestamp - datetime.now(UTC)) < timedelta(minutes=5)
    assert authority.url in Evidence.objects.get(kind="sealed").body and evidence.intact(contract)
    assert not seal.is_intact(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])


@pytest.mark.parametrize("fault", ["gone", "page", "wrong"])
def test_an_authority_that_fails_delays_the_seal_and_loses_no_signature(
    stage: Stage, authority: Authority, settings, fault: str
) -> None:
    cast, url = stage.cast, authority.url
    if fault == "gone":
        settings.TIMESTAMP_URL = "http://127.0.0.1:9/tsa"
    else:
        authority.answer = fault
    contract = Desk(stage).executed()
    while events.drain():
        pass
    run_due()
    assert contract.state == "executed" and contract.signatures.count() == 2
    assert not ContractFile.objects.filter(kind="sealed").exists()  # never one without the time that was asked for
    assert not Mail.objects.filter(kind="contract_sealed").exists()
    pdf = f"/contracts/{contract.pk}/contract.pdf"
    sent = cast.browser(cast.owner).get(pdf)
    assert sent.status_code == 200 and evidence.digest(sent.content) == contract.document_sha256
    settings.TIMESTAMP_URL, authority.answer = url, "token"
    run_due()
    run_due()
    while events.drain():
        pass
    assert ContractFile.objects.filter(kind="sealed").count() == Evidence.objects.filter(kind="sealed").count() == 1
    assert Mail.objects.filter(kind="contract_sealed").count() >= 2
    whole = cast.browser(cast.owner).get(pdf).content
    assert seal.is_intact(whole)
    shown = cast.browser(None).post("/verify/", {"file": SimpleUploadedFile("a.pdf", whole)})
    assert "not one byte has changed" in shown.text
