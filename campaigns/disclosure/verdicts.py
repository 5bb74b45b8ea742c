"""clear, ambiguous or missing: one caption against the pack of one country, and the strictest of several.

The relationship comes from the deal and is never read out of the text. Whatever text cannot show (that the label is
legible, on every frame, for the whole promotion) is listed in `to_confirm` for a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from campaigns.disclosure import denial, matching, standing
from campaigns.disclosure.matching import Brand, Match
from campaigns.disclosure.packs import ALIASES, Pack, Rule, common_hint, label_rules_elsewhere, pack, platforms
from campaigns.disclosure.reading import Caption, read

Verdict = Literal["clear", "ambiguous", "missing"]
SEVERITY = {"clear": 0, "ambiguous": 1, "missing": 2}
RELATIONSHIPS = ("paid", "gift", "affiliate", "own_brand")
READ_MOST = 6_000  # characters of a caption that are read; no network takes more


@dataclass(frozen=True, slots=True)
class Deal:
    """What the deal says about a post. relationship "" = unknown (then a paid one is supposed, except for gift labels).

    notices: keys of the notices due ("alcohol", "images_retouched", …). toggle: the network's own setting, None = not
    known. presentation: how the text stands on the picture, "" when nothing is known against it.
    """

    relationship: str = "paid"
    brand: tuple[str, ...] = ()
    notices: frozenset[str] = frozenset()
    toggle: bool | None = None
    presentation: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What decided. code names the sentence (see wording.py); start and end are offsets in the caption."""

    code: str
    verdict: Verdict
    rule: str
    country: str
    start: int | None = None
    end: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class CountryVerdict:
    country: str
    pack: str
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def decisive(self) -> Finding:
        return self.findings[0]


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict over all targeted countries with everything that led to it."""

    verdict: Verdict
    countries: tuple[CountryVerdict, ...]
    to_confirm: tuple[str, ...]
    text_hash: str
    on: date
    language: str = ""
    platform: str = ""
    line: str = field(default="")

    @property
    def decisive(self) -> CountryVerdict:
        known = [found for found in self.countries if found.pack]
        return max(known or self.countries, key=lambda found: SEVERITY[found.verdict])

    @property
    def packs(self) -> str:
        return " ".join(f"{found.country}@{found.pack}" for found in self.countries)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"on": self.on.isoformat(), "packs": self.packs}


def check(
    text: str,
    *,
    countries: Iterable[str],
    on: date,
    language: str = "",
    platform: str = "instagram",
    deal: Deal | None = None,
) -> Check:
    """Checks one caption. countries: ISO codes of the targeted audience, at least one. on: the rules of which day."""
    known = deal or Deal()
    caption = read(text[:READ_MOST], language)
    targeted = list(dict.fromkeys(ALIASES.get(code, code) for code in countries))
    found = tuple(_country(caption, code, on, language, platform, known) for code in targeted)
    # A country nobody has read the rules of cannot decide beside one whose rules are known; a person is asked instead.
    known_rules = [verdict for verdict in found if verdict.pack]
    verdicts: list[Verdict] = [verdict.verdict for verdict in known_rules or found]
    worst: Verdict = max(verdicts, key=lambda verdict: SEVERITY[verdict], default="missing")
    return Check(
        verdict=worst,
        countries=found,
        to_confirm=_to_confirm(platform, known, rules_missing=len(known_rules) < len(found)),
        text_hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        on=on,
        language=language,
        platform=platform,
    )


def _to_confirm(platform: str, deal: Deal, *, rules_missing: bool) -> tuple[str, ...]:
    asked = ["label_visible", "label_legible", "whole_duration"]
    if rules_missing:
        asked.append("other_countries")
    if platform in platforms()["toggles"] and deal.toggle is None:
        asked.append("platform_toggle")
    return tuple(asked)


def _country(caption: Caption, code: str, on: date, language: str, platform: str, deal: Deal) -> CountryVerdict:
    rules = pack(code)
    if rules is None:
        return _without_pack(caption, code, deal)
    brand = Brand.of(*deal.brand)
    findings = [_label(caption, rules, on, language, platform, deal, brand)]
    findings += _setting(rules, platform, deal, on)
    findings += _notices(caption, rules, on, deal)
    findings.sort(key=lambda finding: -SEVERITY[finding.verdict])
    return CountryVerdict(code, rules.version, findings[0].verdict, tuple(findings))


def _without_pack(caption: Caption, code: str, deal: Deal) -> CountryVerdict:
    brand = Brand.of(*deal.brand)
    hints = matching.find(caption, [*label_rules_elsewhere(""), common_hint()], brand)
    stands = [hint for hint in hints if _counts(caption, hint, brand)]
    verdict: Verdict = "ambiguous" if stands else "missing"
    where = _span(caption, stands[0]) if stands else {}
    finding = Finding("no_pack" if stands else "nothing", verdict, "", code, **where)
    return CountryVerdict(code, "", verdict, (finding,))


def _span(caption: Caption, match: Match) -> dict[str, Any]:
    start, end = match.start(caption), match.end(caption)
    return {"start": start, "end": end, "quote": caption.text[start:end]}


def _label(caption: Caption, rules: Pack, on: date, language: str, platform: str, deal: Deal, brand: Brand) -> Finding:
    """The order of the tests is the order of what a reader meets: denial, label, where, how, then hints."""
    headline = _headline(rules, on)
    denied = denial.denials(caption)
    accepted = [
        match
        for match in matching.find(caption, _accepted(rules, on, deal), brand)
        if not _inside(match, denied) and _is_label(caption, match, brand)
    ]
    for match in accepted:
        fault = _fault(caption, match, rules, language, platform, deal, denied)
        if fault == "":
            return Finding("clear", "clear", match.rule.id, rules.country, **_span(caption, match))
    if accepted:
        match = accepted[0]
        fault = _fault(caption, match, rules, language, platform, deal, denied)
        return Finding(fault, "ambiguous", match.rule.id, rules.country, **_span(caption, match))
    hint = _hint(caption, rules, on, denied, brand, deal)
    if hint is not None:
        return hint
    if deal.toggle:
        return Finding("toggle_only", "ambiguous", headline.id, rules.country)
    if denied:
        first, last = denied[0]
        start, end = caption.tokens[first].start, caption.tokens[last].end
        return Finding("denied", "missing", headline.id, rules.country, start, end, caption.text[start:end])
    return Finding("nothing", "missing", headline.id, rules.country)


def _headline(rules: Pack, on: date) -> Rule:
    dated = [rule for rule in rules.labels(on) if rule.gives == "clear"]
    return dated[0] if dated else rules.rule(rules.headline)


def _accepted(rules: Pack, on: date, deal: Deal) -> list[Rule]:
    """Labels that may be clear. Before the first dated rule of a country, today's rules are asked for."""
    dated = rules.labels(on)
    if not any(rule.gives == "clear" for rule in dated):
        dated = [rule for rule in rules.rules if rule.gives]
    gift = deal.relationship == "gift"
    return [
        rule
        for rule in dated
        if rule.gives == "clear"
        or (rule.gives == "clear_if_gift" and (gift or (not deal.relationship and rule.unknown_is_gift)))
    ]


def _inside(match: Match, denied: Sequence[tuple[int, int]]) -> bool:
    return any(first <= match.last and match.first <= last for first, last in denied)


def _is_label(caption: Caption, match: Match, brand: Brand) -> bool:
    """Whether the words stand as a label at all, wherever that is."""
    if standing.asked(caption, match):
        return match.as_tag
    if match.as_tag or match.pattern.kind in ("tag", "sentence"):
        return True
    if match.pattern.kind == "word":
        if standing.alone(caption, match, brand):
            return True
        return not match.pattern.beside_brand and (
            standing.short_word_hint(caption, match) or standing.half_said(caption, match, brand)
        )
    return True


def _fault(
    caption: Caption,
    match: Match,
    rules: Pack,
    language: str,
    platform: str,
    deal: Deal,
    denied: Sequence[tuple[int, int]],
) -> str:
    """ "" when the label is clear where and how it stands, else the code of what is wrong with it."""
    if standing.tricks(caption, match):
        return "disguised"
    if denied:
        return "contradicted"
    if deal.presentation:
        return "presentation"
    if standing.asked(caption, match):
        return "asked"
    opening = standing.opens(caption, match)
    if standing.glued_tags(caption, match) or (standing.buried(caption, match) and not opening):
        return "buried"
    if not opening and (standing.unreal(caption, match) or standing.embedded(caption, match)):
        return "unreal"
    if standing.talked_about(caption, match) or standing.just_a_word(caption, match, Brand.of(*deal.brand)):
        return "in_sentence"
    fold_at, lines = int(platforms()["fold"].get(platform, platforms()["fold"]["other"])), platforms()["fold_lines"]
    visible = standing.shown_before(caption, match.start(caption), fold_at, lines)
    if not visible:
        return "after_fold"
    anywhere = rules.position == "before_fold" and (match.as_tag or match.pattern.kind == "sentence")
    if not opening and not anywhere:
        return "not_first"
    if match.pattern.kind in ("word", "phrase") and not match.as_tag and _unfinished(caption, match, deal):
        return "in_sentence"
    if rules.language_of_post and language and match.pattern.language != language and _speaks(rules, language):
        return "language"
    return ""


def _unfinished(caption: Caption, match: Match, deal: Deal) -> bool:
    """A word in capitals or a phrase that runs on into a sentence about something else."""
    if match.pattern.kind == "word":
        return not standing.alone(caption, match, Brand.of(*deal.brand))
    named = any("{brand}" in atom for atom in match.pattern.atoms)
    return not named and not standing.closed(caption, match, Brand.of(*deal.brand))


def _speaks(rules: Pack, language: str) -> bool:
    return any(pattern.language == language for rule in rules.labels(date.max) for pattern in rule.patterns)


def _hint(
    caption: Caption,
    rules: Pack,
    on: date,
    denied: Sequence[tuple[int, int]],
    brand: Brand,
    deal: Deal,
) -> Finding | None:
    own = [
        rule
        for rule in rules.rules
        if rule.gives in ("ambiguous", "clear_if_gift") and rule.in_force(max(on, _first(rule)))
    ]
    for group, code in (
        (own, "vague"),
        (list(label_rules_elsewhere(rules.country)), "foreign_label"),
        ([common_hint()], "vague"),
    ):
        for match in matching.find(caption, group, brand):
            if not _inside(match, denied) and _counts(caption, match, brand):
                gift = match.rule.gives == "clear_if_gift"
                return Finding(
                    "gift_label" if gift else code, "ambiguous", match.rule.id, rules.country, **_span(caption, match)
                )
    # An accepted word that stands in the text without standing as a label says nothing, except at its very head.
    for match in matching.find(caption, [rule for rule in rules.labels(on) if rule.gives == "clear"], brand):
        if match.pattern.kind == "phrase" and not _inside(match, denied):
            return Finding("in_sentence", "ambiguous", match.rule.id, rules.country, **_span(caption, match))
    return None


def _first(rule: Rule) -> date:
    return rule.since or date.min


def _counts(caption: Caption, match: Match, brand: Brand) -> bool:
    """Whether a hint's words are one here. Ordinary words must stand alone; whole captions always do."""
    if standing.asked(caption, match) and not match.as_tag:
        return False
    if match.as_tag or match.pattern.kind == "tag":
        return True
    if match.pattern.kind == "word":
        if match.pattern.beside_brand:
            return False
        short = len(match.pattern.joined) <= 3
        if short and match.pattern.joined in ("ad", "adv"):
            return standing.short_word_hint(caption, match)
        return standing.alone(caption, match, brand)
    named = any("{brand}" in atom for atom in match.pattern.atoms)
    if named or len(match.pattern.atoms) > 2:
        return True
    if match.pattern.atoms[0] == frozenset(
        {"thank"}
    ):  # "Thank you" alone is the FTC's own example; in a text it is manners
        return match.first == 0 and match.last == len(caption.tokens) - 1
    return True


def _setting(rules: Pack, platform: str, deal: Deal, on: date) -> list[Finding]:
    setting = platforms()["toggles"].get(platform)
    if setting is None or deal.toggle is not False or setting["from"] > on:
        return []
    return [Finding("toggle_off", "ambiguous", setting["rule"], rules.country)]


def _notices(caption: Caption, rules: Pack, on: date, deal: Deal) -> list[Finding]:
    said = [token.text for token in caption.tokens if token.kind in ("word", "tag")]
    found = []
    for rule in rules.notices(on):
        if rule.notice not in deal.notices:
            continue
        if rule.banned:
            found.append(Finding("banned_sector", "missing", rule.id, rules.country))
        elif any(_says(said, wanted) for wanted in rule.accepts):
            found.append(Finding("notice_present", "clear", rule.id, rules.country))
        else:
            found.append(Finding("notice_missing", "ambiguous", rule.id, rules.country))
    return found


def _says(said: Sequence[str], wanted: Sequence[str]) -> bool:
    joined = "".join(wanted)
    size = len(wanted)
    return joined in said or any(tuple(said[i : i + size]) == tuple(wanted) for i in range(len(said) - size + 1))
