"""Words people say for opioid dependence that are no names of the condition, so that no page gives them as such."""

from django.db import migrations

TERMS = ["opioid dependence", "heroin addiction", "heroin dependence", "Heroinabhängigkeit"]


def add(apps, schema_editor):
    apps.get_model("search", "SynonymGroup").objects.create(terms=TERMS)


class Migration(migrations.Migration):

    dependencies = [("search", "0005_more_words")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
