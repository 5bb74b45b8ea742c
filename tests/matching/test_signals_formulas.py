"""The page of formulas says what the code does."""

import re
from pathlib import Path

import numpy as np

from benchmarks.observed import observe
from matching.signals.formulas import PAGE, page
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import score


def test_the_page_is_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m matching.signals.formulas"


def test_every_signal_is_explained() -> None:
    columns = score(measure(observe({}), np.zeros(0, np.uint64)), default_priors()).columns
    explained = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^Signals: .*$", page(), re.MULTILINE))))
    assert {column.name for column in columns} == explained
    assert all(f"`{column.version}`" in page() for column in columns)


def test_scoring_reads_no_clock_and_no_chance() -> None:
    for path in sorted((Path(PAGE).parent.parent / "matching" / "signals").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"datetime\.now|time\.time|default_rng|np\.random|import random|django", text), path
