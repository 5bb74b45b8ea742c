"""The narrow twin of the index: vectors with the filters that decide who is compared, and nothing else.

Kept by a trigger on `CreatorIndex` (migration 0003), never written by hand. Two reasons, both measured at
100,000 rows: comparing every row that passes a filter is four times quicker on rows this narrow, and a
recompute that leaves the vector as it was no longer touches the HNSW index, where one insertion costs
about a millisecond.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField, HnswIndex


class CreatorVector(models.Model):
    """size_step: floor(4 · log2(followers + 1)), the indexed form of followers, which rarely changes."""

    creator = models.OneToOneField(
        "accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    followers = models.BigIntegerField(null=True)
    size_step = models.SmallIntegerField(null=True)
    country = models.CharField(max_length=2, blank=True)
    platforms = ArrayField(models.CharField(max_length=10), default=list)
    languages = ArrayField(models.CharField(max_length=5), default=list)
    topics = ArrayField(models.CharField(max_length=60), default=list)
    embedding = HalfVectorField(dimensions=256)

    class Meta:
        indexes = [
            HnswIndex(
                name="vector_hnsw",
                fields=["embedding"],
                opclasses=["halfvec_ip_ops"],
                m=16,
                ef_construction=64,
            ),
            models.Index(fields=["country", "size_step"], name="vector_country_size"),
            models.Index(fields=["size_step"], name="vector_size"),
            GinIndex(fields=["platforms", "languages", "topics"], name="vector_lists"),
        ]


class CreatorDocument(models.Model):
    """The words a creator is found by. Apart from the index row: each new version of that row would be entered
    in the word index again, at 0.09 ms, more than everything else that is written with a score. Gone with its row
    (trigger, migration 0010)."""

    creator = models.OneToOneField(
        "accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    document = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["document"], name="creator_document")]
