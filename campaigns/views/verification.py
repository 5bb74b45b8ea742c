"""The public page that says whether a contract is genuine, and nothing else."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.api.limits import spend
from accounts.client import client_address
from accounts.requests import PageRequest
from campaigns.contracts import verification
from campaigns.forms.contracts import VerifyForm

PER_MINUTE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: PageRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "campaigns/verify.html", {"form": VerifyForm()})
    if spend(f"verify:{client_address(request)}", PER_MINUTE).remaining < 0:
        answer = render(request, "campaigns/verify.html", {"form": VerifyForm(), "busy": True}, status=429)
        answer["Retry-After"] = "60"
        return answer
    form = VerifyForm(request.POST, request.FILES)
    verdict = ""
    if form.is_valid():
        file, fingerprint = form.cleaned_data["file"], form.cleaned_data["fingerprint"]
        if file and file.size > verification.LARGEST:
            form.add_error("file", _("The file is larger than 12 MB: no contract of ours is."))
        elif file:
            verdict = verification.of_file(file.read())
        elif fingerprint:
            verdict = verification.of_hash(fingerprint)
        else:
            form.add_error(None, _("Choose the PDF, or paste its fingerprint."))
    return render(
        request, "campaigns/verify.html", {"form": form, "verdict": verdict}, status=422 if form.errors else 200
    )


verify.verb = None  # type: ignore[attr-defined]  # open to everybody; read by the matrix test
