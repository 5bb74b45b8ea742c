"""Words for dates in French and English, without any locale of the machine."""

from __future__ import annotations

from datetime import datetime

from campaigns.demo.material import Language

MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}
WEEKDAYS = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
SEASONS = ("winter", "spring", "summer", "autumn")
THIS_SEASON = {"fr": ("cet hiver", "ce printemps", "cet été", "cet automne"), "en": SEASONS}


def season(moment: datetime) -> str:
    """Meteorological season of the northern half."""
    return SEASONS[moment.month % 12 // 3]


def words(moment: datetime, language: Language) -> dict[str, str]:
    """Slots about a moment: month, weekday, season, part of the day, hour of a train."""
    part = {"fr": ("matinée", "journée", "soirée"), "en": ("morning", "afternoon", "evening")}[language]
    hour = moment.hour
    return {
        "month": MONTHS[language][moment.month - 1],
        "weekday": WEEKDAYS[language][moment.weekday()],
        "season": THIS_SEASON[language][moment.month % 12 // 3],
        "daypart": part[0 if hour < 11 else 1 if hour < 17 else 2],
        "hour": f"{hour} h {12 + moment.minute % 40:02d}"
        if language == "fr"
        else f"{hour}:{12 + moment.minute % 40:02d}",
    }
