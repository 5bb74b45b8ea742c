"""Readings of comments are kept; and what is written with every score is no longer compressed in vain:
pglz took a tenth of a millisecond per creator for the scores, and cannot make vectors smaller."""

from django.db import migrations, models

_STORED = """
ALTER TABLE matching_signals ALTER COLUMN payload SET STORAGE {kind};
ALTER TABLE matching_postvectors ALTER COLUMN vectors SET STORAGE {kind}, ALTER COLUMN text_hashes SET STORAGE {kind},
    ALTER COLUMN captions SET STORAGE {kind}, ALTER COLUMN comments SET STORAGE {kind};
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0008_signals_further")]

    operations = [
        migrations.AddField("postvectors", "comments", models.BinaryField(null=True)),
        migrations.RunSQL(_STORED.format(kind="EXTERNAL"), _STORED.format(kind="EXTENDED")),
    ]
