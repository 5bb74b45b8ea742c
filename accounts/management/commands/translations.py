"""manage.py translations extract|merge|compile|check: the catalogues without system gettext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.wording import catalogue
from accounts.wording.extraction import extract

SOURCE_LANGUAGE = "en"


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]


class Command(BaseCommand):
    help = "Extracts, merges, compiles and checks the translations of the interface."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["extract", "merge", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.LOCALE_PATHS[0])
        getattr(self, f"_{options['action']}")(folder)

    def _extract(self, folder: Path) -> None:
        """Prints what the source says."""
        for message in catalogue.entries(extract()):
            self.stdout.write(catalogue.key_of(message)[0].replace("\n", "\\n"))

    def _merge(self, folder: Path) -> None:
        """Rewrites each django.po from the source, `<language>/parts/*.po` (newer, so they win) and itself."""
        found = extract()
        for language in languages():
            main = catalogue.main_file(folder / language)
            parts = sorted((folder / language / "parts").glob("*.po"))
            known = [catalogue.load(path, language) for path in [*parts, main]]
            merged = catalogue.merge(found, known, language)
            catalogue.save(merged, main)
            empty = sum(not all(catalogue.texts_of(m)) for m in catalogue.entries(merged))
            self.stdout.write(f"{language}: {len(list(catalogue.entries(merged)))} entries, {empty} to translate")

    def _compile(self, folder: Path) -> None:
        self.stdout.write(f"{catalogue.compile_folder(folder)} compiled")

    def _check(self, folder: Path) -> None:
        found = extract()
        faults = []
        for language in languages():
            translated = catalogue.load_language(folder / language, language)
            faults += [f"{language}: {fault}" for fault in catalogue.check(found, translated)]
        if faults:
            raise CommandError("\n".join([*faults, f"{len(faults)} faults"]))
        self.stdout.write("complete")
