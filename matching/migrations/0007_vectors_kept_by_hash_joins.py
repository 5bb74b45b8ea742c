from django.db import migrations

# A transition table is a file without statistics: joined in a loop it is read again for every row.
TIGHTEN = "ALTER FUNCTION matching_keep_vectors() SET enable_nestloop = off"
LOOSEN = "ALTER FUNCTION matching_keep_vectors() RESET enable_nestloop"


class Migration(migrations.Migration):
    dependencies = [("matching", "0006_captions_read_once")]
    operations = [migrations.RunSQL(TIGHTEN, LOOSEN)]
