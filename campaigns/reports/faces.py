"""The typeface of reports: Inter where its TrueType files are installed, else the Vera that ReportLab carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import reportlab
from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_LIKE = {"\u202f": "\u00a0", "\u2007": "\u00a0", "\u2011": "-", "\u2212": "-", "\u2265": ">", "\u2192": ">"}


@cache
def family() -> str:
    """Registers a plain and a bold face (name and name-Bold) and answers the name."""
    modern = Path(settings.BASE_DIR) / "node_modules/@expo-google-fonts/inter"
    choices = {
        "ReportInter": (modern / "400Regular/Inter_400Regular.ttf", modern / "600SemiBold/Inter_600SemiBold.ttf"),
        "ReportVera": tuple(Path(reportlab.__file__).parent / "fonts" / name for name in ("Vera.ttf", "VeraBd.ttf")),
    }
    name = next(name for name, files in choices.items() if all(file.is_file() for file in files))
    for suffix, file in zip(("", "-Bold"), choices[name], strict=True):
        pdfmetrics.registerFont(TTFont(name + suffix, str(file)))
    return name


def drawable(text: str) -> str:
    """`text` with what the face has no drawing for replaced by a like sign, else by a box."""
    known = pdfmetrics.getFont(family()).face.charToGlyph
    return "".join(
        c if ord(c) in known or c == "\n" else _LIKE.get(c, "\u25a1" if 0x25A1 in known else "?") for c in text
    )
