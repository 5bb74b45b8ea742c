"""The browser drives a live server in another thread; Playwright's loop must not stop the ORM in this one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def clean_page(page: Page) -> Iterator[Page]:
    """A page whose console must stay silent: no script error, no breach of the content policy, no missing file."""
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
