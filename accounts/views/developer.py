"""The developer pages: keys and their use, the last requests, webhooks with their log, and copyable examples."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.api.paging import page
from accounts.errors import InvalidInput
from accounts.forms import KeyLimitForm, WebhookForm
from accounts.models import ApiClient, ApiRequest, ApiUsage, WebhookDelivery, WebhookEndpoint
from accounts.permissions import can
from accounts.services import api_keys, webhooks
from accounts.settings_nav import tabs
from accounts.views.access import needs

DAYS = 30
SHOWN_REQUESTS = 100


def _show(request: HttpRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    shared = {"tabs": tabs(request), "current": "developer", "may_change": can(request.actor, "webhook.change")}
    return render(request, f"accounts/developer_{name}.html", shared | context, status=status)


@needs("webhook.read")
@require_http_methods(["GET"])
def developer(request: HttpRequest) -> HttpResponse:
    """Keys with their use of thirty days, the last hundred requests, the endpoints, examples to copy."""
    clients = list(ApiClient.visible_to(request.actor))
    use = _use(request)
    return _show(
        request,
        "overview",
        keys=[{"key": client, "use": use.get(client.pk, {})} for client in clients],
        chart=_chart(request),
        requests=list(ApiRequest.visible_to(request.actor).select_related("client")[:SHOWN_REQUESTS]),
        endpoints=_endpoints(request),
        base=f"{settings.BASE_URL}/api/v1",
        limit=settings.API_REQUESTS_PER_MINUTE,
        examples=_examples(),
    )


def _use(request: HttpRequest) -> dict[Any, dict[str, int]]:
    """Requests, refusals and faults of thirty days by key: the counted days and what is not counted yet."""
    since = timezone.now().date() - timedelta(days=DAYS - 1)
    counted = ApiUsage.visible_to(request.actor).filter(day__gte=since).order_by().values("client_id")
    fresh = ApiRequest.visible_to(request.actor).filter(counted=False).order_by().values("client_id")
    sums = [
        *counted.annotate(n=Sum("requests"), refused=Sum("refused"), failed=Sum("failed")),
        *fresh.annotate(
            n=Count("pk"),
            refused=Count("pk", filter=Q(status__gte=400, status__lt=500)),
            failed=Count("pk", filter=Q(status__gte=500)),
        ),
    ]
    found: dict[Any, dict[str, int]] = {}
    for row in sums:
        one = found.setdefault(row["client_id"], {"n": 0, "refused": 0, "failed": 0})
        for name in one:
            one[name] += row[name] or 0
    return found


def _chart(request: HttpRequest) -> dict[str, Any] | None:
    """Requests by day of the whole workspace, as bars with their table; None when there were none."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    rows = ApiUsage.visible_to(request.actor).filter(day__gte=days[0]).order_by().values("day")
    taken, refused = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    for row in rows.annotate(n=Sum("requests"), bad=Sum("refused")):
        taken[row["day"]] = row["n"] - row["bad"]
        refused[row["day"]] = row["bad"]
    total = sum(taken.values()) + sum(refused.values())
    if not total:
        return None
    labels = [day.isoformat() for day in days]
    return {
        "total": total,
        "columns": [_("Day"), _("Answered"), _("Refused")],
        "rows": [[label, taken[day], refused[day]] for label, day in zip(labels, days, strict=True)],
        "option": {
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "name": _("requests"), "unit": "count"},
            "series": [
                {"type": "bar", "stack": "all", "name": _("Answered"), "data": list(taken.values())},
                {"type": "bar", "stack": "all", "name": _("Refused"), "data": list(refused.values())},
            ],
        },
    }


def _endpoints(request: HttpRequest) -> list[WebhookEndpoint]:
    waiting = Count("deliveries", filter=Q(deliveries__state="pending"))
    failed = Count("deliveries", filter=Q(deliveries__state="failed"))
    return list(WebhookEndpoint.visible_to(request.actor).annotate(waiting=waiting, failed=failed))


def _examples() -> dict[str, str]:
    base = f"{settings.BASE_URL}/api/v1"
    return {
        "curl": f'curl -sS "{base}/creators?limit=5" \\\n  -H "Authorization: Bearer $RESONANCE_KEY"',
        "python": (
            "import os\nimport requests\n\n"
            f'BASE = "{base}"\n'
            'headers = {"Authorization": f"Bearer {os.environ[\'RESONANCE_KEY\']}"}\n'
            'answer = requests.get(f"{BASE}/creators", params={"limit": 5}, headers=headers, timeout=30)\n'
            "answer.raise_for_status()\n"
            'for creator in answer.json()["data"]:\n    print(creator["id"], creator["display_name"])'
        ),
        "verify": (
            "import os\nfrom standardwebhooks import Webhook\n\n"
            "# request.body is the raw body: check it before it is parsed.\n"
            'event = Webhook(os.environ["WEBHOOK_SECRET"]).verify(request.body, dict(request.headers))\n'
            'print(event["sequence"], event["type"], event["data"]["object_id"])'
        ),
    }


@needs("key.change")
@require_POST
def key_limit(request: HttpRequest, pk: str) -> HttpResponse:
    """Sets a key's own limit of requests a minute; empty: the installation's."""
    client = get_object_or_404(ApiClient.visible_to(request.actor), pk=pk)
    form = KeyLimitForm(request.POST)
    if form.is_valid():
        api_keys.limit_api_key(actor=request.actor, client=client, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return redirect("developer")


@needs("webhook.change")
@require_http_methods(["GET", "POST"])
def endpoint_new(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = webhooks.create_endpoint(actor=request.actor, changes=form.cleaned_data)
        except InvalidInput as error:
            _refuse(form, error)
        else:
            return _detail(request, endpoint, secret=secret)
    return _show(request, "endpoint_edit", 422 if form.errors else 200, form=form, endpoint=None)


@needs("webhook.change")
@require_http_methods(["GET", "POST"])
def endpoint_edit(request: HttpRequest, pk: str) -> HttpResponse:
    endpoint = get_object_or_404(WebhookEndpoint.visible_to(request.actor), pk=pk)
    initial = {name: getattr(endpoint, name) for name in webhooks.FIELDS}
    form = WebhookForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.change_endpoint(actor=request.actor, endpoint=endpoint, changes=form.cleaned_data)
        except InvalidInput as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("developer_endpoint", pk=endpoint.pk)
    return _show(request, "endpoint_edit", 422 if form.errors else 200, form=form, endpoint=endpoint)


def _refuse(form: WebhookForm, error: InvalidInput) -> None:
    for field, texts in error.fields.items():
        form.add_error(field, texts)


@needs("webhook.read")
@require_http_methods(["GET"])
def endpoint_detail(request: HttpRequest, pk: str) -> HttpResponse:
    return _detail(request, get_object_or_404(WebhookEndpoint.visible_to(request.actor), pk=pk))


def _detail(request: HttpRequest, endpoint: WebhookEndpoint, secret: str = "") -> HttpResponse:
    rows = WebhookDelivery.visible_to(request.actor).filter(endpoint=endpoint)
    state = request.GET.get("state", "")
    if state in ("pending", "delivered", "failed"):
        rows = rows.filter(state=state)
    request.query_params = request.GET  # type: ignore[attr-defined]  # the API's paging reads a page's address alike
    found = page(request, rows, lambda row: row)
    response = _show(request, "endpoint", endpoint=endpoint, secret=secret, page=found, state=state)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@needs("webhook.change")
@require_POST
def endpoint_step(request: HttpRequest, pk: str, step: str) -> HttpResponse:
    """Pause, resume, test, rotate the secret, delete."""
    endpoint = get_object_or_404(WebhookEndpoint.visible_to(request.actor), pk=pk)
    if step == "rotate":
        return _detail(request, endpoint, secret=webhooks.rotate_secret(actor=request.actor, endpoint=endpoint))
    if step == "delete":
        webhooks.delete_endpoint(actor=request.actor, endpoint=endpoint)
        messages.success(request, _("The endpoint was deleted."))
        return redirect("developer")
    if step == "test":
        webhooks.send_test(actor=request.actor, endpoint=endpoint)
        messages.success(request, _("A test message is on its way; it shows below in a moment."))
    elif step == "pause":
        webhooks.pause_endpoint(actor=request.actor, endpoint=endpoint)
        messages.success(request, _("Paused. What happens meanwhile is kept."))
    else:
        webhooks.resume_endpoint(actor=request.actor, endpoint=endpoint)
        messages.success(request, _("Resumed. Everything that waited is on its way."))
    return redirect("developer_endpoint", pk=endpoint.pk)


@needs("webhook.read")
@require_http_methods(["GET"])
def delivery_detail(request: HttpRequest, pk: str) -> HttpResponse:
    rows = WebhookDelivery.visible_to(request.actor).select_related("endpoint").prefetch_related("log")
    row = get_object_or_404(rows, pk=pk)
    body = json.dumps(json.loads(row.body), indent=2, ensure_ascii=False)
    return _show(request, "delivery", delivery=row, body=body)


@needs("webhook.change")
@require_POST
def delivery_replay(request: HttpRequest, pk: str) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.visible_to(request.actor).select_related("endpoint"), pk=pk)
    webhooks.replay(actor=request.actor, delivery=row)
    messages.success(request, _("The message is sent again, under the same webhook-id."))
    return redirect("developer_delivery", pk=row.pk)
