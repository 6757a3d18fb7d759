"""Trade names of naltrexone, which whoever takes it reads on the packet, and words of German readers."""

from django.db import migrations

# What each word is added to: the group that holds the first.
ADDED = {
    "naltrexone": ["ReVia", "Vivitrol", "Nemexin", "Adepend", "Nalorex"],
    "painkillers": ["Schmerzmittel"],
}
NEW = [["hair loss", "Haarausfall"]]


def add(apps, schema_editor):
    groups = apps.get_model("search", "SynonymGroup").objects
    for known, words in ADDED.items():
        for row in groups.filter(terms__contains=[known]):
            row.terms += [word for word in words if word not in row.terms]
            row.save()
    for terms in NEW:
        groups.create(terms=terms)


class Migration(migrations.Migration):

    dependencies = [("search", "0004_titles_of_studies")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
