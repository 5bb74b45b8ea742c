"""The French of the interface is complete, and everybody reads in the language they asked for."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import glossary
from accounts.models import User
from accounts.wording import catalogue
from accounts.wording.extraction import extract, messages
from tests.cast import Cast

LOCALE = Path(settings.BASE_DIR) / "locale"


def of(*entries: tuple[object, object], fuzzy: bool = False) -> Catalog:
    catalog = Catalog(locale="fr")
    for msgid, string in entries:
        catalog.add(msgid, string, flags={"fuzzy"} if fuzzy else set())
    return catalog


def test_french_is_complete() -> None:
    faults = catalogue.check(extract(), catalogue.load_language(LOCALE / "fr", "fr"))
    assert [str(fault) for fault in faults] == [], "run `manage.py translations merge`, translate, compile"


def test_a_part_file_counts_and_the_main_file_wins(tmp_path: Path) -> None:
    folder = tmp_path / "fr"
    catalogue.save(of(("Save", "Enregistrer")), catalogue.main_file(folder))
    catalogue.save(of(("Save", "Garder"), ("Close", "Fermer")), folder / "parts" / "one.po")
    whole = catalogue.load_language(folder, "fr")
    assert [(message.id, message.string) for message in catalogue.entries(whole)] == [
        ("Save", "Enregistrer"),
        ("Close", "Fermer"),
    ]


def test_extraction_reads_python_and_templates(tmp_path: Path) -> None:
    code = tmp_path / "words.py"
    code.write_text(
        'a = _("One") + pgettext_lazy("place", "Home")\n'
        'b = ngettext("%(n)s post", "%(n)s posts", n)\nc = _("two " "parts")\nd = _(variable)\n'
    )
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}\n    <p title="{% trans "A title" %}">it\'s {{ x|default:_("nothing") }}</p>\n'
        "{% comment %}{% trans 'hidden' %}{% endcomment %}"
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} reply\n{% plural %}\n  {{ n }} replies\n"
        "{% endblocktranslate %}"
        '{% trans "May" context "month" %}'
    )
    assert [(text, context) for _line, text, context in messages(code)] == [
        ("One", None),
        ("Home", "place"),
        (("%(n)s post", "%(n)s posts"), None),
        ("two parts", None),
    ]
    assert [(text, context) for _line, text, context in messages(page)] == [
        ("A title", None),
        ("nothing", None),
        (("%(n)s reply", "%(n)s replies"), None),
        ("May", "month"),
    ]


@pytest.mark.parametrize(
    ("msgid", "string", "problem"),
    [
        ("Save", "", "empty"),
        ("Hello %(name)s", "Bonjour %(nom)s", "other placeholders"),
        ("Open <a>this</a>", "Ouvrez ceci", "other tags"),
        ("Really?", "Vraiment ?", "ordinary space"),
        ("Done", "Fini\u00a0!", "exclamation mark"),
        (("%(n)s post", "%(n)s posts"), ("%(n)s publication", ""), "empty"),
    ],
)
def test_a_bad_entry_is_told(msgid: object, string: object, problem: str) -> None:
    faults = catalogue.check(of((msgid, "")), of((msgid, string)))
    assert len(faults) == 1
    assert problem in str(faults[0])


def test_missing_obsolete_and_fuzzy_entries_are_told() -> None:
    assert [fault.problem for fault in catalogue.check(of(("New", "")), of(("Old", "Vieux")))] == [
        "missing",
        "obsolete",
    ]
    assert [fault.problem for fault in catalogue.check(of(("Save", "")), of(("Save", "Garder"), fuzzy=True))] == [
        "fuzzy"
    ]


def test_merge_keeps_translations_adds_parts_and_drops_what_is_gone(tmp_path: Path) -> None:
    found = of(("Save", ""), ("Why?", ""), (("%(n)s day", "%(n)s days"), ""))
    main = of(("Save", "Enregistrer"), ("Gone", "Parti"))
    part = of(
        ("Save", "Autre"), ("Why?", "Pourquoi c'est ?"), (("%(n)s day", "%(n)s days"), ("%(n)s jour", "%(n)s jours"))
    )
    merged = catalogue.merge(found, [main, part], "fr")
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    catalogue.save(merged, path)
    assert catalogue.check(found, catalogue.load(path, "fr")) == []
    assert merged.get("Save").string == "Enregistrer"
    assert merged.get("Why?").string == "Pourquoi c’est\u00a0?"
    assert merged.get("Gone") is None
    first = path.read_bytes()
    catalogue.save(catalogue.merge(found, [catalogue.load(path, "fr")], "fr"), path)
    assert path.read_bytes() == first, "merging again changes nothing"

    assert catalogue.compile_folder(tmp_path) == 1
    with path.with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Save") == "Enregistrer"
    assert words.ngettext("%(n)s day", "%(n)s days", 3) % {"n": 3} == "3 jours"
    assert catalogue.compile_folder(tmp_path) == 0, "what is newer than its source stays"


def language_of(client: Client, url: str = "/account/login/") -> str:
    page = client.get(url).content.decode()
    return page.split('<html lang="', 1)[1][:2]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.4", "fr"),
        ("en-GB", "en"),
        ("de,fr;q=0.5", "fr"),
        ("de", "en"),
        ("", "en"),
        ("*;q=x,;", "en"),
    ],
)
def test_the_browser_decides(db: None, accepted: str, language: str) -> None:
    assert language_of(Client(headers={"Accept-Language": accepted})) == language


def test_the_switch_wins_over_the_browser_and_is_kept_in_the_account(cast: Cast) -> None:
    client = cast.browser(cast.owner, "en")
    answer = client.post(reverse("set_language"), {"language": "fr", "next": "/glossary/?q=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/glossary/?q=x")
    assert language_of(client, "/glossary/") == "fr"
    assert User.objects.get(pk=cast.owner.pk).language == "fr"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_switch_never_leads_away(cast: Cast, target: str) -> None:
    answer = cast.browser(cast.owner).post(reverse("set_language"), {"language": "fr", "next": target})
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]


def test_an_unknown_language_changes_nothing(cast: Cast) -> None:
    client = cast.browser(cast.owner, "en")
    client.post(reverse("set_language"), {"language": "xx"})
    assert language_of(client, "/glossary/") == "en"
    assert User.objects.get(pk=cast.owner.pk).language == "en"


def test_the_account_decides_where_the_browser_asks_for_nothing_we_have(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(language="fr")
    assert language_of(cast.browser(cast.owner, "de"), "/glossary/") == "fr"
    assert language_of(cast.browser(cast.owner, "en"), "/glossary/") == "en"


def test_every_term_is_told_in_both_languages() -> None:
    english, french = glossary.terms("en"), glossary.terms("fr")
    assert len(english) >= 60
    assert list(english) == list(french)
    for key in english:
        for one, other in ((english[key], french[key]), (french[key], english[key])):
            assert one.name
            assert one.source
            assert len(one.definition) > 20, key
            assert bool(one.formula) == bool(other.formula), key
            assert bool(one.unit) == bool(other.unit), key
        text = f"{french[key].name} {french[key].definition} {french[key].formula}"
        assert catalogue.french(text) == text, f"{key}: French spacing or apostrophe"


@pytest.mark.parametrize(
    ("language", "query", "anchor"),
    [
        ("fr", "remanence", "half_life"),
        ("fr", "TAUX D'ENGAGEMENT", "engagement_rate"),
        ("en", "abonnés", "followers"),
        ("en", "cpm", "cpm"),
    ],
)
def test_the_glossary_is_searched_without_accents_in_both_languages(
    cast: Cast, language: str, query: str, anchor: str
) -> None:
    page = cast.browser(None, language).get(reverse("glossary"), {"q": query})
    assert f'id="{anchor}"' in page.content.decode()


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", "%%%", "\x00", "x" * 5000, "'; drop table"])
def test_the_glossary_search_bears_anything(cast: Cast, query: str) -> None:
    page = cast.browser(None).get(reverse("glossary"), {"q": query})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_the_glossary_answers_htmx_with_the_terms_only(cast: Cast) -> None:
    answer = cast.browser(None).get(reverse("glossary"), {"q": "reach"}, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]
