"""Words shared by pages and mail, so that the same thing is called the same everywhere."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import ClosingCode, Partnership

# freedom 1..5 → (short name, what it means for the creator)
FREEDOM: dict[int, tuple[Promise, Promise]] = {
    1: (pgettext_lazy("freedom", "Script"), gettext_lazy("The words are given. You lend your voice.")),
    2: (pgettext_lazy("freedom", "Guided"), gettext_lazy("The outline is given; you choose words and pictures.")),
    3: (pgettext_lazy("freedom", "Shared"), gettext_lazy("The main points are given; tone and form are yours.")),
    4: (pgettext_lazy("freedom", "Wide"), gettext_lazy("A few facts must be right. Tone, form and opinion are yours.")),
    5: (
        pgettext_lazy("freedom", "Full"),
        gettext_lazy("A subject, nothing else. You say what you think, limits included."),
    ),
}


def ending(partnership: Partnership, brand: str) -> str:
    """One kind, honest sentence on why it ended, for the creator."""
    texts = {
        ClosingCode.BRAND: _("%(brand)s has taken the invitation back."),
        ClosingCode.PLACES_FULL: _(
            "All places of this campaign are taken. You were a real choice; others answered first."
        ),
        ClosingCode.CAMPAIGN_CLOSED: _("%(brand)s has closed this campaign. It has nothing to do with you."),
        ClosingCode.CAMPAIGN_CANCELLED: _("%(brand)s has cancelled this campaign. It has nothing to do with you."),
        ClosingCode.CREATOR_SILENT: _("The deadline passed without an answer. That is perfectly fine."),
        ClosingCode.BRAND_SILENT: _("%(brand)s did not answer your proposal in time. We are sorry about the silence."),
        ClosingCode.CREATOR: _("You have ended this partnership."),
    }
    code = partnership.closing_code
    if code == ClosingCode.BRAND and partnership.state == "cancelled":
        return _("%(brand)s has ended this partnership.") % {"brand": brand}
    return texts[ClosingCode(code)] % {"brand": brand} if code in texts else ""
