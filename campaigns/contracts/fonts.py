"""The typeface of documents: Inter, embedded, so that a PDF reads the same everywhere.

Inter comes with the browser libraries (its TrueType files). Where they are not installed, ReportLab's own Vera stands in:
narrower in scripts, but always there. What the face cannot draw is written as its code point, never left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import reportlab
from django.conf import settings
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_SAME = {"\u202f": "\u00a0", "\u2011": "-", "\u2007": "\u00a0", "\t": " ", "\u2028": "\n", "\u2029": "\n"}


@cache
def family() -> str:
    """The name of the registered family: "Inter" or "Vera", each with a bold face."""
    inter = Path(settings.BASE_DIR) / "node_modules" / "@expo-google-fonts" / "inter"
    faces = (inter / "400Regular" / "Inter_400Regular.ttf", inter / "600SemiBold" / "Inter_600SemiBold.ttf")
    name = "Inter"
    if not all(face.is_file() for face in faces):
        own = Path(reportlab.__file__).parent / "fonts"
        name, faces = "Vera", (own / "Vera.ttf", own / "VeraBd.ttf")
    for suffix, bold, face in (("", 0, faces[0]), ("-Bold", 1, faces[1])):
        pdfmetrics.registerFont(TTFont(f"{name}{suffix}", str(face)))
        for italic in (0, 1):
            addMapping(name, bold, italic, f"{name}{suffix}")
    return name


def drawable(text: str) -> str:
    """`text` with what the face lacks written as [U+1F600]."""
    known = pdfmetrics.getFont(family()).face.charToGlyph
    return "".join(ch if ch == "\n" or ord(ch) in known else _SAME.get(ch) or f"[U+{ord(ch):04X}]" for ch in text)
