"""Vectors lie in cells in place of a graph: nothing to insert at a millisecond each, and filters meet them first."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgvector.django.halfvec
from django.db import migrations, models

KEEP = """
CREATE OR REPLACE FUNCTION matching_keep_vectors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM matching_creatorvector v USING gone WHERE v.creator_id = gone.creator_id;
        DELETE FROM matching_vectorsample v USING gone WHERE v.creator_id = gone.creator_id;
        RETURN NULL;
    END IF;
    DELETE FROM matching_creatorvector v USING fresh WHERE v.creator_id = fresh.creator_id AND fresh.embedding IS NULL;
    INSERT INTO matching_creatorvector AS v
        (creator_id, followers, size_step, country, platforms, languages, topics, embedding, cell)
    SELECT f.creator_id, f.followers, floor(4 * log(2.0, f.followers + 1)), f.country, f.platforms, f.languages,
        f.topics, f.embedding,
        CASE WHEN o.embedding = f.embedding AND o.cell IS NOT NULL THEN o.cell
             ELSE (SELECT c.cell FROM matching_vectorcell c ORDER BY c.centre <#> f.embedding LIMIT 1) END
    FROM fresh f LEFT JOIN matching_creatorvector o ON o.creator_id = f.creator_id
    WHERE f.embedding IS NOT NULL ORDER BY f.creator_id
    ON CONFLICT (creator_id) DO UPDATE SET followers = EXCLUDED.followers, size_step = EXCLUDED.size_step,
        country = EXCLUDED.country, platforms = EXCLUDED.platforms, languages = EXCLUDED.languages,
        topics = EXCLUDED.topics, embedding = EXCLUDED.embedding, cell = EXCLUDED.cell
    WHERE (v.followers, v.country, v.platforms, v.languages, v.topics, v.embedding) IS DISTINCT FROM
        (EXCLUDED.followers, EXCLUDED.country, EXCLUDED.platforms, EXCLUDED.languages, EXCLUDED.topics, EXCLUDED.embedding);
    RETURN NULL;
END $$;
ALTER FUNCTION matching_keep_vectors() SET enable_nestloop = off;
ALTER TABLE matching_vectorcell ALTER COLUMN centre SET STORAGE PLAIN;
ALTER TABLE matching_vectorsample ALTER COLUMN embedding SET STORAGE MAIN;
"""


def narrow() -> list[tuple[str, models.Field]]:
    array = django.contrib.postgres.fields.ArrayField
    owner = models.OneToOneField(
        db_constraint=False,
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name="+",
        serialize=False,
        to="accounts.creator",
    )
    return [
        ("creator", owner),
        ("followers", models.BigIntegerField(null=True)),
        ("size_step", models.SmallIntegerField(null=True)),
        ("country", models.CharField(blank=True, max_length=2)),
        ("platforms", array(base_field=models.CharField(max_length=10), default=list, size=None)),
        ("languages", array(base_field=models.CharField(max_length=5), default=list, size=None)),
        ("topics", array(base_field=models.CharField(max_length=60), default=list, size=None)),
        ("embedding", pgvector.django.halfvec.HalfVectorField(dimensions=256)),
        ("cell", models.SmallIntegerField(null=True)),
    ]


class Migration(migrations.Migration):
    dependencies = [("matching", "0010_engine_documents_apart")]

    operations = [
        migrations.RemoveIndex(model_name="creatorvector", name="vector_hnsw"),
        migrations.AddField("creatorvector", "cell", models.SmallIntegerField(null=True)),
        migrations.AddIndex("creatorvector", models.Index(fields=["cell"], name="vector_cell")),
        migrations.CreateModel(
            name="VectorCell",
            fields=[
                ("cell", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("centre", pgvector.django.halfvec.HalfVectorField(dimensions=256)),
                ("rows", models.IntegerField()),
                ("space", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(name="VectorSample", fields=narrow()),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        # four networks are no index: their bitmaps of hundreds of thousands of rows cost more than looking
        migrations.RemoveIndex("creatorindex", "index_platforms"),
        migrations.RemoveIndex("creatorvector", "vector_lists"),
        migrations.AddIndex(
            "creatorvector",
            django.contrib.postgres.indexes.GinIndex(fields=["languages", "topics"], name="vector_lists"),
        ),
        migrations.AddIndex(
            "creatorindex",
            models.Index(fields=["country"], name="index_unread", condition=models.Q(embedding__isnull=True)),
        ),
    ]
