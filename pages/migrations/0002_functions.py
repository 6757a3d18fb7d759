"""What the triggers of other rooms' tables call, and how the bodies of pages are stored."""

from django.conf import settings
from django.db import migrations

FUNCTIONS = """
-- The version of the records: what is committed is only ever added to the sum.
CREATE FUNCTION pages_version() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(sum(n_transactions), 0)::bigint FROM pages_write $$;

-- Counts a transaction once, in the row of its session, and tells all who listen when it is committed.
CREATE FUNCTION pages_note_write() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    this_one text := pg_current_xact_id()::text;
BEGIN
    IF current_setting('pages.noted', true) IS NOT DISTINCT FROM this_one THEN
        RETURN;
    END IF;
    INSERT INTO pages_write (backend, n_transactions) VALUES (pg_backend_pid(), 1)
    ON CONFLICT (backend) DO UPDATE SET n_transactions = pages_write.n_transactions + 1;
    PERFORM set_config('pages.noted', this_one, true);
    PERFORM pg_notify('pages', '');
END $$;

-- Since when everything has stood as it does: the first full second after it was first seen, and later than
-- that of any state before. Null for a state that is over.
CREATE FUNCTION pages_standing_since(of_version bigint, of_day date, of_edition text)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    stood timestamptz;
BEGIN
    SELECT since INTO stood FROM pages_standing
    WHERE version = of_version AND day = of_day AND edition = of_edition;
    IF FOUND THEN
        RETURN stood;
    END IF;
    INSERT INTO pages_standing (id, version, day, edition, since)
    VALUES (1, of_version, of_day, of_edition, date_trunc('second', clock_timestamp()) + interval '1 second')
    ON CONFLICT (id) DO UPDATE SET
        version = EXCLUDED.version, day = EXCLUDED.day, edition = EXCLUDED.edition,
        since = greatest(EXCLUDED.since, pages_standing.since + interval '1 second')
    WHERE pages_standing.version <= EXCLUDED.version
      AND (pages_standing.version, pages_standing.day, pages_standing.edition)
          IS DISTINCT FROM (EXCLUDED.version, EXCLUDED.day, EXCLUDED.edition);
    SELECT since INTO stood FROM pages_standing
    WHERE version = of_version AND day = of_day AND edition = of_edition;
    RETURN stood;
END $$;

-- Notes once in a transaction that a study's document is stale.
CREATE FUNCTION pages_note_documents(studies bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pages_documentchange (study_id, xact)
    SELECT id, pg_current_xact_id()::text::bigint FROM unnest(studies) AS id WHERE id IS NOT NULL
    ON CONFLICT DO NOTHING
$$;

-- Pages and documents name people by their user name: who entered and who checked.
CREATE FUNCTION pages_note_rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pages_note_write();
    PERFORM pages_note_documents(ARRAY(
        SELECT id FROM studies_study WHERE checked_by_id = NEW.id
        UNION SELECT study_id FROM studies_provenance WHERE checked_by_id = NEW.id
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER pages_note_rename AFTER UPDATE OF username ON auth_user FOR EACH ROW
WHEN (NEW.username IS DISTINCT FROM OLD.username) EXECUTE FUNCTION pages_note_rename();

-- The bodies are compressed or short-lived: the database need not try. What is read of documents is joined
-- by the database or sent whole: it need not pack the parts.
ALTER TABLE pages_page ALTER identity SET STORAGE EXTERNAL;
ALTER TABLE pages_page ALTER gzip SET STORAGE EXTERNAL;
ALTER TABLE pages_page ALTER brotli SET STORAGE EXTERNAL;
ALTER TABLE pages_studydocument ALTER parts SET STORAGE EXTERNAL;
"""

DROP = """
DROP TRIGGER pages_note_rename ON auth_user;
DROP FUNCTION pages_note_rename();
DROP FUNCTION pages_note_documents(bigint[]);
DROP FUNCTION pages_standing_since(bigint, date, text);
DROP FUNCTION pages_note_write();
DROP FUNCTION pages_version();
"""


class Migration(migrations.Migration):

    replaces = [('pages', '0004_standing')]

    dependencies = [
        ('pages', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
