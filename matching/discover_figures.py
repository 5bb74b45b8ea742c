"""The drawing above the results of Discover: what each costs against what they score."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.templatetags.figures import interval, money, number
from matching.cards import Card
from matching.plots.kinds import Spot, cloud
from matching.plots.sheet import Figure
from matching.services.choosing import Voice, voices

LEAST = 3
LABELLED = 6
PRICES = (50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 25_000.0, 100_000.0)


def score_by_price(actor: Actor, found: Sequence[Card]) -> Figure | None:
    """Of this page's results: fit where words were asked, else audience quality. None below three with both."""
    spoken = {voice.index.pk: voice for voice in voices(actor, [card.index.pk for card in found], {})}
    told = [(card, spoken[card.index.pk], *_score(card)) for card in found if card.index.pk in spoken]
    pairs = [(card, voice, y, low, high) for card, voice, y, low, high in told if y is not None and voice.price]
    if len(pairs) < LEAST:
        return None
    by_worth = sorted(pairs, key=lambda pair: -pair[2] / float(pair[1].price or 1))
    named = {pair[0].index.pk for pair in sorted(pairs, key=lambda pair: -pair[2])[:LABELLED]} | {
        by_worth[0][0].index.pk
    }
    words = _("match") if pairs[0][0].score is not None else _("audience quality")
    best, most = by_worth[0], max(pairs, key=lambda pair: pair[2])
    title = _("%(name)s gives the most %(what)s for the price") % {"name": best[0].index.display_name, "what": words}
    if best[0].index.pk == most[0].index.pk:
        title = _("%(name)s scores highest and costs least for it") % {"name": best[0].index.display_name}
    return Figure(
        title=title,
        draw=cloud(
            [_spot(card, voice, y, low, high, named) for card, voice, y, low, high in pairs],
            write_x=lambda v: money(round(v)), write_y=number, marks_x=PRICES,
        ),
        columns=(_("Creator"), words.capitalize(), _("90 % interval"), _("Price (EUR)")),
        rows=tuple((c.index.display_name, number(y), interval(low, high, "", 0), money(v.price)) for c, v, y, low, high in pairs),
        note=_("Upright: %(what)s of 100 with its 90 %% interval. Across: price of one post; hollow where the creator announced it, else expected.") % {"what": words},
    )  # fmt: skip


def _score(card: Card) -> tuple[float | None, float | None, float | None]:
    if card.score is not None:
        return card.score, card.low, card.high
    return card.index.audience_score, card.index.audience_low, card.index.audience_high


def _spot(card: Card, voice: Voice, y: float, low: float | None, high: float | None, named: set[int]) -> Spot:
    name = card.index.display_name
    return Spot(
        x=float(voice.price or 1.0), y=y, low=low, high=high, text=f"{name}: {number(y)}, {money(voice.price)}",
        label=name[:22] if card.index.pk in named else "", ring=voice.price_basis == "announced",
    )  # fmt: skip
