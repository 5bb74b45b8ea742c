"""Drafts, remarks, publications and their confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.fields import DayField


class Pictures(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class PicturesField(forms.FileField):
    """Any number of files; their bytes are judged by the service (campaigns/reviewfiles.py)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=Pictures(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}), **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(PicturesField, self).clean(item, initial) for item in given if item]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DraftForm(forms.Form):
    text = forms.CharField(label=_("Text of the post"), max_length=6000, required=False, widget=_area(7))
    video_url = forms.CharField(
        label=_("Link to a video"),
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"inputmode": "url"}),
        help_text=_("Unlisted is fine; whoever has the link must be able to watch."),
    )
    files = PicturesField(label=_("Pictures"), required=False, help_text=_("JPEG, PNG, WebP or GIF, 8 MB each."))
    note = forms.CharField(label=_("A word with it"), max_length=1000, required=False, widget=_area(2))
    images_retouched = forms.BooleanField(label=_("A face or figure is retouched"), required=False)
    images_virtual = forms.BooleanField(label=_("A face or figure was made by artificial intelligence"), required=False)


class PublishForm(forms.Form):
    url = forms.CharField(
        label=_("Address of the post"), max_length=500, widget=forms.URLInput(attrs={"inputmode": "url"})
    )
    caption = forms.CharField(
        label=_("Caption as published"),
        max_length=6000,
        strip=False,
        widget=_area(6),
        help_text=_("Paste it whole: the label is checked at once."),
    )
    toggle = forms.BooleanField(label=_("The network’s paid partnership setting is on"), required=False)
    files = PicturesField(
        label=_("Screenshots"),
        required=False,
        help_text=_("As it shows before tapping “more”; for a story, every frame. They are your proof as well."),
    )


class RemarkForm(forms.Form):
    text = forms.CharField(label=_("Remark"), max_length=2000, required=False, widget=_area(2))
    quote = forms.CharField(label=_("About these words"), max_length=300, required=False)


class GuestRemarkForm(forms.Form):
    text = forms.CharField(label=_("What do you think?"), max_length=2000, required=False, widget=_area(4))
    opinion = forms.ChoiceField(
        label=_("Your advice"),
        required=False,
        choices=[("approve", _("Good as it is")), ("change", _("Something should change")), ("", _("Only a remark"))],
        widget=forms.RadioSelect,
        initial="",
    )


class AnswerForm(forms.Form):
    note = forms.CharField(label=_("What should change, and why"), max_length=1000, required=False, widget=_area(3))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, required=False, widget=_area(2))


class GuestForm(forms.Form):
    name = forms.CharField(label=_("Who is it for?"), max_length=80, required=False)
    days = forms.IntegerField(label=_("Days it stays open"), initial=14, min_value=1, max_value=60)


class ReopenForm(forms.Form):
    due_on = DayField(label=_("New date"))


class BoardForm(forms.Form):
    """Filters of the disclosure board; what is not known is left out."""

    campaign = forms.ChoiceField(required=False)
    country = forms.CharField(required=False, max_length=2)
    verdict = forms.CharField(required=False, max_length=10)
