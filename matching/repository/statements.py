# ruff: noqa: S608  (statements are put together from the constants of this file only)
"""SQL of the write path: staging tables of one transaction, and the merges from them.

Parameters of the two that write `CreatorIndex`: refused, JSON of creator id -> keys of the sectors refused;
ids, the creators of UPDATE_LIMITS.
"""

INDEX_NUMBERS = (
    "er",
    "er_low",
    "er_high",
    "er_percentile",
    "qualified",
    "qualified_low",
    "qualified_high",
    "qualified_percentile",
    "reply_rate",
    "coherence",
    "sponsored_share",
    "growth_90d",
    "disclosed",
    "authentic",
    "audience_score",
    "audience_low",
    "audience_high",
    "posture_score",
    "posture_low",
    "posture_high",
    "reliability_score",
    "reliability_low",
    "reliability_high",
    "coverage",
    "posts_n",
    "comments_n",
    "last_post_at",
    "fresh_at",
)

STAGE = f"""
CREATE TEMP TABLE IF NOT EXISTS stage_numbers
    (creator_id bigint, {", ".join(f"{name} float8" for name in INDEX_NUMBERS)})
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_texts
    (creator_id bigint, handles text[], tier text, languages text[], topics text[],
    topic_shares jsonb, er_base text, risk_flags text[], document tsvector, signals_version text, document_hash bigint)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_vectors (creator_id bigint, embedding halfvec(256)) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_packed
    (creator_id bigint, post_ids bigint[], vectors bytea, text_hashes bytea, captions bytea, comments bytea, space_version text)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS stage_said (creator_id bigint, comments bytea) ON COMMIT DELETE ROWS;
TRUNCATE stage_numbers, stage_texts, stage_vectors, stage_packed, stage_said;
"""


def _known(name: str) -> str:
    return f"nullif(n.{name}, 'NaN')"


_VALUES = {
    "creator_id": "c.id",
    "display_name": "c.display_name",
    "handles": "t.handles",
    "platforms": "coalesce(a.platforms, '{}')",
    "main_platform": "coalesce(a.main_platform, '')",
    "followers": "a.followers",
    "tier": "t.tier",
    "languages": "CASE WHEN cardinality(c.languages) > 0 THEN c.languages"
    " ELSE coalesce(t.languages::varchar[], o.languages, '{}') END",
    "country": "c.country",
    "city": "c.city",
    "topics": "t.topics::varchar[]",
    "topic_shares": "t.topic_shares",
    "er_base": "t.er_base",
    **{name: _known(name) for name in INDEX_NUMBERS},
    "coverage": "n.coverage",
    "posts_n": "n.posts_n::int",
    "comments_n": "n.comments_n::int",
    "last_post_at": f"to_timestamp({_known('last_post_at')})",
    "fresh_at": f"to_timestamp({_known('fresh_at')})",
    "risk_flags": "t.risk_flags::varchar[]",
    "is_minor": "c.is_minor",
    "is_claimed": "c.claimed_at IS NOT NULL",
    "contactable": "c.user_id IS NOT NULL OR c.contact_email <> ''",
    "refused_sectors": "coalesce((SELECT array_agg(k)"
    " FROM jsonb_array_elements_text(%(refused)s::jsonb -> c.id::text) k), '{}')::varchar[]",
    "forms": "coalesce(m.forms, '{}')",
    "min_fee": "f.least",
    "fee_currency": "coalesce(m.currency, 'EUR')",
    "accepts_in_kind": "m.accepts_in_kind",
    "unavailable_until": "m.unavailable_until",
    "capacity_per_month": "m.capacity_per_month",
    "shows_reasons": "coalesce(m.shows_reasons, true)",
    "embedding": "v.embedding",
    "signals_version": "t.signals_version",
    "indexed_at": "now()",
}
_CHANGED = [name for name in _VALUES if name not in ("creator_id", "indexed_at")]

_ABOUT = """LEFT JOIN LATERAL (
    SELECT max(s.followers) AS followers, array_agg(DISTINCT s.platform) AS platforms,
           (array_agg(s.platform ORDER BY s.followers DESC NULLS LAST, s.id))[1] AS main_platform
    FROM accounts_socialaccount s WHERE s.creator_id = c.id
) a ON true
LEFT JOIN LATERAL (
    SELECT min(value::numeric) AS least FROM jsonb_each_text(coalesce(m.minimum_fee, '{}'::jsonb))
    WHERE value ~ '^[0-9]+([.][0-9]+)?$'
) f ON true
"""

UPSERT_INDEX = f"""
INSERT INTO matching_creatorindex AS i ({", ".join(_VALUES)})
SELECT {", ".join(_VALUES.values())}
FROM stage_numbers n
JOIN stage_texts t USING (creator_id)
JOIN accounts_creator c ON c.id = n.creator_id AND c.erased_at IS NULL
LEFT JOIN stage_vectors v USING (creator_id)
LEFT JOIN matching_creatorindex o ON o.creator_id = c.id
LEFT JOIN accounts_creatorterms m ON m.creator_id = c.id
{_ABOUT}ORDER BY c.id
ON CONFLICT (creator_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _VALUES if name != "creator_id")}
WHERE ({", ".join(f"i.{name}" for name in _CHANGED)})
      IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _CHANGED)})
"""

UPSERT_DOCUMENTS = """
INSERT INTO matching_creatordocument AS d (creator_id, document)
SELECT creator_id, document FROM stage_texts JOIN accounts_creator c ON c.id = creator_id AND c.erased_at IS NULL
WHERE document IS NOT NULL ORDER BY creator_id
ON CONFLICT (creator_id) DO UPDATE SET document = excluded.document WHERE d.document IS DISTINCT FROM excluded.document
"""

_LIMITS = (
    "display_name",
    "platforms",
    "main_platform",
    "followers",
    "country",
    "city",
    "is_minor",
    "is_claimed",
    "contactable",
    "refused_sectors",
    "forms",
    "min_fee",
    "fee_currency",
    "accepts_in_kind",
    "unavailable_until",
    "capacity_per_month",
    "shows_reasons",
)

UPDATE_LIMITS = f"""
UPDATE matching_creatorindex i SET {", ".join(f"{name} = s.{name}" for name in _LIMITS)}, indexed_at = now()
FROM (
    SELECT c.id AS creator_id, {", ".join(f"{_VALUES[name]} AS {name}" for name in _LIMITS)}
    FROM accounts_creator c LEFT JOIN accounts_creatorterms m ON m.creator_id = c.id
    {_ABOUT}
    WHERE c.id = ANY(%(ids)s) AND c.erased_at IS NULL
) s
WHERE i.creator_id = s.creator_id
  AND ({", ".join(f"i.{name}" for name in _LIMITS)}) IS DISTINCT FROM ({", ".join(f"s.{name}" for name in _LIMITS)})
"""

UPSERT_VECTORS = """
INSERT INTO matching_postvectors AS p (creator_id, post_ids, vectors, text_hashes, captions, comments, space_version)
SELECT creator_id, post_ids, vectors, text_hashes, captions, comments, space_version FROM stage_packed
JOIN accounts_creator c ON c.id = creator_id AND c.erased_at IS NULL ORDER BY creator_id
ON CONFLICT (creator_id) DO UPDATE SET post_ids = excluded.post_ids, vectors = excluded.vectors,
    text_hashes = excluded.text_hashes, captions = excluded.captions, space_version = excluded.space_version,
    comments = coalesce(excluded.comments, p.comments)
"""

UPDATE_COMMENTS = """
UPDATE matching_postvectors p SET comments = s.comments FROM stage_said s WHERE s.creator_id = p.creator_id
"""

KEEP_DOCUMENT_HASHES = """
INSERT INTO matching_postvectors AS p (creator_id, post_ids, vectors, text_hashes, captions, document_hash, space_version)
SELECT creator_id, '{}', '', '', '', document_hash, %(space)s FROM stage_texts
JOIN accounts_creator c ON c.id = creator_id AND c.erased_at IS NULL ORDER BY creator_id
ON CONFLICT (creator_id) DO UPDATE SET document_hash = excluded.document_hash
WHERE p.document_hash IS DISTINCT FROM excluded.document_hash;
"""
