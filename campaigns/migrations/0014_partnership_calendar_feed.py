import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("campaigns", "0013_deliverables_and_disclosure_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("language", models.CharField(default="en", max_length=5)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_on", models.DateField(blank=True, null=True)),
                (
                    "creator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to="accounts.creator",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
