"""A contract's file as an answer, the same for pages and API."""

from __future__ import annotations

from django.http import HttpResponse

from campaigns.contracts import document
from campaigns.models import Contract
from campaigns.services import signing


def pdf_answer(contract: Contract) -> HttpResponse:
    """The sealed file, else the one sent, else a preview of the draft; always as an attachment, never cached."""
    file = signing.sealed_file(contract) or contract.files.filter(kind="sent").first()
    content = bytes(file.content) if file else document.render(contract)
    name = f"{'contract' if contract.language == 'en' else 'contrat'}-{contract.reference}.pdf"
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
