"""How fast files become rows: `python -m benchmarks.ingestion [FOLDER]`, on throw-away servers of its own.

FOLDER holds the `instagram_2018` sample (default: RESONANCE_SHARED_DATA, else ../shared/data). Each run is the
command of the product, from packed file to committed row, in a fresh process on an empty database; the second
import of the same files follows, and a generated set of a million rows for memory. Prints a Markdown table.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "tests" / "data" / "instagram_2018.yaml"
GENERATED = 1_000_000


def folder() -> Path:
    given = os.environ.get("RESONANCE_SHARED_DATA")
    base = Path(given) if given else ROOT.parent / "shared" / "data"
    return Path(sys.argv[1]) if len(sys.argv) > 1 else base / "instagram_2018"


def manage(*arguments: object) -> str:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_creator, accounts_provenance, accounts_job CASCADE")
        cursor.execute("CHECKPOINT")


def timed(files: Sequence[Path], mapping: Path) -> tuple[int, int, float]:
    """(rows read, rows rejected, seconds of the whole process) of one import."""
    from accounts.models import Job

    started = time.perf_counter()
    manage("import_creators", *files, "--mapping", mapping, "-v", "0")
    seconds = time.perf_counter() - started
    job = Job.objects.latest("created_at")
    return job.done, job.rejected, seconds


def lines(real: Path, scratch: Path) -> Iterator[tuple[str, int, int, float]]:
    influencers, posts, comments = (real / name for name in ("influencers.txt", "posts.jsonl.gz", "comments.jsonl.gz"))
    yield "listed creators", *timed([influencers], MAPPING)
    yield "posts, each with its account", *timed([posts], MAPPING)
    yield "comments", *timed([comments], MAPPING)
    yield "comments again (nothing changes)", *timed([comments], MAPPING)
    empty()
    yield "all three at once", *timed([comments, posts, influencers], MAPPING)
    yield "all three again", *timed([comments, posts, influencers], MAPPING)
    empty()
    yield "a million accounts (CSV, gzip)", *timed([million(scratch)], plain(scratch))


def million(scratch: Path) -> Path:
    path = scratch / "accounts.csv.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("handle,display_name,followers,country,bio\n")
        for n in range(GENERATED):
            file.write(f"maker{n},Maker {n},{n % 90_000},FR,Bread and more bread {n}\n")
    return path


def plain(scratch: Path) -> Path:
    path = scratch / "mapping.yaml"
    names = ("handle", "display_name", "followers", "country", "bio")
    path.write_text(json.dumps({"constants": {"platform": "instagram"}, "accounts": {name: name for name in names}}))
    return path


def main() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="resonance-ingestion-"))
    os.environ.update(VAR_DIR=str(scratch), DJANGO_SETTINGS_MODULE="config.settings.dev", DEMO="0")
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    from config.embedded import Servers

    with Servers(scratch, report=lambda *_words: None).held(die_with_parent=True):
        import django

        django.setup()
        manage("migrate", "-v", "0")
        print("| What | Rows | Rejected | Seconds | Rows a second | Largest process so far |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, rows, rejected, seconds in lines(folder(), scratch):
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            print(
                f"| {name} | {rows:,} | {rejected:,} | {seconds:.1f} | {rows / seconds:,.0f} | {peak} MB |", flush=True
            )


if __name__ == "__main__":
    main()
