"""`python -m benchmarks.disclosure [COUNTRY]`: what the check says of real captions, most of which are not advertising.

Prints how many of each verdict, and a sample of what was called clear: every one of them should really be a label.
Needs the research data (see benchmarks/instagram.py); ends with a message where they are absent.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from collections import Counter
from datetime import date
from itertools import islice

from benchmarks.instagram import shared_data
from campaigns.disclosure.verdicts import Deal, check

ROWS = 12_000


def main(country: str = "US") -> None:
    path = shared_data() / "instagram_2018" / "posts.jsonl.gz"
    if not path.exists():
        raise SystemExit(f"{path} is absent: the research data are not part of the project.")
    counts: Counter[tuple[bool, str]] = Counter()
    clear: list[str] = []
    begun, read = time.perf_counter(), 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for post in map(json.loads, islice(lines, ROWS)):
            if not post["caption"]:
                continue
            read += 1
            found = check(post["caption"], countries=[country], on=date(2026, 11, 22), deal=Deal(relationship=""))
            counts[bool(post["sponsors"]), found.verdict] += 1
            if found.verdict == "clear":
                span = found.decisive.decisive
                clear.append(post["caption"][max(0, (span.start or 0) - 40) : (span.end or 0) + 40].replace("\n", " "))
    print(f"{read} captions, {read / (time.perf_counter() - begun):.0f} a second, {country}")
    for (tagged, verdict), count in sorted(counts.items()):
        print(f"  {'official sponsor tag' if tagged else 'no tag':<22}{verdict:<10}{count:>7}")
    for line in random.Random(1).sample(clear, min(40, len(clear))):
        print("  ", line)


if __name__ == "__main__":
    main(*sys.argv[1:2])
