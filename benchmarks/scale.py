"""The match at scale on throw-away servers: `python -m benchmarks.scale [--creators 100000] [--queries 10]`.

The same as `manage.py bench_match --creators N` on an empty database. A million takes some 8 GB of disk and, on two
free cores, about a quarter of an hour.
"""

from __future__ import annotations

import argparse

from benchmarks.throwaway import load, servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=10)
    options = parser.parse_args()
    with servers("scale"):
        from django.core.management import call_command

        call_command("bench_match", creators=options.creators, queries=options.queries)
        print(load())


if __name__ == "__main__":
    main()
