from django.db import migrations

# A locked brief may name somebody who asks to be forgotten: the erasure (see accounts 0008) takes the name out of it.
DOOR = """
CREATE OR REPLACE FUNCTION refuse_change_of_locked_brief() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('resonance.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'created_by_id' IS DISTINCT FROM to_jsonb(OLD) - 'created_by_id' THEN
        RAISE EXCEPTION 'a locked brief never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
SHUT = """
CREATE OR REPLACE FUNCTION refuse_change_of_locked_brief() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'created_by_id' IS DISTINCT FROM to_jsonb(OLD) - 'created_by_id' THEN
        RAISE EXCEPTION 'a locked brief never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0017_results_further"), ("accounts", "0008_admin_scope_and_privacy")]
    operations = [migrations.RunSQL(DOOR, SHUT)]
