"""Pieces of the demo: drafts, changes, publications with captions and screenshots, confirmed or flagged.

Every step goes through the services with its own moment; chance is seeded by the partnership's place in the story.
"""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from accounts.actors import Actor
from accounts.errors import DomainError
from campaigns.models import Deliverable, Partnership
from campaigns.services import publication, review
from campaigns.works import label_lines, needed_ticks, with_everything

_TEXTS = {
    "fr": (
        "Trois semaines que je m’en sers tous les matins, et voici ce que j’en pense vraiment : {message}.",
        "Je vous montre comment je l’utilise, du premier jour à aujourd’hui. {message}.",
        "On m’a posé la question vingt fois, alors je réponds en détail. {message}.",
        "Ce que j’aime, ce que j’aime moins, et pour qui c’est fait. {message}.",
    ),
    "en": (
        "Three weeks of using it every morning, and here is what I really think: {message}.",
        "How I use it, from the first day until today. {message}.",
        "You asked me twenty times, so here is the long answer. {message}.",
        "What I like, what I like less, and who it is for. {message}.",
    ),
}
_TAGS = {"fr": "#routine #quotidien #avis", "en": "#routine #everyday #honestreview"}
_CHANGE = {
    "fr": "Il manque la mention au début du texte ; et peut-on nommer le produit une fois ?",
    "en": "The label is missing at the beginning; and could you name the product once?",
}
_ASIDE = {
    "fr": ("La deuxième phrase est parfaite, gardez-la.", "Merci, je la garde."),
    "en": ("The second sentence is perfect, keep it.", "Thank you, it stays."),
}
_WAIVED = {
    "fr": "La story a expiré avant la correction ; rappel fait, prochaine publication avec la mention.",
    "en": "The story ended before it could be mended; reminded, the next post has the label.",
}
_GROUND = ((226, 219, 206), (207, 222, 217), (232, 214, 204), (214, 219, 231), (222, 226, 205))


class Maker:
    """Plays the pieces of one partnership."""

    def __init__(self, partnership: Partnership, brand: Actor, creator: Actor, now: datetime) -> None:
        self.brand, self.creator, self.now = brand, creator, now
        self.rng = random.Random(f"works:{partnership.campaign.name}:{partnership.creator.display_name}")
        self.rows = list(with_everything(brand).filter(partnership=partnership).order_by("number"))
        language = partnership.brief.language if partnership.brief else "en"
        self.language = language if language in _TEXTS else "en"
        message = (partnership.brief.message if partnership.brief else "").rstrip(".") or partnership.campaign.name
        self.sentence = self.rng.choice(_TEXTS[self.language]).format(message=message)

    def at(self, moment: datetime) -> datetime:
        return min(moment, self.now - timedelta(minutes=4))

    def text(self, row: Deliverable, label: bool = True) -> str:
        lines = "\n".join(dict.fromkeys(one.line for one in label_lines(row)))
        return f"{lines}\n{self.sentence}" if label else self.sentence

    def draft(self, row: Deliverable, at: datetime, label: bool = True) -> None:
        pictures = [self.picture(row)] if row.format in ("post", "carousel", "story") else []
        link = "" if pictures else f"https://vimeo.com/{self.rng.randrange(10**8, 10**9)}"
        text = self.text(row, label)
        review.submit_draft(
            actor=self.creator, deliverable=row, text=text, video_url=link, files=pictures, now=self.at(at)
        )

    def change(self, row: Deliverable, at: datetime) -> None:
        draft = row.drafts.first()
        if draft is not None:
            first, answer = _ASIDE[self.language]
            review.remark(actor=self.brand, draft=draft, text=first, quote=self.sentence[:60], now=self.at(at))
            review.remark(actor=self.creator, draft=draft, text=answer, now=self.at(at + timedelta(minutes=40)))
        review.request_changes(actor=self.brand, deliverable=row, note=_CHANGE[self.language], now=self.at(at))

    def approve(self, row: Deliverable, at: datetime) -> None:
        review.approve(actor=self.brand, deliverable=row, now=self.at(at))

    def approved(self, row: Deliverable, at: datetime) -> None:
        """From nothing to an approved draft in the days before `at`."""
        sent_back = row.rounds_allowed > 0 and self.rng.random() < 0.35
        self.draft(row, at - timedelta(days=5), label=not sent_back)
        if sent_back:
            self.change(row, at - timedelta(days=4))
            self.draft(row, at - timedelta(days=3))
        self.approve(row, at - timedelta(days=2))

    def publish(self, row: Deliverable, at: datetime, *, hidden: bool = False) -> None:
        text = f"{self.sentence} {_TAGS[self.language]} #ad" if hidden else self.text(row)
        publication.publish(
            actor=self.creator, deliverable=row, url=self.address(row), caption=f"{text}", toggle=True,
            files=[self.picture(row, shot=True)], now=self.at(at),
        )  # fmt: skip

    def verify(self, row: Deliverable, at: datetime) -> None:
        publication.verify(actor=self.brand, deliverable=row, ticks=needed_ticks(row), now=self.at(at))

    def address(self, row: Deliverable) -> str:
        code = "".join(self.rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789_", k=11))
        handle = "creator"
        return {
            "instagram": f"https://www.instagram.com/p/{code}/",
            "tiktok": f"https://www.tiktok.com/@{handle}/video/{self.rng.randrange(10**18, 10**19)}",
            "youtube": f"https://www.youtube.com/watch?v={code}",
            "x": f"https://x.com/{handle}/status/{self.rng.randrange(10**18, 10**19)}",
        }.get(row.platform, f"https://www.instagram.com/p/{code}/")

    def picture(self, row: Deliverable, *, shot: bool = False) -> SimpleUploadedFile:
        """A plain drawing: a picture for a draft, the same with its caption under it for a screenshot."""
        image = Image.new("RGB", (320, 420 if shot else 320), (250, 250, 247))
        pen, ground = ImageDraw.Draw(image), self.rng.choice(_GROUND)
        top = 36 if shot else 0
        pen.rectangle((0, top, 320, top + 320 - 2 * top), fill=ground)
        for _shape in range(4):
            x, y, size = self.rng.randrange(20, 250), self.rng.randrange(top + 20, 230), self.rng.randrange(30, 90)
            shade = tuple(max(0, value - self.rng.randrange(12, 70)) for value in ground)
            pen.ellipse((x, y, x + size, y + size), fill=shade)
        if shot:
            font = ImageFont.load_default(13)
            pen.text((10, 10), row.partnership.creator.display_name[:34], fill=(30, 34, 36), font=font)
            words, line, y = self.text(row).replace("\n", " ").split(), "", 296
            for word in words:
                if len(line) + len(word) > 42:
                    pen.text((10, y), line, fill=(30, 34, 36), font=font)
                    line, y = "", y + 18
                if y > 395:
                    break
                line = f"{line} {word}".strip()
            else:
                pen.text((10, y), line, fill=(30, 34, 36), font=font)
        body = io.BytesIO()
        image.save(body, "PNG", optimize=True)
        return SimpleUploadedFile("screen.png" if shot else "draft.png", body.getvalue(), "image/png")


def play_live(maker: Maker, at: datetime) -> None:
    """The first half is published at `at`; what is not out yet stands at some earlier step."""
    out = max(1, len(maker.rows) // 2)
    for place, row in enumerate(maker.rows):
        try:
            if place < out:
                maker.approved(row, at)
                hidden = maker.rng.random() < 0.22
                maker.publish(row, at + timedelta(hours=3 * place), hidden=hidden)
                if hidden and maker.rng.random() < 0.45:
                    publication.correct(
                        actor=maker.creator, deliverable=row, caption=maker.text(row), toggle=True,
                        now=maker.at(at + timedelta(days=1)),
                    )  # fmt: skip
                elif not hidden and maker.rng.random() < 0.5:
                    maker.verify(row, at + timedelta(days=1))
            else:
                _begin(maker, row, at + timedelta(days=1))
        except DomainError:
            continue  # what the law or a date holds back stays where it is


def play_rest(maker: Maker, at: datetime) -> None:
    """Everything out and confirmed, or let pass: the partnership is about to be completed."""
    for row in maker.rows:
        row.refresh_from_db()
        try:
            if row.state in ("planned", "changes_requested"):
                maker.draft(row, at - timedelta(days=4))
            if row.state == "draft_submitted":
                maker.approve(row, at - timedelta(days=3))
            if row.state == "approved":
                maker.publish(row, at - timedelta(days=2))
            fresh = with_everything(maker.brand).get(pk=row.pk)
            check = fresh.newest_check
            if fresh.state == "published" and check is not None and check.verdict == "clear":
                maker.verify(fresh, at - timedelta(days=1))
            elif fresh.state == "published" and fresh.waived_at is None:
                publication.waive(
                    actor=maker.brand, deliverable=fresh, reason=_WAIVED[maker.language], now=maker.at(at - timedelta(days=1))
                )  # fmt: skip
        except DomainError:
            continue


def play_begin(maker: Maker, at: datetime) -> None:
    """Agreed and not yet out: each piece at another step."""
    for row in maker.rows:
        try:
            _begin(maker, row, at)
        except DomainError:
            continue


def _begin(maker: Maker, row: Deliverable, at: datetime) -> None:
    step = maker.rng.choice(("planned", "shown", "shown", "sent_back", "approved"))
    if step in ("shown", "sent_back"):
        maker.draft(row, at, label=step == "shown")
    if step == "sent_back" and row.rounds_allowed:
        maker.change(row, at + timedelta(hours=20))
    if step == "approved":
        maker.draft(row, at)
        maker.approve(row, at + timedelta(hours=26))
