"""`{% load ui %}`: every component and filter of the interface (described in docs/frontend.md)."""

from django import template

from accounts.templatetags import answers, charts, figures, marks, parts, score, terms, ways

register = template.Library()

for _part in (answers, charts, figures, marks, parts, score, terms, ways):
    register.tags.update(_part.register.tags)
    register.filters.update(_part.register.filters)
