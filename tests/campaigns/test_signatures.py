"""Signing: codes, races, the log that cannot be changed, the sealed file, and what a changed byte does."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import get_connection
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts import events
from accounts import mail as outbox
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Mail
from campaigns.contracts import codes, document, evidence, fonts, seal, verification
from campaigns.models import Contract, ContractFile, Evidence, Partnership, Signature, SignatureCode
from campaigns.services import contract_steps, signing
from tests.campaigns.conftest import Stage, build
from tests.campaigns.contract_desk import HERE, Desk
from tests.campaigns.test_races import race, winners
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def sealed(desk: Desk, **options: Any) -> tuple[Contract, bytes]:
    contract = desk.executed(**options)
    return contract, bytes(signing.ensure_sealed(contract).content)


# --- codes


def test_a_code_is_short_lived_counted_and_never_stored_in_clear(desk: Desk) -> None:
    contract = desk.sent()
    actor, now = desk.creator(contract), datetime.now(UTC)
    code, address = signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now)
    assert address == "lea@example.org" and len(code) == 6
    row = SignatureCode.objects.get()
    assert code not in (row.code_hash, row.salt) and hashlib.sha256(code.encode()).hexdigest() != row.code_hash
    assert code in Mail.objects.get(kind="contract_code").text
    assert code not in "".join(Evidence.objects.values_list("body", flat=True))
    given = {"name": "Ada Byron", "capacity": "Creator", "agrees": True, "browser": HERE}
    with pytest.raises(WrongState) as late:
        signing.sign(actor=actor, contract=contract, code=code, now=now + codes.LIFE, **given)
    assert late.value.code == "code_expired"
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _turn in range(codes.ATTEMPTS):
        with pytest.raises(InvalidInput):
            signing.sign(actor=actor, contract=contract, code=wrong, now=now, **given)
    with pytest.raises(WrongState) as spent:  # the right one no longer helps
        signing.sign(actor=actor, contract=contract, code=code, now=now, **given)
    assert spent.value.code == "code_spent"
    assert Evidence.objects.filter(kind="code_refused").count() == codes.ATTEMPTS
    assert not Signature.objects.exists()


def test_codes_are_rationed_and_a_new_one_voids_the_old(desk: Desk) -> None:
    contract = desk.sent()
    actor, now = desk.creator(contract), datetime.now(UTC)
    first, _address = signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now)
    with pytest.raises(codes.TooManyCodes):
        signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now + timedelta(seconds=5))
    for turn in range(1, codes.CODES_PER_WINDOW):
        signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now + timedelta(minutes=turn))
    with pytest.raises(codes.TooManyCodes):
        signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now + timedelta(minutes=20))
    given = {"name": "Ada Byron", "capacity": "Creator", "agrees": True, "browser": HERE}
    with pytest.raises(InvalidInput):
        signing.sign(actor=actor, contract=contract, code=first, now=now + timedelta(minutes=5), **given)


def test_one_sides_code_does_not_sign_for_the_other(desk: Desk) -> None:
    contract = desk.sent()
    code, _address = signing.issue_code(actor=desk.creator(contract), contract=contract, browser=HERE)
    given = {"code": code, "name": "Ada Byron", "capacity": "Owner", "agrees": True, "browser": HERE}
    with pytest.raises(WrongState):
        signing.sign(actor=desk.owner, contract=contract, **given)


@pytest.mark.parametrize(
    "changes,field",
    [({"name": " "}, "name"), ({"capacity": ""}, "capacity"), ({"agrees": False}, "agrees")],
)
def test_name_capacity_and_consent_are_needed(desk: Desk, changes: dict[str, Any], field: str) -> None:
    contract = desk.sent()
    with pytest.raises(InvalidInput) as refusal:
        desk.sign(contract, "creator", **changes)
    assert list(refusal.value.fields) == [field]


def test_another_document_than_the_one_read_is_not_signed_and_a_key_never_signs(desk: Desk) -> None:
    from accounts.actors import api_actor
    from accounts.models import ApiClient

    contract = desk.sent()
    with pytest.raises(WrongState) as refusal:
        desk.sign(contract, "creator", document_sha256="0" * 64)
    assert refusal.value.code == "document_changed"
    key = api_actor(ApiClient.objects.get(name="key"))
    with pytest.raises(NotAllowed):
        signing.issue_code(actor=key, contract=contract, browser=HERE)


# --- the chain


def test_the_evidence_says_who_when_where_and_what(desk: Desk) -> None:
    contract, _content = sealed(desk)
    lines = [json.loads(row.body) for row in Evidence.objects.filter(contract=contract)]
    assert [line["kind"] for line in lines] == [
        "sent", "code_sent", "signed", "code_sent", "signed", "executed", "sealed",
    ]  # fmt: skip
    signed = lines[2]["data"]
    consent = Signature.objects.get(side="creator").consent_text
    assert signed["consent_sha256"] == hashlib.sha256(consent.encode()).hexdigest()
    assert signed["document_sha256"] == contract.document_sha256 and contract.document_sha256 in consent
    assert (signed["address"], signed["agent"], signed["email"]) == (HERE.address, HERE.agent, "lea@example.org")
    assert evidence.intact(contract)


@pytest.mark.parametrize("table", ["campaigns_evidence", "campaigns_signature", "campaigns_contractfile"])
def test_the_database_refuses_to_change_what_proves(desk: Desk, table: str) -> None:
    sealed(desk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    column = {"campaigns_evidence": "body", "campaigns_signature": "name", "campaigns_contractfile": "sha256"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_sent_contract_keeps_its_words(desk: Desk) -> None:
    contract = desk.sent()
    for change in ({"fee": 1}, {"clauses": []}, {"document_sha256": "0" * 64}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            Contract.objects.filter(pk=contract.pk).update(**change)


def _behind_the_trigger(statement: str, *values: Any) -> None:
    """What somebody with full power over the server could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


TAMPERINGS = (
    "UPDATE campaigns_evidence SET body = replace(body, 'Ada', 'Eve') WHERE kind = 'signed'",
    "UPDATE campaigns_evidence SET at = at + interval '1 second' WHERE sequence = 2",
    "UPDATE campaigns_evidence SET kind = 'opened' WHERE sequence = 2",
    "DELETE FROM campaigns_evidence WHERE sequence = 4",
    "DELETE FROM campaigns_evidence WHERE kind = 'sealed'",
    "UPDATE campaigns_signature SET name = 'Eve' WHERE side = 'brand'",
    "DELETE FROM campaigns_signature WHERE side = 'brand'",
    "UPDATE campaigns_signature SET consent_text = consent_text || ' Not.'",
    "UPDATE campaigns_contractfile SET content = set_byte(content, 900, get_byte(content, 900) # 1) WHERE kind = 'sent'",
)


def test_every_change_behind_the_trigger_is_detected(desk: Desk) -> None:
    contract, content = sealed(desk)
    assert verification.of_file(content) == "genuine"
    for statement in TAMPERINGS:
        with transaction.atomic():
            _behind_the_trigger(statement)
            assert not evidence.intact(contract), statement
            assert verification.of_file(content) == "changed", statement
            transaction.set_rollback(True)
    assert verification.of_file(content) == "genuine"


def test_the_export_is_verified_offline_and_one_byte_is_enough_to_break_it(desk: Desk) -> None:
    contract, _content = sealed(desk)
    text = json.dumps(evidence.export(contract), ensure_ascii=False)
    export = json.loads(text)
    assert evidence.broken(export["lines"], export["contract"]) is None
    for number, line in enumerate(export["lines"]):
        for name in ("body", "hash", "previous"):
            lines = [dict(one) for one in export["lines"]]
            changed = line[name][:-2] + ("0" if line[name][-2] != "0" else "1") + line[name][-1]
            lines[number] |= {name: changed}
            assert evidence.broken(lines, export["contract"]) == number + 1
    assert evidence.broken(export["lines"][1:], export["contract"]) == 1
    assert evidence.broken([], export["contract"]) == 0


# --- the file


def test_every_changed_byte_of_the_pdf_is_refused(desk: Desk) -> None:
    contract, content = sealed(desk)
    assert seal.is_intact(content)
    step = max(1, len(content) // 60)
    for place in [*range(0, len(content), step), len(content) - 1]:
        changed = bytearray(content)
        changed[place] ^= 1
        assert verification.of_file(bytes(changed)) in ("changed", "unknown"), place
    for changed in (content + b"\n", content[:-1], content + content):
        assert verification.of_file(changed) in ("changed", "unknown")
    # inside what the seal covers, the seal alone says so, without our database
    inside = bytearray(content)
    inside[2000] ^= 1
    assert not seal.is_intact(bytes(inside)) and not seal.is_intact(content + b"%x") and not seal.is_intact(b"")
    assert verification.of_hash(hashlib.sha256(content).hexdigest().upper()) == "genuine"
    assert verification.of_hash(contract.document_sha256) == "draft"
    assert verification.of_hash("0" * 64) == verification.of_hash("../etc") == "unknown"


def _fonts(reader: pypdf.PdfReader) -> dict[str, bool]:
    """Font name → embedded, for every font that draws text."""
    found = {}
    for page in reader.pages:
        used = page["/Contents"].get_object().get_data()
        for key, ref in page["/Resources"]["/Font"].items():
            font = ref.get_object()
            if f"{key} ".encode() in used:
                descriptor = font.get("/FontDescriptor") or font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                found[str(font["/BaseFont"])] = "/FontFile2" in descriptor.get_object()
    return found


HOSTILE = "<script>alert(1)</script> {{ 7*7 }} =HYPERLINK(1) ; DROP TABLE; \u202eabc\u202c & <b>gras"


def test_the_pdf_opens_with_its_fonts_in_it_and_shows_hostile_text_as_text(desk: Desk) -> None:
    long_word = "x" * 3000
    texts = {
        "own_1": f"{HOSTILE}\n{long_word}\n" + "Œuvre, naïve, 1 000 €, – « fin ». " * 60,
        "own_2": "Emoji 🌿 et 漢字",
    }
    contract = desk.sent(texts=texts, language="fr", creator_party={"name": "Zoë Žižková <i>Ł</i>"})
    content = bytes(ContractFile.objects.get(contract=contract).content)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata["/Title"]
    found = _fonts(reader)
    assert found and all(found.values()), found
    if fonts.family() == "Inter":
        text = " ".join("".join(page.extract_text() for page in reader.pages).split())
        for wanted in ("<script>alert(1)</script>", "{{ 7*7 }}", "& <b>gras", "Zoë Žižková <i>Ł</i>", "Œuvre, naïve"):
            assert wanted in text
        assert "[U+1F33F]" in text and "[U+6F22]" in text
        assert "1 000 €, – « fin »" in text.replace("\u00a0", " ")
    assert document.render(contract) == content  # the same content, the same bytes


def test_the_demo_key_is_made_once_and_kept_private(tmp_path) -> None:
    path = tmp_path / "seal" / "seal.pem"
    seal.make_key(path)
    first = path.read_bytes()
    seal.make_key(path)
    assert path.read_bytes() == first and path.stat().st_mode & 0o077 == 0
    assert sorted(p.name for p in path.parent.iterdir()) == ["seal.pem"]


# --- the whole, by its pages


def test_a_link_signs_on_a_phone_and_strangers_learn_nothing_from_the_verification(desk: Desk) -> None:
    contract = desk.sent()
    while events.drain():
        pass
    letter = Mail.objects.get(kind="contract_sent")
    link = next(word for word in letter.text.split() if "/i/" in word and word.endswith("/contract/"))
    path = link[link.index("/i/") :]
    phone = Client(headers={"Accept-Language": "fr", "User-Agent": "Phone"})
    page = phone.get(path)
    assert page.status_code == 200 and contract.brand_party["name"] in page.text
    assert Evidence.objects.filter(kind="opened").count() == 0  # a scanner fetched it; nothing is claimed
    assert phone.post(f"{path}code/").status_code == 200
    code = next(
        word for word in Mail.objects.get(kind="contract_code").text.split() if word.isdigit() and len(word) == 6
    )
    form = {"code": code, "name": "Léa Martin", "capacity": "Créatrice", "agrees": "on"}
    assert phone.post(f"{path}sign/", form | {"code": "1"}).status_code == 422
    assert phone.post(f"{path}sign/", form).status_code == 302
    assert phone.post(f"{path}sign/", form).status_code == 302  # the second click
    contract.refresh_from_db()
    assert contract.state == "signed_by_one"
    owner = desk.stage.cast.browser(desk.stage.cast.owner)
    owner.post(f"/contracts/{contract.pk}/code/")
    code = Mail.objects.filter(kind="contract_code").latest("pk").subject.split()[0]
    form = {"code": code, "name": "Camille Renard", "capacity": "CEO", "agrees": "on"}
    assert owner.post(f"/contracts/{contract.pk}/sign/", form).status_code == 302
    while events.drain():
        pass
    copies = Mail.objects.filter(kind="contract_sealed")
    assert {mail.to for mail in copies} == {"lea@example.org", "owner@example.org"}
    content = owner.get(f"/contracts/{contract.pk}/contract.pdf").content
    assert phone.get(path.replace("/contract/", "/contract.pdf")).content == content
    stranger = Client(headers={"Accept-Language": "en"})
    answer = stranger.post("/verify/", {"file": SimpleUploadedFile("a.pdf", content)})
    assert "not one byte has changed" in answer.text
    for secret in (contract.reference, "Léa", "Alma", "400"):
        assert secret not in answer.text
    changed = content.replace(b"/Resonance", b"/Rezonance", 1) if b"/Resonance" in content else content[:-9]
    answer = stranger.post("/verify/", {"file": SimpleUploadedFile("a.pdf", changed + b" ")})
    assert "not one byte has changed" not in answer.text and answer.status_code == 200


def test_both_sides_receive_the_very_file_by_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.executed()
    while events.drain():
        pass
    locmem = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(outbox, "_relay", lambda: get_connection(locmem))
    Mail.objects.exclude(kind="contract_sealed").delete()
    Mail.objects.update(state="queued")
    assert outbox.deliver() == len(mail.outbox) >= 2
    sealed = bytes(ContractFile.objects.get(kind="sealed").content)
    assert {"lea@example.org"} < {message.to[0] for message in mail.outbox}
    for message in mail.outbox:
        [(name, content, kind)] = message.attachments
        assert content == sealed and kind == "application/pdf" and name.endswith(".pdf")


def test_both_sides_read_the_reason_of_a_refusal(desk: Desk) -> None:
    contract = desk.sent()
    desk.sign(contract, "brand")
    contract_steps.void_contract(actor=desk.creator(contract), contract=contract, reason="The rights are far too wide.")
    while events.drain():
        pass
    assert "far too wide" in Mail.objects.get(kind="contract_voided").text
    with pytest.raises(WrongState):
        desk.sign(contract, "creator")
    assert evidence.intact(contract)


# --- races


@pytest.mark.django_db(transaction=True)
def test_eight_threads_with_one_code_make_one_signature(transactional_db: None, cast: Cast) -> None:
    desk = Desk(build(cast))
    contract = desk.sent()
    desk.sign(contract, "brand")
    actor, now = desk.creator(contract), datetime.now(UTC)
    code, _address = signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now)

    def sign(turn: int) -> Callable[[], Any]:
        def call() -> Any:
            row = Contract.objects.select_related("partnership").get(pk=contract.pk)
            given = {"name": f"Ada {turn}", "capacity": "Creator", "agrees": True, "browser": HERE}
            return signing.sign(actor=actor, contract=row, code=code, now=now, **given)

        return call

    def void() -> Any:
        row = Contract.objects.select_related("partnership").get(pk=contract.pk)
        return contract_steps.void_contract(actor=desk.owner, contract=row, reason="We changed our minds, sorry.")

    results = race(*(sign(turn) for turn in range(4)), void, *(sign(turn) for turn in range(4, 7)))
    won = winners(results)
    assert len(won) == 1
    contract.refresh_from_db()
    assert contract.state in ("executed", "voided")
    assert Signature.objects.filter(side="creator").count() == (contract.state == "executed")
    expected = "contracted" if contract.state == "executed" else "accepted"
    assert Partnership.objects.get(pk=contract.partnership_id).state == expected
    assert evidence.intact(contract)


@pytest.mark.django_db(transaction=True)
def test_both_sides_at_once_execute_the_contract_once_and_seal_it_once(transactional_db: None, cast: Cast) -> None:
    desk = Desk(build(cast))
    contract = desk.sent()
    now = datetime.now(UTC)
    given = {"name": "Ada Byron", "capacity": "Signer", "agrees": True, "browser": HERE, "now": now}
    calls = []
    for actor in (desk.owner, desk.creator(contract)):
        code, _address = signing.issue_code(actor=actor, contract=contract, browser=HERE, now=now)
        for _turn in range(4):

            def call(actor=actor, code=code) -> Any:
                row = Contract.objects.select_related("partnership").get(pk=contract.pk)
                return signing.sign(actor=actor, contract=row, code=code, **given)

            calls.append(call)
    assert len(winners(race(*calls))) == 2
    contract.refresh_from_db()
    assert contract.state == "executed"
    race(*[lambda: signing.ensure_sealed(Contract.objects.get(pk=contract.pk))] * 4)
    assert ContractFile.objects.filter(kind="sealed").count() == 1
    assert Evidence.objects.filter(kind="executed").count() == Evidence.objects.filter(kind="sealed").count() == 1
    assert evidence.intact(contract)
