"""A partner's day over the API, from a thousand creators to signed events. Run it twice: the second run changes nothing.

BASE is the site's address, KEY a key with all scopes, HOOK the address that receives events (docs/api.md).
Every step names itself: creators and the campaign by `external_id`, calls by `Idempotency-Key`, the endpoint by its
address. What was done before is found, not done again.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import requests

BASE, HOOK = os.environ["BASE"] + "/api/v1", os.environ["HOOK"]
COUNT = int(os.environ.get("CREATORS", "1000"))
site = requests.Session()
site.headers["Authorization"] = f"Bearer {os.environ['KEY']}"
SUBJECTS = ("savon saponifié à froid", "pain au levain", "randonnée en montagne", "céramique", "café de spécialité")


def call(method: str, path: str, key: str = "", body: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = site.request(method, f"{BASE}/{path}", json=body, params=params, headers=headers, timeout=120)
    if not answer.ok:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()


def creators() -> dict[str, int]:
    """A thousand creators and a post of each, with a result for every row."""
    people, posts = [], []
    for number in range(COUNT):
        subject = SUBJECTS[number % len(SUBJECTS)]
        account = {"platform": "instagram", "handle": f"atelier.{number}"}
        people.append(
            account
            | {
                "external_id": f"crm-{number}",
                "display_name": f"Atelier {number}",
                "bio": f"Je partage {subject}, essais honnêtes sur la durée",
                "followers": 4000 + 7 * number,
                "country": "FR",
                "languages": ["fr"],
                "observed_at": "2026-05-01T00:00:00Z",
            }
        )
        caption = f"Un mois avec {subject} : ce qui change, ce qui ne change pas, photos à l'appui"
        posts.append(
            account
            | {
                "external_id": f"post-{number}",
                "posted_at": "2026-04-20T10:00:00Z",
                "caption": caption,
                "likes": 200 + number % 90,
                "comments": 12 + number % 7,
                "observed_at": "2026-05-01T00:00:00Z",
            }
        )
    stored = {"rows": 0, "rejected": 0}
    for entity, rows in (("creators", people), ("posts", posts)):
        for start in range(0, len(rows), 1000):
            body = {"rows": rows[start : start + 1000], "source": "CRM"}
            answer = call("POST", f"{entity}/bulk", body=body)
            stored["rows"] += answer["stored"]
            stored["rejected"] += answer["rejected"]
    return stored


def endpoint() -> dict[str, Any]:
    """The address for events. Its secret is told once, when it is made: keep it then."""
    known = [row for row in call("GET", "webhook-endpoints", limit=100)["data"] if row["url"] == HOOK]
    if known:
        return known[0]
    events = ["partnership.invited", "partnership.seen", "partnership.accepted", "partnership.declined"]
    return call("POST", "webhook-endpoints", key="day-endpoint", body={"url": HOOK, "events": events})


def campaign() -> dict[str, Any]:
    brand = call("GET", "brands", limit=1)["data"][0]
    found = call(
        "POST",
        "campaigns",
        body={
            "brand": brand["id"],
            "name": "Spring soap",
            "external_id": "crm-2027-041",
            "objective": "consideration",
            "budget": "3000.00",
            "countries": ["FR"],
            "languages": ["fr"],
        },
    )
    if "activate" not in found["actions"]:
        return found
    call(
        "POST",
        "briefs",
        key="day-brief",
        body={
            "campaign": found["id"],
            "language": "fr",
            "product": "Savon saponifié à froid, sans parfum",
            "message": "Un savon simple qui laisse la peau tranquille",
            "deliverables": [
                {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": "2027-03-15"}
            ],
            "fee": "400.00",
            "disclosure": {"FR": "Collaboration commerciale"},
            "freedom": 4,
        },
    )
    return call("POST", f"campaigns/{found['id']}/activate", key="day-activate")


def main() -> None:
    stored = creators()
    hook = endpoint()
    running = campaign()
    brief = {
        "text": "Savon saponifié à froid, cosmétiques naturels, essais honnêtes sur la durée",
        "languages": ["fr"],
        "platforms": ["instagram"],
    }
    match = call("POST", "matches", key="day-match", body={"brief": brief, "limit": 20})
    best = match["results"][0]["creator"]
    partnership = call(
        "POST",
        "partnerships",
        key="day-shortlist",
        body={"campaign": running["id"], "creator": best["id"], "match": match["id"]},
    )
    if partnership["state"] == "shortlisted":
        sentence = "Votre mois d'essai avec photos à l'appui est exactement ce que nous cherchons pour ce savon."
        body = {"email": "creator@example.org", "personal_sentence": sentence}
        partnership = call("POST", f"partnerships/{partnership['id']}/invite", key="day-invite", body=body)
    said = {
        "stored": stored,
        "endpoint": hook["id"],
        "secret": hook.get("secret", ""),
        "campaign": running["id"],
        "match": match["id"],
        "partnership": partnership["id"],
        "state": call("GET", f"partnerships/{partnership['id']}")["state"],
    }
    print(json.dumps(said))


main()
