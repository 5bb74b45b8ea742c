from django.db import migrations

CREATE = """
CREATE TRIGGER match_run_immutable BEFORE UPDATE ON matching_matchrun
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER match_result_immutable BEFORE UPDATE ON matching_matchresult
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE matching_postvectors ALTER COLUMN vectors SET STORAGE EXTERNAL;
"""
DROP = """
DROP TRIGGER match_run_immutable ON matching_matchrun;
DROP TRIGGER match_result_immutable ON matching_matchresult;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial"), ("accounts", "0002_events_are_append_only")]
    operations = [migrations.RunSQL(CREATE, DROP)]
