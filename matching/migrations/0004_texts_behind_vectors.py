from django.db import migrations, models

# Payloads are read by their owner's page, not searched: keep them out of the way of the current flag.
STORAGE = "ALTER TABLE matching_signals SET (fillfactor = 90)"


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_narrow_vectors")]
    operations = [
        migrations.AddField("postvectors", "text_hashes", models.BinaryField(default=bytes)),
        migrations.AddField("postvectors", "document_hash", models.BigIntegerField(null=True)),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
