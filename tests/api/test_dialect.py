"""The API's one dialect: keys, problems, paging, idempotency, limits, ETags."""

import hashlib
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.api.endpoint import ANONYMOUS_PER_MINUTE
from accounts.models import ApiClient, Brand
from tests.cast import Cast

BRANDS = "/api/v1/brands"


def problem(response: object, status: int, code: str) -> dict:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["request_id"]
    return body


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer a b", "Bearer \xff\xfe", "Token x" * 200]
)
def test_without_a_valid_key_every_address_answers_401(cast: Cast, header: str) -> None:
    client = Client(headers={"Authorization": header} if header else {})
    for url in (BRANDS, "/api/v1/campaigns", "/api/v1/partnerships", f"/api/v1/jobs/{uuid.uuid4()}"):
        response = client.get(url)
        problem(response, 401, "unauthenticated")
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_revoked_and_expired_keys_stop_at_once(cast: Cast) -> None:
    api = cast.api(cast.key)
    assert api.get("/api/v1/me").status_code == 200
    ApiClient.objects.filter(name="key").update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(api.get("/api/v1/me"), 401, "unauthenticated")


def test_a_reading_key_may_not_write_and_nothing_happens(cast: Cast) -> None:
    body = problem(
        cast.api(cast.read_key).post(BRANDS, {"name": "X"}, content_type="application/json"), 403, "scope_missing"
    )
    assert "campaigns:write" in body["detail"]
    assert Brand.objects.count() == 2


def test_another_workspace_sees_nothing(cast: Cast) -> None:
    stranger = cast.api(cast.other_key)
    problem(stranger.get(f"{BRANDS}/{cast.brand.pk}"), 404, "not_found")
    problem(
        stranger.patch(f"{BRANDS}/{cast.brand.pk}", {"name": "Mine"}, content_type="application/json"), 404, "not_found"
    )
    assert [row["name"] for row in stranger.get(BRANDS).json()["data"]] == ["Nord Hem"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"", 422, "invalid"),
        (b'{"name": NaN}', 400, "malformed"),
        (b'{"name": "a\\u0000b"}', 400, "malformed"),
        (b'{"name": "\\ud800"}', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[" * 5000, 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"name": ""}', 422, "invalid"),
        (b'{"name": 12, "website": "javascript:alert(1)"}', 422, "invalid"),
        (b'{"name": "' + b"x" * 5000 + b'"}', 422, "invalid"),
        (b'{"name": "x", "sectors": "not a list"}', 422, "invalid"),
        (b'{"name": "x", "countries": ["FRANCE"]}', 422, "invalid"),
    ],
)
def test_bad_bodies_are_problems_and_leave_nothing(cast: Cast, body: bytes, status: int, code: str) -> None:
    problem(cast.api(cast.key).post(BRANDS, body, content_type="application/json"), status, code)
    assert Brand.objects.count() == 2


def test_a_problem_points_at_the_field(cast: Cast) -> None:
    response = cast.api(cast.key).post(BRANDS, {"countries": ["FR", "XXL"]}, content_type="application/json")
    pointers = {error["pointer"] for error in problem(response, 422, "invalid")["errors"]}
    assert pointers == {"/name", "/countries/1"}


@pytest.mark.parametrize(
    ("method", "address", "sent", "status", "code", "pointer"),
    [
        ("post", BRANDS, ("name=x", "application/x-www-form-urlencoded"), 415, "unsupported_media_type", None),
        ("post", BRANDS, ("<name>x</name>", "application/xml"), 415, "unsupported_media_type", None),
        ("delete", BRANDS, None, 405, "method_not_allowed", None),
        ("put", "/api/v1/me", None, 405, "method_not_allowed", None),
        ("get", "/api/v1/nothing", None, 404, "not_found", None),
        ("get", f"{BRANDS}/not-an-id", None, 404, "not_found", None),
        ("get", f"{BRANDS}?limit=0", None, 400, "bad_parameter", "/limit"),
        ("get", f"{BRANDS}?limit=101", None, 400, "bad_parameter", "/limit"),
        ("get", f"{BRANDS}?limit=٣", None, 400, "bad_parameter", "/limit"),
        ("get", f"{BRANDS}?cursor=zzz", None, 400, "bad_parameter", "/cursor"),
        ("get", f"{BRANDS}?colour=red", None, 400, "bad_parameter", "/colour"),
        ("get", f"{BRANDS}?fields=colour", None, 400, "bad_parameter", "/fields"),
        ("get", f"{BRANDS}?include=everything", None, 400, "bad_parameter", "/include"),
        ("get", "/api/v1/searches?country=ZZ", None, 400, "bad_parameter", "/country"),
        ("get", "/api/v1/scores?since=yesterday", None, 400, "bad_parameter", "/since"),
    ],
)
def test_wrong_type_method_and_address(
    cast: Cast, method: str, address: str, sent: tuple[str, str] | None, status: int, code: str, pointer: str | None
) -> None:
    """A problem that names the place and the remedy, after which nothing is different; the next request is served."""
    api, before = cast.api(cast.key), cast.api(cast.key).get(BRANDS).json()
    given = {"data": sent[0], "content_type": sent[1]} if sent else {}
    body = problem(getattr(api, method)(address, **given), status, code)
    assert len(body["detail"]) > 10
    assert [error["pointer"] for error in body["errors"]] == ([pointer] if pointer else [])
    assert all(error["detail"] for error in body["errors"])
    assert api.get(BRANDS).json() == before


def test_a_body_too_large_is_413(cast: Cast) -> None:
    """At the limit it is read (and refused for what it says), above it is not even parsed; nothing is kept either way."""
    limit, api = settings.DATA_UPLOAD_MAX_MEMORY_SIZE, cast.api(cast.key)

    def send(size: int) -> object:
        frame = b'{"name": "%s"}'
        body = frame % (b"x" * (size - len(frame) + 2))
        assert len(body) == size
        return api.post(BRANDS, body, content_type="application/json", headers={"Idempotency-Key": f"size-{size}"})

    said = problem(send(limit), 422, "invalid")
    assert [error["pointer"] for error in said["errors"]] == ["/name"]
    assert problem(send(limit + 1), 413, "too_large")["errors"] == []
    problem(send(limit + 1_000_000), 413, "too_large")
    assert sorted(Brand.objects.values_list("name", flat=True)) == ["Alma Botanica", "Nord Hem"]
    made = api.post(BRANDS, {"name": "Small"}, content_type="application/json", headers={"Idempotency-Key": "size-ok"})
    assert made.status_code == 201, "a refused body spoils nothing for the next"


def test_paging_walks_every_row_once(cast: Cast) -> None:
    names = {f"Brand {n}" for n in range(23)}
    Brand.objects.bulk_create(Brand(workspace=cast.alma, name=name) for name in names)
    api, cursor, seen = cast.api(cast.key), "", []
    while cursor is not None:
        answer = api.get(BRANDS, {"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        assert answer["total_estimate"] == 24
        seen += [row["name"] for row in answer["data"]]
        cursor = answer["next_cursor"]
    assert sorted(seen) == sorted(names | {"Alma Botanica"})


def test_fields_and_etags(cast: Cast) -> None:
    api, url = cast.api(cast.key), f"{BRANDS}/{cast.brand.pk}"
    sparse = api.get(url, {"fields": "id,name"})
    assert sparse.json() == {"id": str(cast.brand.pk), "name": "Alma Botanica"}
    full = api.get(url)
    assert api.get(url, headers={"If-None-Match": full["ETag"]}).status_code == 304
    body = {"tone": "calm"}
    change = api.patch(url, body, content_type="application/json", headers={"If-Match": full["ETag"]})
    assert change.json()["tone"] == "calm"
    lost = api.patch(url, {"tone": "loud"}, content_type="application/json", headers={"If-Match": full["ETag"]})
    problem(lost, 412, "precondition_failed")
    assert api.get(url).json()["tone"] == "calm"


def test_the_same_idempotency_key_acts_once(cast: Cast) -> None:
    api, headers = cast.api(cast.key), {"Idempotency-Key": "k-1"}
    first = api.post(BRANDS, {"name": "Once"}, content_type="application/json", headers=headers)
    again = api.post(BRANDS, {"name": "Once"}, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    other = api.post(BRANDS, {"name": "Other"}, content_type="application/json", headers=headers)
    problem(other, 422, "idempotency_key_reused")
    stranger = cast.api(cast.other_key).post(BRANDS, {"name": "Once"}, content_type="application/json", headers=headers)
    assert stranger.status_code == 201, "a key belongs to one client"
    assert Brand.objects.filter(name="Once").count() == 2


def test_a_refused_write_is_replayed_and_leaves_nothing(cast: Cast) -> None:
    api, headers = cast.api(cast.key), {"Idempotency-Key": "k-2"}
    for _ in range(2):
        response = api.post(BRANDS, {"name": ""}, content_type="application/json", headers=headers)
        problem(response, 422, "invalid")
    assert Brand.objects.count() == 2


def test_a_key_in_flight_is_a_conflict_until_its_caller_ends_or_dies(cast: Cast) -> None:
    """A call in another process: its session holds the lock of the key, and loses it with its process."""
    api, headers = cast.api(cast.key), {"Idempotency-Key": "k-3"}
    client = ApiClient.objects.get(name="key")
    name = f"api:{client.pk} k-3"
    elsewhere = connections.create_connection("default")
    with elsewhere.cursor() as cursor:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    send = lambda: api.post(BRANDS, {"name": "Flight"}, content_type="application/json", headers=headers)  # noqa: E731
    problem(send(), 409, "idempotency_in_flight")
    assert not Brand.objects.filter(name="Flight").exists()
    elsewhere.close()
    assert send().status_code == 201
    assert send()["Idempotent-Replayed"] == "true"
    assert Brand.objects.filter(name="Flight").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_simultaneous_posts_with_one_key_create_one_thing(cast: Cast) -> None:
    start, codes = threading.Barrier(8), []

    def call() -> None:
        start.wait()
        response = cast.api(cast.key).post(
            BRANDS, {"name": "Race"}, content_type="application/json", headers={"Idempotency-Key": "race"}
        )
        codes.append(response.status_code)
        from django.db import connection

        connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Brand.objects.filter(name="Race").count() == 1
    assert set(codes) <= {201, 409}
    assert 201 in codes


def test_too_many_requests_are_told_when_to_come_back(cast: Cast, settings: object) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    api = cast.api(cast.key)
    with time_machine.travel(datetime(2026, 6, 1, 12, 0, 30, tzinfo=UTC), tick=False):
        answers = [api.get("/api/v1/me") for _ in range(5)]
    assert [answer.status_code for answer in answers][:3] == [200, 200, 200]
    problem(answers[4], 429, "rate_limited")
    assert 1 <= int(answers[4]["Retry-After"]) <= 60
    assert answers[0]["RateLimit-Limit"] == "3"
    assert int(answers[0]["RateLimit-Remaining"]) == 2


def test_events_are_a_feed_in_order_without_the_neighbours(cast: Cast) -> None:
    api = cast.api(cast.key)
    for name in ("One", "Two"):
        api.post(BRANDS, {"name": name}, content_type="application/json")
    rows = api.get("/api/v1/events", {"kind": "brand.created"}).json()["data"]
    assert [row["data"]["name"] for row in rows] == ["Two", "One"]
    assert cast.api(cast.other_key).get("/api/v1/events", {"kind": "brand.created"}).json()["data"] == []


def test_datetimes_are_utc_iso(cast: Cast) -> None:
    created = cast.api(cast.key).get(f"{BRANDS}/{cast.brand.pk}").json()["created_at"]
    assert datetime.fromisoformat(created).tzinfo == UTC


def test_strangers_behind_our_proxy_are_counted_apart(cast: Cast, settings) -> None:  # type: ignore[no-untyped-def]
    """One noisy visitor must not lock out everybody who comes through the same proxy; nor escape by inventing one."""
    settings.TRUSTED_PROXIES = 1
    stranger = cast.api(None)

    def ask(seen_by_proxy: str, claimed: str = "") -> int:
        forwarded = f"{claimed}, {seen_by_proxy}" if claimed else seen_by_proxy
        return stranger.get(BRANDS, headers={"X-Forwarded-For": forwarded}).status_code

    # twice the limit, should a minute end meanwhile
    noisy = {ask("203.0.113.7", f"198.51.100.{n}") for n in range(2 * ANONYMOUS_PER_MINUTE + 2)}
    assert noisy == {401, 429}
    assert ask("203.0.113.8") == 401
    settings.TRUSTED_PROXIES = 0
    assert ask("203.0.113.9") in (401, 429)  # nobody to believe: the address of the connection counts
