"""People who objected or were erased: their rows are turned away, known only by a keyed hash."""

from __future__ import annotations

from typing import Any

from accounts.models import Objection
from accounts.secrets import pseudonym
from matching.ingest.store.newest import rows, run


def any_objections() -> bool:
    return Objection.objects.filter(scope="account").exists()


def turn_away(entity: str, workspace_id: Any) -> None:
    """Marks staged rows of objecting accounts. Objections of another workspace do not count here."""
    if not any_objections():
        return
    stage = f"stage_{entity}"
    if entity == "comments":
        pairs = rows(
            "SELECT DISTINCT a.platform, a.handle_key FROM stage_comments s "
            "JOIN accounts_socialaccount a ON a.id = s.account_id"
        )
    else:
        pairs = rows(f"SELECT DISTINCT platform, handle_key FROM {stage}")
    hashes = {pseudonym(str(platform), str(key)): (platform, key) for platform, key in pairs}
    found = Objection.objects.filter(scope="account", subject_hash__in=list(hashes))
    concerned = [hashes[o.subject_hash] for o in found if o.workspace_id in (None, workspace_id)]
    if not concerned:
        return
    platforms, keys = [str(p) for p, _k in concerned], [str(k) for _p, k in concerned]
    who = "unnest(%(platforms)s::text[], %(keys)s::text[]) AS o(platform, handle_key)"
    if entity == "comments":
        sql = (
            f"UPDATE {stage} s SET outcome = 'objected' FROM accounts_socialaccount a JOIN {who} "
            "ON o.platform = a.platform AND o.handle_key = a.handle_key WHERE a.id = s.account_id"
        )
    else:
        sql = (
            f"UPDATE {stage} s SET outcome = 'objected' FROM {who} "
            "WHERE o.platform = s.platform AND o.handle_key = s.handle_key"
        )
    run(sql, platforms=platforms, keys=keys)
