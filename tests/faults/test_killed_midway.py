"""kill -9 in the middle of a mail and of a webhook: finished once by the next worker, nothing twice.

In the middle of scoring: tests/matching/test_recompute.py; of an import: tests/matching/test_import_interruptions.py.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.utils import timezone

from accounts import events, mail
from accounts.models import Mail, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import delivery
from tests.cast import Cast
from tests.faults.processes import child, wait_for
from tests.partners.receiver import receiver
from tests.partners.test_webhooks import add, bring, happen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


class MailServer(threading.Thread):
    """Speaks as much SMTP as it takes; a letter counts as taken when its end was answered with 250.

    hold: keeps the sender waiting for that answer, as a busy server does.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.hold = threading.Event()
        self.waiting = threading.Event()
        self.taken: list[str] = []

    def run(self) -> None:
        while True:
            try:
                caller, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with caller, caller.makefile("rb") as lines:
            caller.sendall(b"220 here\r\n")
            for line in lines:
                word = line.strip().upper()
                if word == b"DATA":
                    caller.sendall(b"354 go on\r\n")
                    self._letter(caller, lines)
                elif word == b"QUIT":
                    caller.sendall(b"221 bye\r\n")
                    return
                else:
                    caller.sendall(b"250 fine\r\n")

    def _letter(self, caller: socket.socket, lines: Iterator[bytes]) -> None:
        text = b""
        for line in lines:
            if line == b".\r\n":
                break
            text += line
        if self.hold.is_set():
            self.waiting.set()
            caller.settimeout(60)
            if not caller.recv(1):  # the sender died before it had an answer: the letter is not ours to deliver
                return
        self.taken.append(str(message_from_bytes(text)["Message-ID"]))
        caller.sendall(b"250 taken\r\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    here = MailServer()
    here.start()
    yield here
    here.socket.close()


def test_a_worker_killed_in_the_middle_of_a_letter(cast: Cast, server: MailServer, settings: object) -> None:
    for number in range(5):
        mail.queue_mail(dedupe_key=f"letter-{number}", kind="test", to="lea@example.org", subject="S", text="T")
    address = f"smtp://127.0.0.1:{server.port}"
    server.hold.set()
    worker = child("from accounts import mail; mail.deliver()", EMAIL_URL=address)
    assert server.waiting.wait(120), "the worker never spoke to the mail server"
    worker.kill()
    worker.wait()
    assert server.taken == []
    assert Mail.objects.filter(state="sent").count() == 0

    server.hold.clear()
    settings.EMAIL_RELAY_URL = address
    assert mail.deliver() == 4, "the letter of the dead worker is still leased to it"
    Mail.objects.filter(state="queued").update(leased_until=timezone.now() - timedelta(seconds=1))  # two minutes later
    assert mail.deliver() == 1
    assert mail.deliver() == 0
    assert len(server.taken) == len(set(server.taken)) == 5
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_killed_in_the_middle_of_a_webhook(
    cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had been taken, the worker died before it could note so: brought again under the same id, noted once."""
    reached, let_go = threading.Event(), threading.Event()

    def slow(*_request: object) -> tuple[int, bytes, dict[str, str]]:
        reached.set()
        let_go.wait(60)
        return 200, b"ok", {}

    with receiver(slow) as target:
        settings.OUTBOUND_ALLOWED_HOSTS = [target.host]
        endpoint = add(cast, target.url)
        monkeypatch.setattr(events, "_NUDGES", [])  # nobody but the worker brings them
        happen(cast, 3)
        while events.drain():
            pass
        worker = child(
            "from accounts.webhooks import delivery; delivery.deliver_due()", OUTBOUND_ALLOWED_HOSTS=target.host
        )
        assert reached.wait(120), "the worker never called"
        worker.kill()
        worker.wait()
        let_go.set()
        assert WebhookDelivery.objects.filter(state="pending").count() == 3
        assert delivery.deliver_due() == 0, "the endpoint is still leased to the dead worker"
        WebhookEndpoint.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert bring() == 3
        assert bring() == 0
        wait_for(lambda: len(target.taken) == 4, "the first call was answered too")
        told = target.verified(endpoint["secret"])
        first, again = told[0], told[1]
        ids = [headers["webhook-id"] for _path, headers, _body in target.taken]
        assert ids[0] == ids[1] and first == again, "the same message, under the id by which receivers skip it"
        assert len(set(ids)) == 3
        assert [json.dumps(one, sort_keys=True) for one in told[1:]] == [
            json.dumps(one, sort_keys=True) for one in sorted(told[1:], key=lambda one: one["sequence"])
        ]
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
