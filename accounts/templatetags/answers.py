"""Forms: one field with label, help and error tied together, and the summary of what stops a form."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BaseForm, BoundField

register = template.Library()


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", help: str = "", placeholder: str = "", term: str = "") -> dict[str, Any]:
    """One form field: label, control, help and error tied together. term: glossary key beside the label."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or widget.__class__.__name__.lower()
    group = isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))
    help = help or str(bound.help_text)
    attributes = {**widget.attrs, "class": f"{_control_class(kind, group)} {widget.attrs.get('class', '')}".strip()}
    if placeholder:
        attributes["placeholder"] = placeholder
    if bound.errors:
        attributes |= {"aria-invalid": "true", "class": f"{attributes['class']} is-invalid".strip()}
    notes = [f"{bound.auto_id}_{name}" for name, shown in (("helptext", help), ("error", bound.errors)) if shown]
    if notes and not group:
        attributes["aria-describedby"] = " ".join(notes)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "kind": "group" if group else "check" if kind == "checkbox" else "hidden" if bound.is_hidden else "plain",
        "label": label or bound.label,
        "help": help,
        "term": term,
    }


def _control_class(kind: str, group: bool) -> str:
    if group:
        return ""  # Django would repeat the class on the group's own <div>
    if kind == "checkbox":
        return "form-check-input"
    return "form-select" if "select" in kind else "form-control"


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What stops this form from being accepted, above it, with links to the fields."""
    return {"form": form, "wrong": [form[name] for name in form.errors if name in form.fields] if form.is_bound else []}


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """Every visible field of a form in its own order, errors first."""
    return {"form": form}
