"""What somebody wrote in a mail, without what they quoted, their signature, or anything that is not text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser

from campaigns.texts import clean

PARTS_MOST = 60
BODY_MOST = 200_000
# Also written into our own letters: everything below it is ours.
LINES = ("Reply above this line", "Répondez au-dessus de cette ligne")
_CUT = re.compile(
    r"^\s*(?:"
    + "|".join(
        [
            *(rf"[#\-–—=_ ]*{re.escape(line)}.*" for line in LINES),
            r"[-_]{2,}\s*(?:Original Message|Message d[’']origine|Message transféré|Forwarded message|Message original|Ursprüngliche Nachricht)\s*[-_]*.*",
            r"(?:On|Am)\b.{5,200}\b(?:wrote|schrieb)(?:\s.{0,120})?:",
            r"Le\b.{5,200}\ba écrit\s*:.*",
            r"(?:From|De|Von|Expéditeur)\s*:\s.*\S",
            r"_{20,}",
        ]
    )
    + r")\s*$",
    re.IGNORECASE,
)
_HEADER_NEXT = re.compile(r"^\s*(?:Sent|Envoyé|Date|To|À|A|Cc|Subject|Objet|Gesendet|An|Betreff)\b\s*:", re.IGNORECASE)
_PHONE = re.compile(
    r"^\s*(?:Sent from my|Envoyé de(?:puis)? mon|Get Outlook for|Télécharger Outlook).*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """text: what this person wrote now; left_out: names of what was attached and not taken over."""

    text: str
    left_out: tuple[str, ...]


def said_in(mail: EmailMessage) -> Said:
    """The plain text of a parsed mail, or its HTML made plain. Attachments are named, never opened."""
    plain, html, left_out = "", "", []
    for number, part in enumerate(mail.walk()):
        if number >= PARTS_MOST:
            break
        if part.is_multipart():
            continue
        name = str(part.get_filename() or "")
        if name or part.get_content_disposition() == "attachment":
            left_out.append(clean(name, 120) or part.get_content_type())
        elif part.get_content_type() == "text/plain":
            plain = plain or _decoded(part)
        elif part.get_content_type() == "text/html":
            html = html or _decoded(part)
        else:
            left_out.append(part.get_content_type())
    return Said(own_words(plain if plain.strip() else to_text(html)), tuple(left_out[:10]))


def _decoded(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")[:BODY_MOST]
    except LookupError:
        return data.decode("utf-8", errors="replace")[:BODY_MOST]


def own_words(text: str) -> str:
    """A reply without what it quotes: everything from the first mark of a quotation on, then a signature."""
    lines = clean(text[:BODY_MOST]).split("\n")
    kept: list[str] = []
    for place, line in enumerate(lines):
        joined = f"{line} {lines[place + 1].strip()}" if place + 1 < len(lines) else line
        if _cuts(line, lines[place + 1 : place + 4]) or (_wrapped(line) and _CUT.match(joined[:400])):
            break
        if re.fullmatch(r"--\s?", line):
            break
        if line.lstrip().startswith(">") or _PHONE.match(line):
            continue
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _cuts(line: str, following: list[str]) -> bool:
    """Whether a quotation begins here. "De : …" alone may be somebody's sentence: a second header must follow."""
    if len(line) > 400 or not _CUT.match(line):
        return False
    if re.match(r"^\s*(?:From|De|Von|Expéditeur)\s*:", line, re.IGNORECASE):
        return any(_HEADER_NEXT.match(other) for other in following)
    return True


def _wrapped(line: str) -> bool:
    """A "Le … a écrit :" that the mail program broke in two."""
    return bool(re.match(r"^\s*(?:On|Le|Am)\s.{5,200}$", line)) and not line.rstrip().endswith((".", "!", "?"))


class _Plain(HTMLParser):
    """Text of HTML with line breaks; scripts, styles and what mail programs mark as quoted are left out."""

    VOID = frozenset(
        {"br", "img", "hr", "meta", "input", "link", "wbr", "area", "base", "col", "embed", "source", "track"}
    )
    BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "table"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        quoted = tag == "blockquote" or "gmail_quote" in marks or "divRplyFwdMsg" in marks or "moz-cite-prefix" in marks
        if tag not in self.VOID and (self.hidden or quoted or tag in ("script", "style", "head", "title")):
            self.hidden.append(tag)
        elif tag in self.BREAKS and not self.hidden:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden and self.hidden.pop() != tag:
                pass
        elif tag in self.BREAKS and not self.hidden:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))


def to_text(html: str) -> str:
    reader = _Plain()
    reader.feed(html[:BODY_MOST])
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.pieces).split("\n"))
