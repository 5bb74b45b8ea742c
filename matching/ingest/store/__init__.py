"""Chunks into PostgreSQL: COPY into temporary tables, then set-based merges, all in one transaction."""

from matching.ingest.store.merge import Stored, store_tables

__all__ = ["Stored", "store_tables"]
