"""Findings in words, in the reader's language: what was decided, by which rule, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import PlatformName
from campaigns.disclosure.labels import accepted_labels
from campaigns.disclosure.packs import Rule, common_hint, pack, platforms

VERDICTS = {
    "clear": gettext_lazy("Clear"),
    "ambiguous": gettext_lazy("Ambiguous"),
    "missing": gettext_lazy("Missing"),
}
TONES = {"clear": "good", "ambiguous": "warn", "missing": "bad", "": "neutral"}
ICONS = {"clear": "circle-check", "ambiguous": "alert-triangle", "missing": "circle-x", "": "help"}

NOTICES = {
    "images_retouched": gettext_lazy("Face or figure retouched"),
    "images_virtual": gettext_lazy("Face or figure made by artificial intelligence"),
    "alcohol": gettext_lazy("Alcohol"),
    "sweet_salty_food": gettext_lazy("Sweet or salty food and drinks"),
    "gambling": gettext_lazy("Gambling"),
    "less_healthy_food": gettext_lazy("Less healthy food"),
}

TO_CONFIRM = {
    "label_visible": gettext_lazy("The label shows without tapping “more”, and nothing covers it."),
    "label_legible": gettext_lazy("It can be read: size, contrast, time on screen."),
    "whole_duration": gettext_lazy("It stands on every frame or slide that promotes, for the whole promotion."),
    "other_countries": gettext_lazy("The rules of the targeted countries that are not on file here were looked up."),
    "platform_toggle": gettext_lazy("The network’s own paid partnership setting is on."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding as people read it. rule_text and source are empty for a house rule without a source."""

    verdict: str
    country: str
    title: str
    fix: str
    quote: str
    rule: str
    rule_text: str
    citation: str
    url: str
    since: date | None
    confidence: str


def rule_of(finding: Mapping[str, Any]) -> Rule | None:
    """The rule a stored finding names, as the packs have it now."""
    found = pack(str(finding.get("country") or ""))
    wanted = str(finding.get("rule") or "")
    if wanted == common_hint().id:
        return common_hint()
    for rules in filter(None, (found, pack(wanted[:2].upper()))):
        for rule in rules.rules:
            if rule.id == wanted:
                return rule
    return None


def country_name(code: str) -> str:
    reader = (get_language() or "en")[:2]
    return str(Locale(reader if reader in ("en", "fr") else "en").territories.get(code, code))


def label_line(country: str, language: str, brand: str) -> str:
    """The exact line to paste: the first accepted label of the country, then who pays."""
    label = accepted_labels(country, language)[0]
    return f"{label} – {brand}" if brand else label


def said(finding: Mapping[str, Any], *, language: str = "", brand: str = "", platform: str = "") -> Said:
    rule = rule_of(finding)
    code, country = str(finding["code"]), str(finding["country"])
    reader = (get_language() or "en")[:2]
    names = {
        "line": label_line(country, language, brand),
        "quote": str(finding.get("quote") or ""),
        "country": country_name(country),
        "notice": rule.notice_text if rule else "",
        "platform": dict(PlatformName.choices).get(platform, platform),
    }
    title, fix = _sentences(code)
    return Said(
        verdict=str(finding["verdict"]),
        country=country,
        title=title % names,
        fix=fix % names,
        quote=names["quote"],
        rule=str(finding.get("rule") or ""),
        rule_text=(rule.says.get(reader) or rule.says["en"]) if rule else "",
        citation=rule.citation if rule else "",
        url=rule.url if rule else _setting_url(str(finding.get("rule") or "")),
        since=rule.since if rule else None,
        confidence=rule.confidence if rule else "",
    )


def _setting_url(rule: str) -> str:
    return next((entry["url"] for entry in platforms()["toggles"].values() if entry["rule"] == rule), "")


def _sentences(code: str) -> tuple[str, str]:
    begin = _("Begin the text with: %(line)s")
    table = {
        "clear": (_("“%(quote)s” is an accepted label and stands where it must."), ""),
        "not_first": (_("“%(quote)s” is an accepted label but does not open the text."), begin),
        "after_fold": (_("“%(quote)s” stands after “more”: readers do not see it."), begin),
        "buried": (_("“%(quote)s” is lost among other hashtags."), begin),
        "in_sentence": (_("“%(quote)s” is part of a sentence and not a label."), begin),
        "asked": (_("“%(quote)s” is a question and not a label."), begin),
        "unreal": (_("“%(quote)s” is used as a word of the sentence and not as a label."), begin),
        "disguised": (
            _("“%(quote)s” is written with signs that hide it from search, screen readers or the eye."),
            _("Type it again with ordinary letters: %(line)s"),
        ),
        "contradicted": (
            _("The text has a label and also says that the post is not paid."),
            _("Take out the denial; the deal says that there is something in return."),
        ),
        "presentation": (
            _("The label is hard to see where it stands."),
            _("Show it large, with contrast, uncovered, on every frame."),
        ),
        "language": (_("“%(quote)s” is not in the language of the post."), begin),
        "vague": (_("“%(quote)s” hints at a link without saying that the post is paid (%(country)s)."), begin),
        "foreign_label": (_("“%(quote)s” is a label of another country; it does not count in %(country)s."), begin),
        "gift_label": (
            _("“%(quote)s” is enough only for a gift that nothing was asked for."),
            begin,
        ),
        "toggle_only": (
            _("Only the network’s own setting says that the post is paid; the text does not."),
            begin,
        ),
        "toggle_off": (
            _("The network’s own paid partnership setting is off."),
            _("Switch it on in %(platform)s; it is needed beside the label."),
        ),
        "denied": (_("“%(quote)s” says that the post is not paid; the deal says otherwise."), begin),
        "nothing": (_("Nothing in the text says that the post is paid."), begin),
        "no_pack": (
            _("“%(quote)s” hints at it; no rule of %(country)s was checked here."),
            _("Begin with %(line)s, and have the rule of the country checked."),
        ),
        "notice_present": (_("The notice “%(notice)s” is there."), ""),
        "notice_missing": (
            _("The notice “%(notice)s” is not in the text."),
            _("Add: %(notice)s – or confirm that it shows on the picture."),
        ),
        "banned_sector": (
            _("This kind of advertising is banned in %(country)s."),
            _("Do not publish it for this country; ask counsel about exemptions."),
        ),
    }
    return table[code]
