"""Who signs: the fields of a party, read and checked in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import InvalidInput
from campaigns.texts import one_line
from matching.codes import countries, country_code

# name → (label, longest, required for every contract)
COMMON: dict[str, tuple[Any, int, bool]] = {
    "name": (gettext_lazy("Legal name"), 160, True),
    "address": (gettext_lazy("Postal address"), 300, True),
    "email": (gettext_lazy("E-mail address"), 254, True),
    "tax_country": (gettext_lazy("Country of tax residence"), 2, True),
    "registration": (gettext_lazy("Registration number (SIREN, VAT or other)"), 80, False),
}
BRAND = COMMON | {
    "representative": (gettext_lazy("Represented by"), 160, True),
    "authorisation": (gettext_lazy("Authorisation or licence, where the sector needs one"), 200, False),
}
CREATOR = COMMON | {
    "eu_representative": (gettext_lazy("Legal representative in the EU"), 300, False),
    "insurance": (gettext_lazy("Liability insurance with an EU insurer"), 300, False),
}
FIELDS = {"brand": BRAND, "creator": CREATOR}


def read_party(side: str, given: Mapping[str, Any], *, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The party's fields as clean text; what is left out keeps its value in `base`. Raises InvalidInput per field."""
    known, faults = FIELDS[side], {}
    party = {name: str((base or {}).get(name, "")) for name in known}
    for name, value in given.items():
        if name not in known:
            faults[name] = [_("There is no such field.")]
            continue
        text = one_line(value)
        if len(text) > known[name][1] and name != "tax_country":
            faults[name] = [_("At most %(n)s characters.") % {"n": known[name][1]}]
        party[name] = text
    if party["email"]:
        try:
            validate_email(party["email"])
        except ValidationError:
            faults["email"] = [_("This is not an e-mail address.")]
    if party["tax_country"]:
        code = country_code(party["tax_country"])
        if code is None or code not in countries():
            faults["tax_country"] = [_("Use a two-letter country code, such as FR.")]
        else:
            party["tax_country"] = code
    if faults:
        raise InvalidInput(fields=faults)
    return party


def lacking(side: str, party: Mapping[str, str]) -> list[str]:
    """Names of required fields that are still empty."""
    return [name for name, (_label, _most, required) in FIELDS[side].items() if required and not party.get(name)]
