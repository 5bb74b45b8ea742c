import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO matching_creatordocument (creator_id, document)
SELECT creator_id, document FROM matching_creatorindex WHERE document IS NOT NULL ORDER BY creator_id;
"""
BACK = """
UPDATE matching_creatorindex i SET document = d.document FROM matching_creatordocument d
WHERE d.creator_id = i.creator_id;
"""
FORGET = """
CREATE FUNCTION matching_forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM matching_creatordocument d USING gone WHERE d.creator_id = gone.creator_id;
    RETURN NULL;
END $$;
CREATE TRIGGER index_row_forgotten AFTER DELETE ON matching_creatorindex REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION matching_forget_words();
"""
REMEMBER = """
DROP TRIGGER index_row_forgotten ON matching_creatorindex;
DROP FUNCTION matching_forget_words();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0009_engine_comments_read_once")]

    operations = [
        migrations.CreateModel(
            name="CreatorDocument",
            fields=[
                (
                    "creator",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.creator",
                    ),
                ),
                ("document", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.RunSQL(MOVE, BACK),
        migrations.AddIndex(
            model_name="creatordocument",
            index=django.contrib.postgres.indexes.GinIndex(fields=["document"], name="creator_document"),
        ),
        migrations.RunSQL(FORGET, REMEMBER),
        migrations.RemoveIndex(model_name="creatorindex", name="index_document"),
        migrations.RemoveField(model_name="creatorindex", name="document"),
    ]
