"""allauth's forms with our words: a label says what is asked, no placeholder repeats it."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("Password you have now"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "code": _("Code"),
}


class Plain:
    """Mixed into a form: our labels, no placeholders."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(Plain, forms.LoginForm): ...


class ResetPasswordForm(Plain, forms.ResetPasswordForm): ...


class ResetPasswordKeyForm(Plain, forms.ResetPasswordKeyForm): ...


class ChangePasswordForm(Plain, forms.ChangePasswordForm): ...


class SetPasswordForm(Plain, forms.SetPasswordForm): ...


class AddEmailForm(Plain, forms.AddEmailForm): ...


class ReauthenticateForm(Plain, forms.ReauthenticateForm): ...


class SecondStepForm(Plain, AuthenticateForm): ...


class ActivateForm(Plain, ActivateTOTPForm): ...
