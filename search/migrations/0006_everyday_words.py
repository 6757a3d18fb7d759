"""Words people say for a condition that are no names of it, so that no page gives them as such."""

from django.db import migrations

GROUPS = [
    ["fibromyalgia", "fibro"],
    ["dangerous", "gefährlich"],
    ["opioid dependence", "heroin addiction", "heroin dependence", "Heroinabhängigkeit"],
]


def add(apps, schema_editor):
    model = apps.get_model("search", "SynonymGroup")
    for terms in GROUPS:
        model.objects.create(terms=terms)


class Migration(migrations.Migration):

    dependencies = [("search", "0005_more_words")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
