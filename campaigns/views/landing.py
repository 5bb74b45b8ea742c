"""Pages of ours behind links, for brands without a page of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import InvalidInput
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.attribution import code_problem
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import LandingForm
from campaigns.models import LandingPage
from campaigns.services import tracking as service


@needs("campaign.read", change="link.change")
@require_http_methods(["GET", "HEAD", "POST"])
def landing_list(request: PageRequest) -> HttpResponse:
    form = LandingForm(request.POST or None, actor=request.actor) if can(request.actor, "link.change") else None
    if request.method == "POST" and form and form.is_valid():
        try:
            service.save_landing(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The page is ready. Choose it when you make a link."))
            return redirect("landing_list")
        except InvalidInput as error:
            show_faults(form, error)
    context = {"pages": LandingPage.visible_to(request.actor).select_related("brand"), "form": form}
    return render(request, "campaigns/landing_list.html", context, status=422 if form and form.errors else 200)


@require_safe
def landing_page(request: PageRequest, slug: str) -> HttpResponse:
    """Public: what a reader sees behind a link that leads to a page of ours."""
    link = get_object_or_404(service.public_landings(), slug=slug)
    owned = link.partnership.promo_codes.filter(state="active") if link.partnership else []
    now = timezone.now()
    code = next((code for code in owned if not code_problem(now, starts_at=code.starts_at, ends_at=code.ends_at)), None)
    context = {
        "page": link.landing,
        "link": link,
        "code": code,
        "goal": service.with_utm(link.landing.destination, link.utm),
    }
    return render(request, "campaigns/landing_page.html", context)
