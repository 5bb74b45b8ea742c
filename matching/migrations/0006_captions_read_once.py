from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0005_import_drafts_fewer_indexes")]
    operations = [migrations.AddField("postvectors", "captions", models.BinaryField(default=bytes))]
