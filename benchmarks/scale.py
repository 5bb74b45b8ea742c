"""The match at scale on throw-away servers: `python -m benchmarks.scale [--creators 100000] [--queries 10] [--keep FOLDER]`.

The same as `manage.py bench_match --creators N` on an empty database. A million takes some 8 GB of disk and, on two
free cores, about a quarter of an hour; with `--keep` it is seeded once and measured as often as one likes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.throwaway import load, servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="folder of the database, kept and taken up again")
    parser.add_argument("--seed-only", action="store_true", help="with --keep: measure another time")
    options = parser.parse_args()
    with servers("scale", options.keep):
        from django.core.management import call_command

        if options.seed_only:
            call_command("seed_scale", creators=options.creators)
            return
        call_command("bench_match", creators=options.creators, queries=options.queries)
        print(load())


if __name__ == "__main__":
    main()
