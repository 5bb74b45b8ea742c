"""Pages that explain the product itself: the glossary and the style guide."""

from __future__ import annotations

import unicodedata
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from accounts import glossary as words
from accounts.views import styleguide_examples


def folded(text: str) -> str:
    """Lower case without accents: "Créateur" and "createur" find each other."""
    return "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold().replace("’", "'")) if not unicodedata.combining(c)
    )


def _found(query: str) -> list[words.Term]:
    """Terms that hold every word of the query, those that hold it in their name first, then by name."""
    asked = folded(query).split()
    both = [words.terms(language) for language in (get_language() or "en", "en", "fr")]

    def names(term: words.Term) -> str:
        return folded(" ".join([*(language[term.key].name for language in both), *term.also]))

    kept = [
        term
        for term in both[0].values()
        if all(word in names(term) or word in folded(term.definition) for word in asked)
    ]
    return sorted(
        kept, key=lambda term: (bool(asked) and not all(word in names(term) for word in asked), folded(term.name))
    )


def glossary(request: HttpRequest) -> HttpResponse:
    """Every term with definition, formula, unit and source; `?q=` searches both languages."""
    query = " ".join(request.GET.get("q", "").split())[:100]
    terms = _found(query)
    letters = (
        []
        if query
        else [(letter, list(group)) for letter, group in groupby(terms, key=lambda term: folded(term.name)[0].upper())]
    )
    context = {"query": query, "terms": terms, "letters": letters, "count": len(words.terms())}
    partial = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    response = render(request, "accounts/glossary_terms.html" if partial else "accounts/glossary.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with real states, for those who build pages."""
    if not (settings.DEBUG or settings.DEMO_MODE or request.user.is_staff):
        raise Http404
    return render(request, "accounts/styleguide.html", styleguide_examples.context(request.POST or None))
