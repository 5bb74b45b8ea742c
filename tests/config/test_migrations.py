"""Every migration may run on a live database: the old code goes on working beside it, and no table is locked for long.

Checked by django-migration-linter on the SQL. What it objects to and is right here stands in EXCEPTIONS with its reason.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

# Up to these nothing was installed anywhere: no table held rows and no older code read them.
BEFORE_ANY_INSTALLATION = {"accounts": 9, "matching": 17, "campaigns": 18}
# (app, migration) → why what the linter says of it does no harm
EXCEPTIONS: dict[tuple[str, str], str] = {}


def objections(app: str, name: str, loader: MigrationLoader) -> list[str]:
    linter = MigrationLinter(path=str(settings.BASE_DIR), no_cache=True, no_output=True)
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, linter.get_sql(app, name))
    data_errors, _data_ignored, data_warnings = linter.analyse_data_migration(loader.disk_migrations[app, name])
    return sorted({problem.code for problem in (*errors, *warnings, *data_errors, *data_warnings)})


@pytest.mark.django_db
def test_no_migration_breaks_the_version_that_runs_beside_it() -> None:
    loader = MigrationLoader(connection)
    new = [
        (app, name)
        for app, name in loader.disk_migrations
        if app in BEFORE_ANY_INSTALLATION and int(name[:4]) > BEFORE_ANY_INSTALLATION[app]
    ]
    found = {key: codes for key in new if (codes := objections(*key, loader))}
    assert {key: codes for key, codes in found.items() if key not in EXCEPTIONS} == {}, (
        "make it in two steps (docs/operating.md, Order of a new version), or say in EXCEPTIONS why it does no harm"
    )
    assert set(EXCEPTIONS) - set(found) == set(), "these need no exception any more"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (migrations.AddField("campaign", "planted", models.CharField(max_length=5)), "NOT_NULL"),
        (migrations.RemoveField("campaign", "audience"), "DROP_COLUMN"),
        (migrations.RenameField("campaign", "audience", "public"), "RENAME_COLUMN"),
        (migrations.DeleteModel("Brief"), "DROP_TABLE"),
    ],
)
def test_the_linter_sees_what_would_break_the_running_version(operation: Any, code: str) -> None:
    loader = MigrationLoader(connection)
    planted = migrations.Migration("9999_planted", "campaigns")
    planted.operations = [operation]
    with connection.schema_editor(collect_sql=True) as editor:
        planted.apply(loader.project_state(), editor, collect_sql=True)
        statements = [str(line) for line in editor.collected_sql]
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, statements)
    assert code in {problem.code for problem in (*errors, *warnings)}, statements
