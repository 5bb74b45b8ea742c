"""Connectors to the networks' own interfaces: one small module each, behind `base.Connector`.

A connector turns pages of a network's answers into rows of the canonical fields (docs/importing.md); storing,
deduplication, provenance and rescoring are those of every import. Adding a network: docs/connectors.md.
"""

from __future__ import annotations

from matching.ingest.connectors.base import Connector
from matching.ingest.connectors.instagram import Instagram
from matching.ingest.connectors.tiktok import TikTok
from matching.ingest.connectors.youtube import YouTube

CONNECTORS: dict[str, Connector] = {one.platform: one for one in (YouTube(), Instagram(), TikTok())}
