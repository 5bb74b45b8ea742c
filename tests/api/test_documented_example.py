"""The examples of docs/api.md, run as they stand against a served site."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accounts import events, mail
from accounts.models import Mail
from matching.models import Post
from matching.services.recompute import recompute_creators
from tests.cast import Cast

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
CAPTIONS = (
    "Mon savon saponifié à froid après trois semaines : peau sensible, aucune tiraillement, photos à l'appui",
    "Cosmétiques naturels : je compare trois savons sans parfum sur la durée",
    "Routine minimaliste, peau sensible : huile, savon naturel, rien d'autre",
    "J'ai testé un mois ce baume naturel, voici ce qui change et ce qui ne change pas",
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def run(command: list[str], source: str, **names: str) -> str:
    done = subprocess.run(command, input=source, text=True, capture_output=True, timeout=120, env=os.environ | names)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_the_documented_example_runs_from_brief_to_answer(cast: Cast, live_server: object) -> None:
    now = datetime.now(UTC)
    account = cast.lea.accounts.get()
    for number, caption in enumerate(CAPTIONS):
        Post.objects.create(
            account=account, platform="instagram", external_id=f"p{number}", posted_at=now, caption=caption, language="fr",
            likes=400 + number, comments_count=30, source=cast.source, observed_at=now,
        )  # fmt: skip
    recompute_creators([cast.lea.pk])
    address = {"BASE": live_server.url, "KEY": cast.key}

    [shell] = blocks("bash")
    answers = run(["bash", "-euo", "pipefail"], shell, **address)
    decoder = json.JSONDecoder()
    me, end = decoder.raw_decode(answers)
    match, _end = decoder.raw_decode(answers[end:].lstrip())
    assert me["workspace"] == "alma"
    assert match["results"], match

    offer, reading = blocks("python")
    printed = run([sys.executable, "-"], offer, **address)
    partnership = printed.split()[-1]
    again = run([sys.executable, "-"], offer, **address)
    assert again.split()[-1] == partnership, "the second run changes nothing"

    events.drain()
    mail.deliver()
    letter = Mail.objects.get(to="creator@example.org")
    link = re.search(r"/i/[^\s\"<>]+", letter.text)
    assert link
    creator = cast.browser(None, "fr")
    page = creator.get(f"{link[0].rstrip('/')}/accept/").content.decode()
    offer_id = re.search(r'name="offer" value="([^"]+)"', page)
    assert offer_id, page
    creator.post(f"{link[0].rstrip('/')}/accept/", {"offer": offer_id[1]})
    assert "partnership.accepted" in run([sys.executable, "-"], reading, PARTNERSHIP=partnership, **address)
