"""A creator's own pages: what brands see, the limits that bind, and contact."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import CreatorTermsForm
from accounts.models import Creator, CreatorTerms
from accounts.services import creators
from accounts.views.access import needs


@needs("creator.own")
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    creator = get_object_or_404(Creator.visible_to(request.actor).select_related("terms"), pk=request.actor.creator_id)
    terms = CreatorTerms.visible_to(request.actor).first() or CreatorTerms(creator=creator)
    form = CreatorTermsForm(request.POST or None, instance=terms)
    if request.method == "POST" and form.is_valid():
        creators.save_terms(actor=request.actor, creator=creator, terms=_terms(form))
        messages.success(request, _("Saved. Matches respect these limits from now on."))
        return redirect("creator_profile")
    context = {"creator": creator, "accounts": creator.accounts.order_by("-followers"), "form": form}
    return render(request, "accounts/creator_profile.html", context, status=422 if form.errors else 200)


def _terms(form: CreatorTermsForm) -> dict[str, object]:
    data = {name: form.cleaned_data[name] for name in form.Meta.fields}
    minimum = form.cleaned_data["minimum"]
    fees = dict(form.instance.minimum_fee or {})
    fees.pop("*", None)
    if minimum is not None:
        fees["*"] = str(minimum)
    return data | {
        "refused_sectors": form.split("refused_text"),
        "values": form.split("values_text"),
        "minimum_fee": fees,
    }
