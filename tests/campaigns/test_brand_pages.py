"""Campaign pages: strangers, readers, forms without JavaScript, the pipeline and its file, the mailbox."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client

from accounts import events
from accounts.models import Mail
from campaigns.briefs import to_matching_brief
from campaigns.models import Brief, Campaign, Partnership
from campaigns.services import answers
from campaigns.services.briefs import save_brief
from campaigns.services.campaigns import create_campaign
from campaigns.services.shortlist import annotate
from matching.briefs import parse_brief
from tests.campaigns.conftest import DELIVERABLES, SENTENCES, Stage, utc

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(stage: Stage) -> Client:
    return stage.cast.browser(stage.cast.owner)


def pages(stage: Stage, partnership: Partnership) -> list[str]:
    campaign = f"/campaigns/{stage.campaign.pk}/"
    return [
        campaign,
        *(
            f"{campaign}{part}"
            for part in ("brief/", "brief/1/", "match/", "pipeline/", "pipeline/?view=table", "pipeline.csv")
        ),
        f"/partnerships/{partnership.pk}/",
    ]


def writes(stage: Stage, partnership: Partnership) -> list[str]:
    campaign, row = f"/campaigns/{stage.campaign.pk}/", f"/partnerships/{partnership.pk}/"
    verbs = "invite remind extend withdraw accept counter cancel note remove contract go_live complete"
    return [
        *(f"{campaign}{verb}/" for verb in ("edit", "activate", "close", "cancel", "brief", "shortlist")),
        *(f"{row}{verb}/" for verb in verbs.split()),
    ]


def test_strangers_find_nothing_and_readers_change_nothing(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    before = Partnership.objects.values().get(pk=partnership.pk)
    stranger = stage.cast.browser(stage.cast.other_owner)
    guest = stage.cast.browser(stage.cast.viewer)
    anonymous = stage.cast.browser(None)
    for url in pages(stage, partnership):
        assert stranger.get(url).status_code == 404, url
        assert guest.get(url).status_code == 200, url
        assert anonymous.get(url).status_code == 302, url
    for url in writes(stage, partnership):
        assert stranger.post(url).status_code == 404, url
        assert guest.post(url).status_code == 403, url
        assert anonymous.post(url).status_code == 302, url
    assert Partnership.objects.values().get(pk=partnership.pk) == before
    assert Campaign.objects.get(pk=stage.campaign.pk).state == "active"


def test_a_reader_is_offered_no_buttons(stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    guest = stage.cast.browser(stage.cast.viewer)
    for url in pages(stage, partnership):
        if url.endswith("csv"):
            continue
        main = guest.get(url).text.split("<main", 1)[1].split("</main>")[0]
        assert "<form" not in main or 'method="post"' not in main, url


def form_of(stage: Stage, **changes: str) -> dict[str, str]:
    form = {
        "language": "fr",
        "product": "Night oil",
        "message": "It does less, and says so.",
        "freedom": "4",
        "fee": "350,50",
        "review_rounds": "1",
        "answer_days": "5",
        "label_FR": "Publicité",
        "text": "People who write about simple care and plant oils",
        "topics": "skincare, refill",
        "followers_min": "5000",
        "followers_max": "80000",
        "wished_languages": "fr",
        "wished_countries": "FR",
        "platforms": "instagram",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-quantity": "2",
        "items-0-format": "story",
        "items-0-platform": "instagram",
        "items-0-form": "test",
    }
    return form | changes


def test_the_form_and_the_json_ask_the_engine_the_same(desk: Client, stage: Stage) -> None:
    campaign = create_campaign(
        actor=stage.owner, brand=stage.cast.brand, name="Night", countries=["FR"], languages=["fr"]
    )
    assert desk.post(f"/campaigns/{campaign.pk}/brief/", form_of(stage)).status_code == 302
    brief = Brief.objects.get(campaign=campaign)
    assert brief.disclosure == {"FR": "Publicité"} and str(brief.fee) == "350.50"
    asked = to_matching_brief(campaign, brief)
    wanted = {
        "text": "People who write about simple care and plant oils",
        "language": "fr",
        "product": "Night oil",
        "topics": ["skincare", "refill"],
        "languages": ["fr"],
        "countries": ["FR"],
        "platforms": ["instagram"],
        "followers_min": 5000,
        "followers_max": 80000,
        "forms": ["test"],
        "sectors": ["cosmetics"],
        "budget_per_creator": "350.50",
        "currency": "EUR",
    }
    assert asked == parse_brief(wanted)


def test_an_item_is_added_without_javascript_and_nothing_is_lost(desk: Client, stage: Stage) -> None:
    campaign = create_campaign(actor=stage.owner, brand=stage.cast.brand, name="Night", countries=["FR"])
    url = f"/campaigns/{campaign.pk}/brief/"
    assert desk.get(f"{url}?template=long_test").status_code == 200
    page = desk.post(url, form_of(stage, add_item="1", message="")).text
    assert 'name="items-1-quantity"' in page and "Night oil" in page and 'items-TOTAL_FORMS" value="2"' in page
    assert not Brief.objects.filter(campaign=campaign).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"message": ""}, "id_message"),
        ({"fee": "a lot"}, "id_fee"),
        ({"freedom": "9"}, "id_freedom"),
        ({"answer_days": "400"}, "id_answer_days"),
        ({"label_FR": "#sponso"}, "id_label_FR"),
        ({"product": "Hello {{name}}"}, "id_product"),
        ({"followers_min": "90000", "followers_max": "10"}, ""),
        ({"items-0-quantity": "0"}, ""),
        ({"items-TOTAL_FORMS": "x"}, ""),
        ({"in_kind": "A trip", "in_kind_value": ""}, "id_in_kind_value"),
    ],
)
def test_a_wrong_brief_is_shown_with_its_fault(desk: Client, stage: Stage, wrong: dict, field: str) -> None:
    campaign = create_campaign(actor=stage.owner, brand=stage.cast.brand, name="Night", countries=["FR"])
    response = desk.post(f"/campaigns/{campaign.pk}/brief/", form_of(stage, **wrong))
    assert response.status_code == 422
    assert field in response.text
    assert not Brief.objects.filter(campaign=campaign).exists()


def test_a_brief_saved_by_two_people_does_not_lose_the_first(desk: Client, stage: Stage) -> None:
    url = f"/campaigns/{stage.campaign.pk}/brief/"
    based_on = re.search(r'name="based_on" value="([^"]+)"', desk.get(url).text)[1]
    save_brief(actor=stage.owner, campaign=stage.campaign, message="The colleague's words.")
    response = desk.post(url, form_of(stage, based_on=based_on))
    assert response.status_code == 409 and "It does less, and says so." in response.text
    assert Brief.objects.get(campaign=stage.campaign).message == "The colleague's words."


def test_a_draft_says_what_is_missing_before_it_can_be_activated(desk: Client, stage: Stage) -> None:
    campaign = create_campaign(actor=stage.owner, brand=stage.cast.brand, name="Empty")
    response = desk.post(f"/campaigns/{campaign.pk}/activate/")
    assert response.status_code == 422 and "Write the brief." in response.text
    save_brief(actor=stage.owner, campaign=campaign, product="Soap", deliverables=DELIVERABLES, fee="100")
    response = desk.post(f"/campaigns/{campaign.pk}/activate/")
    assert "Say the message in one sentence." in response.text
    save_brief(actor=stage.owner, campaign=campaign, message="Plain soap.")
    assert desk.post(f"/campaigns/{campaign.pk}/activate/").status_code == 302
    assert desk.post(f"/campaigns/{campaign.pk}/activate/").status_code == 409


def test_composing_previews_in_the_creators_language_and_sends_once(desk: Client, stage: Stage) -> None:
    partnership = stage.shortlist(stage.cast.lea)
    url = f"/partnerships/{partnership.pk}/invite/"
    form = {"personal_sentence": SENTENCES[2], "email": "", "fee": "420", "answer_days": "6"}
    preview = desk.post(url, form | {"preview": "1"})
    assert preview.status_code == 200 and "€420" in preview.text.replace("420\xa0€", "€420")
    assert 'lang="fr"' in preview.text and SENTENCES[2] in preview.text
    assert Partnership.objects.get(pk=partnership.pk).state == "shortlisted"
    assert desk.post(url, form | {"personal_sentence": "Nice feed"}).status_code == 422
    assert desk.post(url, form).status_code == 302
    assert desk.post(url, form).status_code == 302  # a second click finds it sent
    assert Partnership.objects.get(pk=partnership.pk).offers.get().fee == 420


def test_obstacles_are_shown_before_writing(desk: Client, stage: Stage) -> None:
    stage.cast.max.contact_email = ""
    stage.cast.max.save(update_fields=["contact_email"])
    partnership = stage.shortlist(stage.cast.max)
    body = desk.get(f"/partnerships/{partnership.pk}/invite/").text
    assert "There is no address for this creator" in body
    response = desk.post(
        f"/partnerships/{partnership.pk}/invite/", {"personal_sentence": SENTENCES[0], "answer_days": "7"}
    )
    assert response.status_code == 409 and SENTENCES[0] in response.text


def test_the_brand_answers_a_counter_offer_on_its_page(desk: Client, stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.counter_offer(actor=stage.link_actor(partnership), partnership=partnership, fee="480")
    url = f"/partnerships/{partnership.pk}/"
    assert "€400 → €480" in desk.get(url).text
    form = {"fee": "440", "in_kind": "Two bottles", "in_kind_value": "60", "item_0": "1", "item_1": "3"}
    assert desk.post(f"{url}counter/", form | {"fee": "x"}).status_code == 422
    assert (
        desk.post(f"{url}counter/", form | {"rights": "Instagram, 6 months", "due_on": "2030-05-25"}).status_code == 302
    )
    assert desk.post(f"{url}accept/").status_code == 409  # its own offer is on the table
    answers.accept(actor=stage.link_actor(partnership), partnership=partnership)
    assert desk.post(f"{url}withdraw/", {"message": "Too late, we are sorry."}).status_code == 409
    assert desk.post(f"{url}no-contract/", {"reason": "One story only, agreed by mail."}).status_code == 302
    assert Partnership.objects.get(pk=partnership.pk).state == "contracted"
    for verb in ("go_live", "complete"):
        assert desk.post(f"{url}{verb}/").status_code == 302
        assert desk.post(f"{url}{verb}/").status_code == 409
    assert Partnership.objects.get(pk=partnership.pk).state == "completed"


def test_the_file_of_the_pipeline_is_no_formula(desk: Client, stage: Stage, many) -> None:
    [person] = many(1)
    type(person).objects.filter(pk=person.pk).update(display_name='=HYPERLINK("http://x";"y")')
    person.refresh_from_db()
    partnership = stage.shortlist(person)
    annotate(actor=stage.owner, partnership=partnership, note="@SUM(A1)\n+1")
    stage.invite(stage.cast.lea)
    response = desk.get(f"/campaigns/{stage.campaign.pk}/pipeline.csv?sort=name")
    assert response["Content-Type"].startswith("text/csv") and "attachment" in response["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 3 and len({len(row) for row in rows}) == 1
    assert [row[1] for row in rows[1:]] == ['\'=HYPERLINK("http://x";"y")', "Léa Martin"]
    assert rows[1][-1] == "'@SUM(A1)\n+1"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize(
    "sort", ["name", "-name", "state", "score", "-fee", "deadline", "changed", "--x", "pk", "'; drop"]
)
def test_every_order_of_the_table_answers(desk: Client, stage: Stage, sort: str) -> None:
    stage.invite(stage.cast.lea)
    stage.shortlist(stage.cast.max)
    response = desk.get(f"/campaigns/{stage.campaign.pk}/pipeline/", {"view": "table", "sort": sort})
    assert response.status_code == 200 and "Léa Martin" in response.text
    names = re.findall(r"(Léa Martin|Max Blum)</a>", response.text)
    if sort.lstrip("-") == "name":
        assert names == (["Léa Martin", "Max Blum"] if sort == "name" else ["Max Blum", "Léa Martin"])


def test_home_tells_what_waits_and_only_here(desk: Client, stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea)
    answers.counter_offer(actor=stage.link_actor(partnership), partnership=partnership, fee="480")
    assert "Léa Martin proposes other terms" in desk.get("/").text
    other = stage.cast.browser(stage.cast.other_owner).get("/")
    assert other.status_code == 200 and "Léa" not in other.text
    assert stage.cast.browser(stage.cast.lea_user).get("/")["Location"] == "/deals/"
    assert stage.cast.browser(None).get("/")["Location"].startswith("/account/login/")
    assert stage.cast.browser(stage.cast.staff).get("/")["Location"] == "/staff/"


def test_a_creator_is_shortlisted_from_anywhere(desk: Client, stage: Stage) -> None:
    url = f"/creators/{stage.cast.max.pk}/shortlist/"
    assert stage.campaign.name in desk.get(url).text
    assert desk.post(url, {"campaign": "nonsense"}).status_code == 404
    assert desk.post(url, {"campaign": stage.campaign.pk}).status_code == 302
    assert Partnership.objects.get().state == "shortlisted"
    assert "already there" in desk.get(url).text
    stranger = stage.cast.browser(stage.cast.other_owner)
    assert stranger.post(url, {"campaign": stage.campaign.pk}).status_code == 404


def test_the_mailbox_shows_ones_own_mail_and_exists_in_the_demo_only(stage: Stage, settings) -> None:
    partnership = stage.invite(stage.cast.lea)
    while events.drain():
        pass
    mail = Mail.objects.get(to="lea@example.org")
    own, lea = stage.cast.browser(stage.cast.owner), stage.cast.browser(stage.cast.lea_user)
    for reader in (own, lea):
        assert mail.subject in reader.get("/mailbox/").text
        body = reader.get(f"/mailbox/{mail.pk}/").text
        assert re.search(r'href="https?://[^"]+/i/[^"]+"', body)
    for stranger in (stage.cast.browser(stage.cast.other_owner), stage.cast.browser(stage.cast.tom_user)):
        assert mail.subject not in stranger.get("/mailbox/").text
        assert stranger.get(f"/mailbox/{mail.pk}/").status_code == 404
        assert stranger.get(f"/mailbox/{mail.pk}/sheet/").status_code == 404
    sheet = own.get(f"/mailbox/{mail.pk}/sheet/")
    assert "sandbox" in sheet["Content-Security-Policy"] and "script-src" not in sheet["Content-Security-Policy"]
    settings.DEMO_MODE = False
    assert own.get("/mailbox/").status_code == 404
    assert partnership.sent_to == mail.to


def test_letters_speak_the_readers_language(stage: Stage) -> None:
    stage.cast.lea_user.language = "fr"
    stage.cast.lea_user.save(update_fields=["language"])
    partnership = stage.invite(stage.cast.lea)
    other = stage.invite(stage.cast.max, SENTENCES[1])
    while events.drain():
        pass
    french, english = Mail.objects.get(to=partnership.sent_to), Mail.objects.get(to=other.sent_to)
    assert (french.language, english.language) == ("fr", "en")
    assert english.subject == "Alma Botanica would like to work with you"
    assert '<html lang="fr">' in french.html and SENTENCES[0] in french.text
    assert "/stop/" in english.text  # everybody can end it from the first message


def test_the_frame_is_changed_as_far_as_nobody_was_promised(desk: Client, stage: Stage) -> None:
    url = f"/campaigns/{stage.campaign.pk}/edit/"
    form = {
        "name": "Spring, renamed",
        "budget": "6 000,50",
        "ends_on": "2030-07-30",
        "places": "4",
        "objective": "conversion",
    }
    assert desk.post(url, form | {"countries": ["DE"]}).status_code == 302
    stage.campaign.refresh_from_db()
    assert (stage.campaign.name, str(stage.campaign.budget)) == ("Spring, renamed", "6000.50")
    assert (stage.campaign.objective, stage.campaign.countries) == ("consideration", ["FR"])
    for wrong in ({"name": " "}, {"ends_on": "2020-01-01"}, {"budget": "-1"}, {"places": "0"}, {"name": "x" * 200}):
        assert desk.post(url, form | wrong).status_code == 422, wrong


def test_a_new_campaign_by_form(desk: Client, stage: Stage) -> None:
    form = {
        "name": "Autumn",
        "brand": str(stage.cast.brand.pk),
        "objective": "awareness",
        "currency": "EUR",
        "countries": ["FR", "BE"],
    }
    assert desk.post("/campaigns/new/", form | {"brand": str(stage.cast.other_brand.pk)}).status_code == 422
    assert desk.post("/campaigns/new/", form | {"countries": ["XX"]}).status_code == 422
    response = desk.post("/campaigns/new/", form)
    campaign = Campaign.objects.get(name="Autumn")
    assert response["Location"] == f"/campaigns/{campaign.pk}/brief/" and campaign.countries == ["FR", "BE"]


def test_times_are_written_where_the_workspace_is(desk: Client, stage: Stage) -> None:
    partnership = stage.invite(stage.cast.lea, now=utc(2027, 7, 1, 22, 30), answer_days=60)
    body = desk.get(f"/partnerships/{partnership.pk}/").text
    assert "2 Jul 2027, 00:30" in body and "31 Aug 2027, 00:30" in body  # Europe/Paris, in summer


def test_a_list_of_campaigns_costs_a_fixed_number_of_queries(
    desk: Client, stage: Stage, django_assert_max_num_queries
) -> None:
    for number in range(12):
        create_campaign(actor=stage.owner, brand=stage.cast.brand, name=f"Campaign {number}")
    with django_assert_max_num_queries(12):
        assert desk.get("/campaigns/").status_code == 200


def test_a_pipeline_costs_a_fixed_number_of_queries(
    desk: Client, stage: Stage, many, django_assert_max_num_queries
) -> None:
    for person, sentence in zip(many(len(SENTENCES)), SENTENCES, strict=True):
        stage.invite(person, sentence)
    for view in ("board", "table"):
        with django_assert_max_num_queries(14):
            assert desk.get(f"/campaigns/{stage.campaign.pk}/pipeline/?view={view}").status_code == 200
