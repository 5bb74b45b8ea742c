"""The main job over the API: campaign, brief, shortlist, invitation, answer, by brand and creator."""

import re

import pytest

from accounts import events, mail
from accounts.models import Event, Mail
from campaigns.models import Campaign, Partnership
from tests.cast import Cast

SENTENCE = "Your test of three soaps over a month, with photos of the bars getting smaller, is what we look for."


def send(cast: Cast, url: str, body: dict | None = None, key: str = "") -> object:
    return cast.api(key or cast.key).post(f"/api/v1/{url}", body or {}, content_type="application/json")


@pytest.fixture
def campaign(cast: Cast) -> str:
    made = send(
        cast,
        "campaigns",
        {
            "brand": str(cast.brand.pk),
            "name": "Spring",
            "external_id": "crm-7",
            "budget": "3000.00",
            "countries": ["FR"],
        },
    )
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    brief = send(
        cast,
        "briefs",
        {
            "campaign": pk,
            "language": "fr",
            "product": "Savon saponifié à froid",
            "message": "Un savon simple qui laisse la peau tranquille",
            "deliverables": [
                {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": "2027-03-01"}
            ],
            "fee": "400.00",
            "in_kind": "Trois savons",
            "in_kind_value": "27.00",
            "disclosure": {"FR": "Collaboration commerciale"},
            "freedom": 4,
        },
    )
    assert brief.status_code == 201, brief.content
    active = send(cast, f"campaigns/{pk}/activate")
    assert active.status_code == 200, active.content
    return pk


@pytest.fixture
def partnership(cast: Cast, campaign: str) -> str:
    made = send(cast, "partnerships", {"campaign": campaign, "creator": cast.lea.pk})
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "shortlisted"
    return made.json()["id"]


def test_the_same_external_id_never_makes_two_campaigns(cast: Cast, campaign: str) -> None:
    again = send(cast, "campaigns", {"brand": str(cast.brand.pk), "name": "Spring", "external_id": "crm-7"})
    assert (again.status_code, again.json()["id"]) == (200, campaign)
    found = cast.api(cast.key).get("/api/v1/campaigns", {"external_id": "crm-7"}).json()
    assert [row["id"] for row in found["data"]] == [campaign]
    assert Campaign.objects.count() == 1


def test_a_stranger_reaches_no_part_of_it(cast: Cast, campaign: str, partnership: str) -> None:
    for url in (f"campaigns/{campaign}", f"partnerships/{partnership}"):
        assert cast.api(cast.other_key).get(f"/api/v1/{url}").status_code == 404
    for url in (
        f"campaigns/{campaign}/cancel",
        f"partnerships/{partnership}/invite",
        f"partnerships/{partnership}/accept",
    ):
        assert send(cast, url, {"reason": "x", "personal_sentence": SENTENCE}, cast.other_key).status_code == 404
    assert send(cast, "briefs", {"campaign": campaign, "product": "x"}, cast.other_key).status_code == 422
    assert send(cast, "partnerships", {"campaign": campaign, "creator": cast.tom.pk}, cast.other_key).status_code == 422
    assert Partnership.objects.get().state == "shortlisted"


def test_from_shortlist_to_accepted_with_a_counter_offer(cast: Cast, partnership: str) -> None:
    assert "invite" in cast.api(cast.key).get(f"/api/v1/partnerships/{partnership}").json()["actions"]
    invited = send(cast, f"partnerships/{partnership}/invite", {"personal_sentence": SENTENCE})
    assert invited.status_code == 200, invited.content
    body = invited.json()
    assert body["state"] == "invited"
    assert [(offer["side"], offer["fee"]) for offer in body["offers"]] == [("brand", "400.00")]
    assert send(cast, f"partnerships/{partnership}/invite", {"personal_sentence": SENTENCE}).status_code == 409

    events.drain()
    mail.deliver()
    message = Mail.objects.get(to="lea@example.org")
    link = re.search(r"/i/[^\s\"<>]+", message.text)
    assert link, message.text
    page = cast.browser(None, "fr").get(link[0])
    assert page.status_code == 200
    assert "Collaboration commerciale" in page.content.decode()

    lea = cast.browser(cast.lea_user)
    countered = lea.post(
        f"/api/v1/partnerships/{partnership}/counter",
        {"fee": "500.00", "message": "Deux publications"},
        content_type="application/json",
    )
    assert countered.status_code == 200, countered.content
    assert countered.json()["state"] == "countered"
    accepted = send(cast, f"partnerships/{partnership}/accept")
    assert accepted.status_code == 200, accepted.content
    assert accepted.json()["state"] == "accepted"
    assert accepted.json()["offers"][-1]["state"] == "accepted"
    late = send(
        cast, f"partnerships/{partnership}/withdraw", {"message": "We are sorry, the budget was cut this morning."}
    )
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    kinds = list(Event.objects.filter(object_id=partnership).order_by("id").values_list("kind", flat=True))
    assert kinds[-3:] == ["partnership.invited", "partnership.countered", "partnership.accepted"]


def test_a_creator_never_reads_what_was_not_sent_to_them(cast: Cast, partnership: str) -> None:
    lea = cast.browser(cast.lea_user)
    assert lea.get(f"/api/v1/partnerships/{partnership}").status_code == 404
    send(cast, f"partnerships/{partnership}/invite", {"personal_sentence": SENTENCE})
    assert lea.get(f"/api/v1/partnerships/{partnership}").status_code == 200
    assert cast.browser(cast.tom_user).get(f"/api/v1/partnerships/{partnership}").status_code == 404


@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        ("campaigns", {"brand": "nope", "name": "x"}, "/brand"),
        ("campaigns", {"name": "x", "budget": "-1"}, "/budget"),
        ("campaigns", {"name": "x", "budget": "1e400"}, "/budget"),
        ("campaigns", {"name": "x", "starts_on": "2026-02-30"}, "/starts_on"),
        ("campaigns", {"name": "x", "countries": ["Frankreich"]}, "/countries/0"),
        ("campaigns", {"name": "x", "places": 99999999999}, "/places"),
        ("partnerships", {"campaign": "x", "creator": 10**30}, "/creator"),
    ],
)
def test_bad_input_names_the_field(cast: Cast, url: str, body: dict, field: str) -> None:
    response = send(cast, url, {"brand": str(cast.brand.pk)} | body if url == "campaigns" else body)
    assert response.status_code == 422, response.content
    assert field in {error["pointer"] for error in response.json()["errors"]}
    assert not Campaign.objects.exists()
