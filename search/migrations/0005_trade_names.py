"""Trade names of naltrexone, which whoever takes it reads on the packet."""

from django.db import migrations

NAMES = ["ReVia", "Vivitrol", "Nemexin", "Adepend", "Nalorex"]


def add(apps, schema_editor):
    group = apps.get_model("search", "SynonymGroup").objects.filter(
        is_everywhere=True, terms__contains=["naltrexone"]
    )
    for row in group:
        row.terms += [name for name in NAMES if name not in row.terms]
        row.save()


class Migration(migrations.Migration):

    dependencies = [("search", "0004_titles_of_studies")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
