"""Webhooks: signed, ordered, tried for more than a day, isolated, never lost, never to a neighbour."""

import json
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import events
from accounts.events import record_event
from accounts.models import Event, Mail, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.services.creators import note_external_ids
from accounts.services.jobs import create_job
from accounts.webhooks import delivery
from accounts.webhooks.names import KINDS, PUBLIC, public_name
from campaigns.models import Partnership
from tests.cast import Cast
from tests.partners.receiver import Receiver, receiver

URL = "/api/v1/webhook-endpoints"


@pytest.fixture
def target(settings: object) -> object:
    with receiver() as here:
        settings.OUTBOUND_ALLOWED_HOSTS = [here.host]
        yield here


def add(cast: Cast, url: str, key: str = "", **more: object) -> dict:
    answer = cast.api(key or cast.key).post(URL, {"url": url, **more}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def post(cast: Cast, path: str, body: object = None, key: str = "") -> object:
    return cast.api(key or cast.key).post(f"/api/v1/{path}", body or {}, content_type="application/json")


def happen(cast: Cast, times: int = 1, owner: object = None) -> list[Event]:
    """Something public happens in the first workspace: jobs that finish."""
    actor = cast.actor(owner or cast.owner)
    made = []
    for number in range(times):
        job = create_job(actor=actor, kind="test", title=f"Job {number}", params={}, started=False)
        made.append(record_event("job.finished", job, actor=actor, data={"state": "succeeded"}))
    return made


def bring(**options: object) -> int:
    while events.drain():
        pass
    return delivery.deliver_due(**options)


def test_every_public_event_is_named_once() -> None:
    assert len(KINDS) == sum(len(kinds) for kinds in PUBLIC.values())
    assert public_name("payment.sent") == "payment.updated"
    assert public_name("member.joined") is None
    assert public_name("api_key.created") is None


def test_a_message_is_signed_and_says_what_changed(cast: Cast, target: Receiver) -> None:
    endpoint = add(cast, target.url, events=["partnership.declined", "partnership.invited"])
    from tests.partners.day import invited_partnership

    partnership = invited_partnership(cast)
    answer = cast.browser(cast.lea_user).post(
        f"/api/v1/partnerships/{partnership.pk}/decline", {"reason": "timing"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    bring()
    first, second = target.verified(endpoint["secret"])
    assert [first["type"], second["type"]] == ["partnership.invited", "partnership.declined"]
    assert first["sequence"] < second["sequence"]
    assert second["workspace"] == "alma"
    assert second["data"]["object"]["id"] == str(partnership.pk)
    assert second["data"]["object"]["state"] == "declined"
    assert second["data"]["previous_attributes"] == {"state": "invited"}
    assert "actions" not in second["data"]["object"]
    headers = target.taken[0][1]
    assert headers["content-type"] == "application/json"
    forged = headers | {"webhook-id": "other"}
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint["secret"]).verify(target.taken[0][2], forged)


def test_nobody_receives_the_neighbours_events(cast: Cast, target: Receiver) -> None:
    add(cast, target.url, key=cast.other_key)
    happen(cast)
    bring()
    assert target.taken == []
    assert not WebhookDelivery.objects.exists()


def test_a_creator_s_change_goes_to_those_who_work_with_them_one_message_each(cast: Cast, target: Receiver) -> None:
    mine = add(cast, target.url, events=["creator.updated"])
    add(cast, f"{target.url}/nord", key=cast.other_key, events=["creator.updated"])
    note_external_ids(actor=cast.actor(cast.owner), externals={cast.lea.pk: "crm-1", cast.tom.pk: "crm-2"})
    ids = [cast.lea.pk, cast.tom.pk, cast.max.pk]
    record_event("creators.updated", cast.source, actor=cast.actor(cast.owner), data={"creator_ids": ids})
    bring()
    taken = target.verified(mine["secret"])
    assert [event["data"]["object"]["external_id"] for event in taken] == ["crm-1", "crm-2"]
    assert {path for path, _headers, _body in target.taken} == {"/hook"}


def test_events_twice_drained_are_one_message(cast: Cast, target: Receiver) -> None:
    add(cast, target.url)
    [event] = happen(cast)
    from accounts.webhooks.messages import write_messages

    for _ in range(3):
        write_messages(event)
    bring()
    assert len(target.taken) == 1


def test_failures_are_tried_again_for_more_than_a_day_then_given_up(cast: Cast, target: Receiver) -> None:
    target.answer = lambda *request: (500, b"down", {})
    add(cast, target.url)
    happen(cast)
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        events.drain()
        gaps, last = [], begin
        for _ in range(40):
            if not delivery.deliver_due():
                row = WebhookDelivery.objects.get()
                if row.state != "pending":
                    break
                WebhookEndpoint.objects.update(state="active", resting_until=None)
                clock.move_to(row.due_at + timedelta(seconds=1))
                continue
            gaps.append((timezone.now() - last).total_seconds())
            last = timezone.now()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.last_status) == ("failed", len(delivery.DELAYS) + 1, 500)
    assert sum(gaps) > 24 * 3600
    assert gaps[1:] == sorted(gaps[1:]) or max(gaps) <= 43_200 * 1.15 + 1
    assert len(WebhookAttempt.objects.all()) == row.attempts
    assert WebhookAttempt.objects.first().answer == "down"


def test_after_a_day_without_success_the_endpoint_is_paused_with_a_notice_and_nothing_is_lost(
    cast: Cast, target: Receiver
) -> None:
    target.answer = lambda *request: (503, b"", {})
    made = add(cast, target.url)
    happen(cast)
    bring()
    WebhookEndpoint.objects.update(failures=20, failing_since=timezone.now() - timedelta(hours=25), resting_until=None)
    WebhookDelivery.objects.update(due_at=timezone.now())
    Mail.objects.all().delete()
    bring()
    events.drain()
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, endpoint.pause_reason) == ("paused", "failures")
    [letter] = Mail.objects.filter(kind="webhook_paused")
    assert letter.to == cast.owner.email
    assert target.url in letter.text
    happen(cast)
    assert bring() == 0
    target.answer = lambda *request: (204, b"", {})
    resumed = post(cast, f"webhook-endpoints/{made['id']}/resume")
    assert resumed.json()["state"] == "active"
    bring()
    delivered = target.verified(made["secret"])[2:]
    assert len(delivered) == 2
    assert [one["sequence"] for one in delivered] == sorted(one["sequence"] for one in delivered)
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()


def test_gone_pauses_at_once_and_redirects_are_failures(cast: Cast, target: Receiver) -> None:
    target.answer = lambda *request: (302, b"", {"Location": "http://169.254.169.254/"})
    made = add(cast, target.url)
    happen(cast)
    bring()
    assert WebhookDelivery.objects.get().last_error == "redirect"
    assert len(target.taken) == 1
    target.answer = lambda *request: (410, b"", {})
    WebhookEndpoint.objects.update(resting_until=None)
    WebhookDelivery.objects.update(due_at=timezone.now())
    bring()
    shown = cast.api(cast.key).get(f"{URL}/{made['id']}").json()
    assert (shown["state"], shown["pause_reason"]) == ("paused", "gone")


def test_messages_about_one_thing_keep_their_order_others_pass(cast: Cast, target: Receiver) -> None:
    add(cast, target.url)
    actor = cast.actor(cast.owner)
    jobs = [create_job(actor=actor, kind="test", title=name, params={}, started=False) for name in "ab"]
    for job in (jobs[0], jobs[0], jobs[1]):
        record_event("job.finished", job, actor=actor)
    bad = str(jobs[0].pk)
    target.answer = lambda path, headers, body: (500 if bad in body.decode() else 200, b"", {})
    bring()
    WebhookEndpoint.objects.update(resting_until=None)
    bring()
    states = list(WebhookDelivery.objects.order_by("sequence").values_list("state", "attempts"))
    assert states == [("pending", 1), ("pending", 0), ("delivered", 1)]
    target.answer = lambda *request: (200, b"", {})
    WebhookDelivery.objects.update(due_at=timezone.now())
    WebhookEndpoint.objects.update(resting_until=None)
    bring()
    about = [json.loads(body)["sequence"] for _p, _h, body in target.taken if bad in body.decode()]
    assert about == sorted(about)


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(cast: Cast, target: Receiver) -> None:
    made = add(cast, target.url)
    fresh = post(cast, f"webhook-endpoints/{made['id']}/rotate_secret").json()["secret"]
    assert fresh != made["secret"]
    happen(cast)
    bring()
    assert target.verified(fresh)
    assert target.verified(made["secret"])
    WebhookEndpoint.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    happen(cast)
    bring()
    _path, headers, body = target.taken[-1]
    Webhook(fresh).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body, headers)
    stored = WebhookEndpoint.objects.values_list("secret", "old_secret").get()
    assert fresh not in stored
    assert fresh[6:] not in "".join(stored)


def test_a_replay_sends_the_same_bytes_under_the_same_id(cast: Cast, target: Receiver) -> None:
    add(cast, target.url)
    happen(cast)
    bring()
    [row] = cast.api(cast.key).get("/api/v1/webhook-deliveries", {"state": "delivered"}).json()["data"]
    assert post(cast, f"webhook-deliveries/{row['id']}/replay").status_code == 202
    bring()
    (_p, first, body), (_q, second, again) = target.taken
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    shown = cast.api(cast.key).get(f"/api/v1/webhook-deliveries/{row['id']}").json()
    assert [attempt["status"] for attempt in shown["log"]] == [200, 200]
    assert shown["body"]["type"] == "job.finished"


def test_a_test_message_is_sent_whatever_is_subscribed(cast: Cast, target: Receiver) -> None:
    made = add(cast, target.url, events=["report.frozen"])
    assert post(cast, f"webhook-endpoints/{made['id']}/test").status_code == 202
    bring()
    assert [one["type"] for one in target.verified(made["secret"])] == ["webhook.test"]


def test_a_target_that_points_inside_is_refused_at_delivery_and_logged(cast: Cast) -> None:
    add(cast, "https://127.0.0.1:9/hook")
    happen(cast)
    bring()
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error) == (None, "address")


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://u:p@example.com/", "ftp://x", "", "x" * 501, "https://"]
)
def test_bad_addresses_name_the_field(cast: Cast, url: str) -> None:
    answer = post(cast, "webhook-endpoints", {"url": url})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/url"
    assert not WebhookEndpoint.objects.exists()


def test_strangers_and_readers_are_kept_out(cast: Cast, target: Receiver) -> None:
    made = add(cast, target.url)
    happen(cast)
    bring()
    row = WebhookDelivery.objects.get()
    for path in (f"webhook-endpoints/{made['id']}", f"webhook-deliveries/{row.pk}"):
        assert cast.api(cast.other_key).get(f"/api/v1/{path}").status_code == 404
    for path in (f"webhook-endpoints/{made['id']}/test", f"webhook-deliveries/{row.pk}/replay"):
        assert post(cast, path, key=cast.other_key).status_code == 404
        assert post(cast, path, key=cast.read_key).status_code == 403
    shown = cast.api(cast.read_key).get(f"{URL}/{made['id']}").json()
    assert shown["actions"] == []
    assert "secret" not in shown


@pytest.mark.django_db(transaction=True)
def test_one_hanging_target_delays_no_other(cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "SECONDS", 4.0)
    times: list[float] = []

    def note(*_request: object) -> tuple[int, bytes, dict]:
        times.append(time.monotonic())
        return 200, b"", {}

    with receiver(lambda *request: None) as hanging, receiver(note) as good:
        settings.OUTBOUND_ALLOWED_HOSTS = [hanging.host, good.host]
        add(cast, hanging.url)
        add(cast, good.url)
        happen(cast, 5)
        while events.drain():
            pass
        begin = time.monotonic()
        delivery.deliver_due(seconds=3, threads=3)
        assert len(times) == 5
        assert max(times) - begin < 1.5


@pytest.mark.django_db(transaction=True)
def test_eight_senders_bring_each_message_once(cast: Cast, target: Receiver) -> None:
    add(cast, target.url)
    happen(cast, 20)
    while events.drain():
        pass

    def send() -> None:
        delivery.deliver_due(seconds=10)
        connection.close()

    crew = [threading.Thread(target=send) for _ in range(8)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    delivery.deliver_due(seconds=10)
    names = [headers["webhook-id"] for _path, headers, _body in target.taken]
    assert len(names) == len(set(names)) == 20
    order = [json.loads(body)["sequence"] for _path, _headers, body in target.taken]
    assert order == sorted(order)


def test_a_sender_that_died_holding_the_endpoint_is_replaced(cast: Cast, target: Receiver) -> None:
    add(cast, target.url)
    happen(cast)
    events.drain()
    WebhookEndpoint.objects.update(leased_until=timezone.now() + timedelta(seconds=20))
    assert delivery.deliver_due() == 0
    WebhookEndpoint.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert delivery.deliver_due() == 1
    assert WebhookDelivery.objects.get().state == "delivered"
    assert Partnership.objects.count() == 0
