"""History begins: every row that is there is kept as it is now, and when that was is written down.

As a function, not as a row: it belongs to the tables, and goes into a backup with them.
"""

from django.db import migrations


def begin(apps, schema_editor):
    quote = schema_editor.quote_name
    for row in apps.get_app_config("history").get_models():
        if not row._meta.model_name.endswith("row"):
            continue
        watched = apps.get_model("history", row._meta.model_name.removesuffix("row") + "watched")
        columns = ", ".join(
            quote(field.column) for field in row._meta.local_fields if not field.name.startswith("pgh_")
        )
        schema_editor.execute(
            f"INSERT INTO {quote(row._meta.db_table)} (pgh_created_at, pgh_label, {columns}) "
            f"SELECT now(), 'insert', {columns} FROM {quote(watched._meta.db_table)}"
        )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    schema_editor.execute(
        "CREATE FUNCTION history_began() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS "
        f"$$ SELECT '{now.isoformat()}'::timestamptz $$"
    )


def forget(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION history_began()")


class Migration(migrations.Migration):

    dependencies = [("history", "0001_tables")]

    operations = [migrations.RunPython(begin, forget)]
