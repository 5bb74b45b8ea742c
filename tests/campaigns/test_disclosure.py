"""The disclosure check: everyday captions, traps, denials and disguises in the languages of the packs."""

from __future__ import annotations

import gzip
import io
import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.disclosure.labels import accepted_labels
from campaigns.disclosure.packs import COUNTRIES, all_packs, pack
from campaigns.disclosure.verdicts import Deal, check
from campaigns.disclosure.wording import said
from tests.matching.shared import folder

ON = date(2026, 11, 22)
CAPTIONS = yaml.safe_load((Path(__file__).parent / "data" / "disclosure_captions.yaml").read_text("utf-8"))
GROUPS = [(group, *row) for group, rows in CAPTIONS.items() for row in rows]


def verdict(text: str, *countries: str, language: str = "", **deal: object) -> str:
    return check(text, countries=countries, on=ON, language=language, deal=Deal(**deal)).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(("group", "country", "language", "expected", "text"), GROUPS)
def test_captions(group: str, country: str, language: str, expected: str, text: str) -> None:
    found = check(text, countries=[country], on=ON, language=language, deal=Deal(relationship=""))
    assert found.verdict == expected, found.decisive.decisive
    finding = found.decisive.decisive
    if finding.start is not None:
        assert text[finding.start : finding.end] == finding.quote


def test_every_proposed_line_is_clear_in_its_country_and_in_no_stricter_one() -> None:
    for country in COUNTRIES:
        for language in pack(country).propose:  # type: ignore[union-attr]
            for label in accepted_labels(country, language)[:1]:
                text = f"{label} – Alma Botanica\nThree mornings"
                assert verdict(text, country, language=language) == "clear", (country, label)
    assert verdict("#ad – Alma Botanica", "US") == "clear"
    assert verdict("#ad – Alma Botanica", "US", "FR") == "ambiguous"
    several = ("FR", "DE", "IE", "NL", "GB")
    assert verdict("Collaboration commerciale / Werbung / #Ad / #advertentie – Alma\nMornings", *several) == "clear"
    assert verdict("Collaboration commerciale – Alma\nWerbung – Alma\nMornings", "FR", "DE") == "clear"
    assert verdict("Mornings / Werbung – Alma", "DE") == "ambiguous"


def test_the_deal_decides_what_the_words_mean() -> None:
    gift = "Produit offert par @almabotanica, ma routine"
    assert verdict(gift, "FR", relationship="gift") == "clear"
    assert verdict(gift, "FR", relationship="paid") == "ambiguous"
    assert verdict("#Gifted lovely soap", "IE", relationship="paid") == "ambiguous"
    named = "Sponsorisé par Alma Botanica, ma routine"
    assert verdict(named, "FR", brand=("Alma Botanica",)) == "clear"
    assert verdict("Sponsorisé par Morphée, ma routine", "FR", brand=("Alma Botanica",)) != "clear"
    label = "Publicité – Alma Botanica"
    assert verdict(label, "FR", toggle=True) == "clear"
    assert verdict(label, "FR", toggle=False) == "ambiguous"
    assert verdict("Ma routine", "FR", toggle=True) == "ambiguous"
    assert verdict(label, "FR", presentation="white on white") == "ambiguous"


def test_notices_are_asked_for_by_the_deal() -> None:
    wine = Deal(notices=frozenset({"alcohol"}))
    without = check("Publicité – Cave du Port", countries=["FR"], on=ON, deal=wine)
    assert without.verdict == "ambiguous"
    assert without.decisive.decisive.rule == "fr.sector.alcohol"
    text = "Publicité – Cave du Port. L'abus d’alcool est dangereux pour la santé, à consommer avec modération."
    assert check(text, countries=["FR"], on=ON, deal=wine).verdict == "clear"
    faces = Deal(notices=frozenset({"images_virtual"}))
    assert check("Publicité – Alma", countries=["FR"], on=ON, deal=faces).verdict == "ambiguous"
    assert check("Publicité – Alma #imagesvirtuelles", countries=["FR"], on=ON, deal=faces).verdict == "clear"
    crisps = Deal(notices=frozenset({"less_healthy_food"}))
    assert check("#ad crisps", countries=["GB"], on=ON, deal=crisps).verdict == "missing"
    assert check("#ad crisps", countries=["GB"], on=date(2026, 1, 4), deal=crisps).verdict == "clear"


def test_rules_apply_from_their_day_to_their_day() -> None:
    text = "En partenariat avec @almabotanica, ma routine"
    assert check(text, countries=["FR"], on=date(2024, 11, 7), language="fr").verdict != "clear"
    assert check(text, countries=["FR"], on=date(2024, 11, 8), language="fr").verdict == "clear"
    for rules in all_packs():
        assert [rule for rule in rules.labels(ON) if rule.gives == "clear"], rules.country
        for rule in rules.rules:
            assert rule.since and rule.since <= rules.checked_on and (rule.until is None or rule.until >= rule.since)
            assert rule.url.startswith("http") and rule.citation and set(rule.says) == {"en", "fr"}
            assert rule.confidence in ("confirmed", "to_confirm", "recalled", "house")
            if rule.since > date(2023, 1, 1):
                assert rule not in rules.labels(rule.since - timedelta(days=1))


def test_the_strictest_country_decides_and_a_country_without_a_pack_is_never_clear() -> None:
    found = check("Publicité – Alma", countries=["FR", "DE", "UK"], on=ON, language="fr")
    assert [row.verdict for row in found.countries] == ["clear", "ambiguous", "ambiguous"]
    assert found.decisive.country in ("DE", "GB")
    assert verdict("#ad – Alma", "CH") == "ambiguous"
    beside = check("Publicité – Alma", countries=["FR", "CH"], on=ON, language="fr")
    assert beside.verdict == "clear" and "other_countries" in beside.to_confirm
    assert verdict("Alma", "CH") == "missing"


def test_every_finding_has_words_with_a_fix() -> None:
    for _group, country, language, expected, text in GROUPS:
        found = check(text, countries=[country], on=ON, language=language).as_json()
        for finding in found["countries"][0]["findings"]:
            told = said(finding, language=language, brand="Alma Botanica", platform="instagram")
            assert told.title and "%(" not in told.title + told.fix
            assert told.fix or finding["verdict"] == "clear", (expected, finding)


@given(st.text(max_size=300), st.sampled_from(COUNTRIES))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_verdict(text: str, country: str) -> None:
    assert verdict(text, country) in ("clear", "ambiguous", "missing")


def test_hostile_lengths_stay_quick() -> None:
    begun = time.process_time()
    for text in ("#ad" * 3000, "#" * 9000, "not a " * 3000, "@a " * 3000, "publicité ? " * 1500, "\u200b" * 9000):
        verdict(text, "US", "FR", "DE")
    assert time.process_time() - begun < 8


def test_labels_put_into_real_captions() -> None:
    """Real captions, label first, then the same label lost at the end of a row of hashtags, then denied."""
    with gzip.open(folder("instagram_2018") / "posts.jsonl.gz", "rt", encoding="utf-8") as lines:
        captions = [json.loads(line)["caption"] or "" for line, _n in zip(lines, range(300), strict=False)]
    plain = [caption for caption in captions if caption and verdict(caption, "FR", "DE") == "missing"]
    assert len(plain) > 100
    for caption in plain[:60]:
        for country, line, lost, denial in (
            ("FR", "Collaboration commerciale – Alma Botanica", "#mode #amour #publicité", "Non sponsorisé."),
            ("DE", "Werbung – Alma Botanica", "#mode #liebe #werbung", "Keine Werbung."),
        ):
            brand = ("Alma Botanica",)
            assert verdict(f"{line}\n{caption}", country, brand=brand) == "clear", (country, caption)
            assert verdict(f"{caption}\n{lost}", country, brand=brand) == "ambiguous", (country, caption)
            assert verdict(f"{denial} {caption}", country, brand=brand) == "missing", (country, caption)


def _command(tmp_path: Path, text: str, *extra: str) -> tuple[dict, str]:
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    out, err = io.StringIO(), io.StringIO()
    call_command("check_disclosure", "--csv", str(path), "--json", *extra, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def test_the_command_answers_every_row_and_names_the_bad_ones(tmp_path: Path) -> None:
    text = (
        "\ufefftext,language,jurisdiction,platform,expected\r\n"
        '"Publicité – Alma,\nma routine",fr,FR,instagram,clear\r\n'
        "Ma routine,fr,Atlantis,instagram,missing\r\n"
        "Ma routine,fr,FR;UK,instagram,missing\r\n"
        "one,two\r\n"
        '"AD [presentation: white on white]",en,UK,instagram,ambiguous\r\n'
    )
    found, problems = _command(tmp_path, text)
    assert [row["row"] for row in found["rows"]][:3] == [2, 3, 4]
    assert found["rows"][0]["verdict"] == "clear" and found["rows"][0]["span"]["text"] == "Publicité"
    assert found["rows"][1]["verdict"] is None and found["rows"][1]["error"]["column"] == "jurisdiction"
    assert "row 3: jurisdiction" in problems and "row 5" in problems
    assert found["confusion"]["right"] == found["confusion"]["judged"] == 3
    assert found["rows"][0]["rule"] == "fr.label.accepted" and found["rows"][0]["source"].startswith("https://")


def test_the_command_reads_rules_of_another_day(tmp_path: Path) -> None:
    text = "text;language;jurisdiction;platform\nSponsorisé par @alma;fr;FR;tiktok\n"
    assert _command(tmp_path, text)[0]["rows"][0]["verdict"] == "clear"
    assert _command(tmp_path, text, "--on", "2024-01-01")[0]["rows"][0]["verdict"] == "ambiguous"


@pytest.mark.parametrize(
    "raw", [b"", b"text,language\nx,fr\n", b"\xff\xfe\x00", b'text,language,jurisdiction,platform\n"a']
)
def test_the_command_refuses_a_file_it_cannot_read(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(raw)
    if raw.endswith(b'"a'):  # an open quote is a short row, not a broken file
        call_command(
            "check_disclosure", "--csv", str(path), "--json", stdout=io.StringIO(), stderr=(err := io.StringIO())
        )
        assert "row 2" in err.getvalue()
        return
    with pytest.raises(CommandError, match=r"bad\.csv"):
        call_command("check_disclosure", "--csv", str(path))


def test_the_labelled_examples(tmp_path: Path) -> None:
    found, problems = _command(tmp_path, (folder("disclosure") / "examples.csv").read_text("utf-8"))
    assert not problems
    assert found["confusion"]["judged"] >= 60
    assert found["confusion"]["share"] >= 0.95
    assert found["confusion"]["wrongly_clear"] == 0
