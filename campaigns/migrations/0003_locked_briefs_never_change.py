from django.db import migrations

# The author may still be forgotten (ON DELETE SET NULL of a user); nothing else of a locked brief moves.
CREATE = """
CREATE FUNCTION refuse_change_of_locked_brief() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'created_by_id' IS DISTINCT FROM to_jsonb(OLD) - 'created_by_id' THEN
        RAISE EXCEPTION 'a locked brief never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER brief_locked BEFORE UPDATE ON campaigns_brief
    FOR EACH ROW WHEN (OLD.locked_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_locked_brief();
"""
DROP = """
DROP TRIGGER brief_locked ON campaigns_brief;
DROP FUNCTION refuse_change_of_locked_brief();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_links_reminders_and_acceptance")]
    operations = [migrations.RunSQL(CREATE, DROP)]
