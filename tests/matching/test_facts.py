"""The words beside figures: careful, in both languages, and nothing where there is nothing to say."""

import pytest
from django.utils import translation

from matching.contracts import Signal
from matching.facts import DELICATE, SIGNS, THEMES, facts_of
from matching.signals.authenticity import SIGNS as RAISED
from matching.signals.captions import DELICATE as READ
from matching.signals.captions import THEMES as NAMED
from matching.templatetags.matching import signal_interval, signal_value


def signal(name: str, **details: object) -> Signal:
    return Signal(name, "share", 0.8, 0.7, 0.9, 40, 1.0, "t", details=details)


def test_every_code_has_words() -> None:
    assert set(SIGNS) == set(RAISED) and set(DELICATE) == set(READ) and set(THEMES) == set(NAMED)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_sign_is_never_worded(language: str) -> None:
    with translation.override(language):
        assert facts_of(signal("audience_authenticity", signs=["early"], proofs=1)) == []
        (told,) = facts_of(signal("audience_authenticity", signs=["early", "returning"], proofs=2))
        assert not any(word in told.casefold() for word in ("fraud", "fraude", "fake", "faux", "cheat", "triche"))
        assert "unusual" in told.casefold() or "inhabituel" in told.casefold()


def test_a_withheld_sample_says_why_and_plain_signals_say_nothing() -> None:
    assert "too small" in facts_of(signal("audience_authenticity", withheld="few"))[0]
    assert facts_of(signal("growth")) == facts_of(signal("values")) == facts_of(signal("continuity", pivot=False)) == []
    assert facts_of(signal("values", themes={"craft": 1, "environment": 3})) == [
        "Captions that name each theme: environment (3), craft (1)"
    ]


def test_estimated_amounts_show_no_false_cents() -> None:
    price = Signal("expected_price", "EUR", 166.7, 48.6, 572.1, 9, 1.0, "t")
    assert signal_value(price) == "€167" and signal_interval(price) == "€49 – €572"
    click = Signal("cost_per_click", "EUR", 0.84, 0.2, 3.5, 9, 1.0, "t")
    assert signal_value(click) == "€0.84"
