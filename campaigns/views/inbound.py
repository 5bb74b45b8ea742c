"""Where a mail service posts what came in: the raw mail, behind a shared secret."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.services.inbound import RAW_MOST, receive


@csrf_exempt  # no browser calls this, and the secret is in no cookie
@require_POST
def mail_inbound(request: HttpRequest) -> HttpResponse:
    """Body: the mail as it is (message/rfc822), or a form field `email` or `body-mime` with it. Query: to=, repeatable."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if not settings.INBOUND_SECRET:
        raise Http404
    if not hmac.compare_digest(given, settings.INBOUND_SECRET.encode()):
        return JsonResponse({"outcome": "refused"}, status=401)
    if int(request.headers.get("Content-Length") or 0) > RAW_MOST + 10_000:
        return JsonResponse({"outcome": "too_large"}, status=413)
    if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raw = (request.POST.get("email") or request.POST.get("body-mime") or "").encode("utf-8", "surrogateescape")
    else:
        raw = request.read(RAW_MOST + 1)
    found = receive(raw, recipients=request.GET.getlist("to")[:10])
    return JsonResponse({"outcome": found.outcome}, status=413 if found.outcome == "too_large" else 200)


mail_inbound.verb = None  # type: ignore[attr-defined]  # the secret opens it; read by the matrix test
