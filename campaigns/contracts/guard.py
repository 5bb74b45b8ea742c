"""Whether the law lets a partnership's content be published without a contract signed by both."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.templatetags.figures import money
from campaigns import publication_rules
from campaigns.contracts import rules
from campaigns.contracts.composing import facts_of
from campaigns.contracts.threshold import Cumulative, cumulative
from campaigns.limits import Block
from campaigns.models import Contract, Partnership


def executed(partnership: Partnership) -> Contract | None:
    """The contract in force: signed by both and not terminated."""
    found: Contract | None = Contract.objects.filter(
        partnership=partnership, amends__isnull=True, state="executed"
    ).first()
    return found


def demanded(partnership: Partnership, now: datetime, counter: Cumulative | None = None) -> list[Block]:
    """Why a written contract is required here, each with its source; empty where it is only advised."""
    found = []
    counter = counter or cumulative(partnership, now=now)
    if counter.level == "block" and counter.threshold:
        found.append(
            Block(
                "contract_required",
                _("%(sum)s this year for the same objective: a signed contract is required. Source: %(source)s.")
                % {
                    "sum": money(counter.higher, counter.threshold.currency),
                    "source": f"{counter.threshold.name} ({counter.threshold.since.isoformat()})",
                },
            )
        )
    return found


def forbidden(partnership: Partnership, now: datetime) -> list[Block]:
    """Rules that no contract, or only a contract with certain facts in it, can settle."""
    contract = executed(partnership)
    facts = facts_of(partnership, contract)
    return [
        Block(
            f"rule:{rule.id}",
            _("%(text)s Source: %(source)s.") % {"text": rule.text, "source": rule.source},
        )
        for rule in rules.obstacles(facts, now.date())
    ]


def may_publish(partnership: Partnership, now: datetime) -> list[Block]:
    """The guard of contracts: law's prohibitions, then the threshold without an executed contract."""
    found = forbidden(partnership, now)
    counter = cumulative(partnership, now=now)
    signed = executed(partnership) is not None
    if not signed:
        found += demanded(partnership, now, counter)
    if counter.level == "warn" and counter.threshold and not signed:
        found.append(
            Block(
                "contract_near",
                _("%(sum)s of %(most)s this year: from there on a signed contract is required. Source: %(source)s.")
                % {
                    "sum": money(counter.higher, counter.threshold.currency),
                    "most": money(counter.threshold.amount, counter.threshold.currency),
                    "source": counter.threshold.name,
                },
                warning=True,
            )
        )
    return found


def register() -> None:
    publication_rules.register("contract", may_publish)
