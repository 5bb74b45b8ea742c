from django.db import migrations

# What proves a contract is never changed: not by a mistake, not by an import, not by a script of ours.
# accounts' refuse_change() serves rows; TRUNCATE needs a statement trigger of its own.
TABLES = ("campaigns_evidence", "campaigns_signature", "campaigns_contractfile")
CREATE = """
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
"""
    for table in TABLES
)
# A contract that was sent keeps its words: only state, reminders and its end may move.
CREATE += """
CREATE FUNCTION refuse_change_of_sent_contract() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['state', 'executed_at', 'ended_at', 'ending_reason', 'ended_by', 'reminders', 'reminded_at',
                         'created_by_id'];
BEGIN
    IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'a contract that was sent never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contract_sent_is_fixed BEFORE UPDATE ON campaigns_contract
    FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_sent_contract();
"""
DROP = (
    """
DROP TRIGGER contract_sent_is_fixed ON campaigns_contract;
DROP FUNCTION refuse_change_of_sent_contract();
"""
    + "".join(
        f"DROP TRIGGER {table}_never_emptied ON {table}; DROP TRIGGER {table}_append_only ON {table};\n"
        for table in TABLES
    )
    + "DROP FUNCTION refuse_truncate();"
)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_contract_signatures_evidence"), ("accounts", "0002_events_are_append_only")]
    operations = [migrations.RunSQL(CREATE, DROP)]
