"""The composer and the bulk composer as pages: what they send, what they refuse, row by row."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mail
from campaigns.models import Partnership, ScheduledInvitation
from campaigns.services.invitations import withdraw
from matching.models import Post
from tests.campaigns.conftest import SENTENCES, Stage, build, days

pytestmark = pytest.mark.django_db


def post_of(stage: Stage, creator: object) -> None:
    account = creator.accounts.get()
    now = timezone.now() - days(3)
    Post.objects.create(
        account=account, platform="instagram", external_id="p1", posted_at=now, observed_at=now, source=stage.cast.source,
        caption="Ninety days with one serum and the jar is empty. I would not buy it twice.",
    )  # fmt: skip


def test_draft_test_preview_later_and_back(stage: Stage) -> None:
    row = stage.shortlist(stage.cast.max)
    post_of(stage, stage.cast.max)
    page, brand = reverse("partnership_invite", args=[row.pk]), stage.cast.browser(stage.cast.owner)
    html = brand.get(page).content.decode()
    assert "Ninety days with one serum" in html
    begun = brand.post(page, {"draft": "0", "answer_days": "9"}).content.decode()
    assert "That line is why I thought of you" in begun and 'value="9"' in begun
    draft = brand.get(page).context["drafts"][0].text
    form = {"personal_sentence": draft, "answer_days": 7, "email": "", "follow_ups": 1}
    refused = brand.post(page, form)
    assert refused.status_code == 422 and "Finish it in your own words" in refused.content.decode()
    form["personal_sentence"] = SENTENCES[0]
    assert brand.post(page, form | {"test": "1"}).status_code == 200
    assert brand.post(page, form | {"test": "1"}).status_code == 200
    mail = Mail.objects.get(kind="partnership_test")
    assert mail.to == "owner@example.org" and SENTENCES[0] in mail.text and "/i/" not in mail.text
    later = f"{timezone.localtime() + days(2):%Y-%m-%dT%H:%M}"
    assert brand.post(page, form | {"send_at": later}).status_code == 302
    assert ScheduledInvitation.objects.get().options["follow_ups"] == 1
    detail = reverse("partnership_detail", args=[row.pk])
    assert "Goes out on" in brand.get(detail).content.decode()
    stop = reverse("partnership_unschedule", args=[row.pk])
    assert [brand.post(stop).status_code for _turn in range(2)] == [302, 302]
    assert "Not invited yet" in brand.get(detail).content.decode()


def test_several_at_once_each_row_with_its_own_reason(stage: Stage) -> None:
    cast = stage.cast
    before = stage.invite(cast.max)
    withdraw(actor=stage.owner, partnership=before, message="Plans have changed, sorry.")
    mine = build(cast)
    rows = {creator.display_name: mine.shortlist(creator) for creator in (cast.lea, cast.tom, cast.max)}
    page, brand = reverse("campaign_invite", args=[mine.campaign.pk]), cast.browser(cast.owner)
    assert brand.get(page).status_code == 200
    text = {"Léa Martin": SENTENCES[1], "Tom Reed": SENTENCES[1], "Max Blum": SENTENCES[2]}
    data = {"lines-TOTAL_FORMS": 3, "lines-INITIAL_FORMS": 3}
    for number, (name, row) in enumerate(rows.items()):
        data |= {f"lines-{number}-partnership": str(row.pk), f"lines-{number}-personal_sentence": text[name]}
    checked = brand.post(page, data | {"check": "1"})
    lines = {line["name"]: line for line in checked.context["lines"]}
    assert not Mail.objects.filter(kind="partnership_invited", to="lea@example.org").exists()
    assert not lines["Léa Martin"]["faults"] and not lines["Léa Martin"]["blocks"]
    assert lines["Tom Reed"]["faults"]  # the same sentence again
    assert [block.code for block in lines["Max Blum"]["blocks"]] == ["recent_contact"]
    sent = brand.post(page, data)
    assert sent.status_code == 200 and [line["name"] for line in sent.context["lines"]] == ["Tom Reed", "Max Blum"]
    states = {row.creator.display_name: row.state for row in Partnership.objects.filter(campaign=mine.campaign)}
    assert states == {"Léa Martin": "invited", "Tom Reed": "shortlisted", "Max Blum": "shortlisted"}
    again = brand.post(page, data)  # the second click sends nothing twice
    assert again.status_code == 200
    assert Partnership.objects.filter(campaign=mine.campaign, state="invited").count() == 1
    assert cast.browser(cast.other_owner).get(page).status_code == 404
    assert cast.browser(cast.viewer).get(page).status_code == 403


def test_the_second_look_beside_the_form_reads_what_is_typed(stage: Stage) -> None:
    brand = stage.cast.browser(stage.cast.owner)
    page = reverse("brief_check", args=[stage.campaign.pk])
    typed = {
        "product": "Un vin nature",
        "must": "Dites mot pour mot : « Ce vin est le meilleur du monde entier ».",
        "freedom": 5,
    }
    html = brand.post(page, typed | {"items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0}).content.decode()
    assert "Ce vin est le meilleur" in html and "alcohol" in html and "The freedom you grant" in html
    stage.brief.refresh_from_db()
    assert stage.brief.product == "A rosehip serum"
    assert brand.post(page, {}).status_code == 200  # nothing typed at all
    whole = brand.post(
        reverse("campaign_brief", args=[stage.campaign.pk]),
        typed | {"check": "1", "items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0},
    )
    assert whole.status_code == 200 and "Ce vin est le meilleur" in whole.content.decode()


def test_every_field_of_the_brief_is_saved_and_read_by_the_creator(stage: Stage) -> None:
    brand = stage.cast.browser(stage.cast.owner)
    page = reverse("campaign_brief", args=[stage.campaign.pk])
    form = {
        "language": "en", "product": "A serum", "goal": "People refill it.", "message": "It lasts.", "must": "", "must_not": "",
        "freedom": 4, "fee": "400", "review_rounds": 1, "answer_days": 7, "rights_uses": ["accounts", "ads"], "rights_months": 6,
        "rights": "with your name", "not_before": "2030-05-01", "assets": "Pack shots https://alma.example/p\nhttps://alma.example/q",
        "link": "https://alma.example/serum", "gives_code": "on", "label_FR": "Collaboration commerciale",
        "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "items-0-quantity": 1, "items-0-format": "post",
        "items-0-platform": "instagram", "items-0-form": "dedicated", "items-0-due_on": "2030-05-20",
    }  # fmt: skip
    assert brand.post(page, form | {"assets": "Pack shots javascript:alert(1)"}).status_code == 422
    assert brand.post(page, form | {"rights_months": ""}).status_code == 422
    assert brand.post(page, form | {"not_before": "2031-01-01"}).status_code == 422
    assert brand.post(page, form).status_code == 302
    deal = stage.invite(stage.cast.lea)
    assert "6 months" in deal.offers.get().rights and "with your name" in deal.offers.get().rights
    html = stage.cast.browser(stage.cast.lea_user).get(reverse("deal_detail", args=[deal.pk])).content.decode()
    for said in ("People refill it.", "Pack shots", "https://alma.example/serum", "6 months"):
        assert said in html
