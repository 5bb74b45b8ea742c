from django.db import migrations

TABLES = ("attributionentry", "report", "reportfile")
CREATE = "\n".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON campaigns_{table} "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER {table}_append_only ON campaigns_{table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0010_tracking_conversions_reports"),
        ("accounts", "0002_events_are_append_only"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
