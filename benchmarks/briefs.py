"""Ten briefs of different kinds, in both languages, on real creators: `python -m benchmarks.briefs [--keep FOLDER]`.

Imports the posts of the creators of `instagram_2018` with two captions or more, scores everybody once, and prints the
first ten of every brief with their closest captions: to be read by a person. Nothing of the set is kept in the project.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.throwaway import ROOT, manage, servers

BRIEFS = Path(__file__).parent / "data" / "briefs.yaml"
MAPPING = ROOT / "tests" / "data" / "instagram_2018.yaml"
FIRST, LANGUAGES, FEWEST = 10, ("fr", "en"), 2


@dataclass(frozen=True)
class Row:
    """One result: captions are of the posts closest to the brief, cut."""

    handle: str
    category: str
    score: float
    why: str
    captions: tuple[str, ...]


def write_posts(source: Path, target: Path) -> int:
    """The posts of creators with two captions or more, as the file that is imported. Returns how many creators."""
    from benchmarks.instagram import read_posts

    posts = [post for post in read_posts(source) if len((post["caption"] or "").strip()) >= 10]
    n = Counter(post["username"] for post in posts)
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(json.dumps(post) + "\n" for post in posts if n[post["username"]] >= FEWEST)
    return sum(count >= FEWEST for count in n.values())


def prepare(scratch: Path) -> None:
    """Fills an empty index; one that is filled already is taken as it is."""
    from benchmarks.instagram import shared_data
    from matching.models import CreatorIndex

    if CreatorIndex.objects.exists():
        return
    print(f"{write_posts(shared_data() / 'instagram_2018', scratch / 'posts.jsonl.gz'):,} creators", flush=True)
    manage("import_creators", scratch / "posts.jsonl.gz", "--mapping", MAPPING, "-v", "0")
    print(manage("recompute", "--all").strip().splitlines()[-1], flush=True)


def answers(most: int = FIRST) -> Iterator[tuple[dict[str, Any], dict[str, list[Row]]]]:
    """(brief, language → its first results)."""
    import yaml

    from matching.briefs import parse_brief
    from matching.services.match import answer

    for brief in yaml.safe_load(BRIEFS.read_text(encoding="utf-8")):
        found = {}
        for language in LANGUAGES:
            asked = parse_brief({"text": brief[language], "language": language} | brief.get("brief", {}))
            found[language] = _rows(answer(brief=asked, limit=20).fits)
        yield brief, {language: rows[: most or None] for language, rows in found.items()}


def _rows(fits: Any) -> list[Row]:
    from accounts.models import SocialAccount
    from matching.models import Post

    names = {
        pk: (handle, category)
        for pk, handle, category in SocialAccount.objects.filter(
            creator_id__in=[f.creator_id for f in fits]
        ).values_list("creator_id", "handle", "category")
    }
    rows = []
    for fit in fits:
        reason = next((r for r in (*fit.reasons_for, *fit.reasons_against) if r.code.startswith("affinity.")), None)
        ids = [item.id for item in reason.evidence[:2]] if reason else []
        told = dict(Post.objects.filter(pk__in=ids).values_list("pk", "caption"))
        captions = tuple(" ".join(told[pk].split())[:150] for pk in ids if pk in told)
        handle, category = names[fit.creator_id]
        rows.append(Row(handle, category, fit.score, reason.code if reason else "", captions))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder of the index, kept and taken up again")
    options = parser.parse_args()
    with servers("briefs", options.keep):
        import tempfile

        with tempfile.TemporaryDirectory() as scratch:
            prepare(Path(scratch))
        for brief, found in answers(20):
            first = [{row.handle for row in found[language]} for language in LANGUAGES]
            print(f"\n## {brief['id']}: {brief['kind']}; {len(first[0] & first[1])} of the first 20 in common")
            for language in LANGUAGES:
                print(f"\n{language}: {brief[language]}")
                for place, row in enumerate(found[language][:FIRST], start=1):
                    print(f"{place:3} {row.score:5.1f} @{row.handle} ({row.category}) {row.why}")
                    for caption in row.captions:
                        print(f"          {caption}")


if __name__ == "__main__":
    main()
