"""The narrow twins of the index: vectors with the filters that decide who is compared, and nothing else; and words.

Vectors are kept by a trigger on `CreatorIndex` (migrations 0003, 0011), never written by hand: comparing every row
that passes a filter is four times quicker on rows this narrow, and a score that leaves the vector as it was touches
nothing here.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField


class _Narrow(models.Model):
    """size_step: floor(4 · log2(followers + 1)), the indexed form of followers, which rarely changes.
    cell: whose centre is nearest, null before the first division; see `matching.cells`."""

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
    cell = models.SmallIntegerField(null=True)

    class Meta:
        abstract = True


class CreatorVector(_Narrow):
    """Every creator with a vector, lying together by cell since the last division."""

    class Meta:
        indexes = [
            models.Index(fields=["cell"], name="vector_cell"),
            models.Index(fields=["country", "size_step"], name="vector_country_size"),
            models.Index(fields=["size_step"], name="vector_size"),
            GinIndex(fields=["languages", "topics"], name="vector_lists"),
        ]


class VectorSample(_Narrow):
    """A few thousand rows of `CreatorVector` drawn at the last division: what a match estimates from."""


class VectorCell(models.Model):
    """A part of the semantic space. rows: creators in it at the division; space: version of the vectors."""

    cell = models.SmallIntegerField(primary_key=True)
    centre = HalfVectorField(dimensions=256)
    rows = models.IntegerField()
    space = models.CharField(max_length=40)
    made_at = models.DateTimeField()


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
