from django.db import migrations

GROUPS = [
    (["LDN", "low-dose naltrexone", "low dose naltrexone", "naltrexone"], True),
    (["randomised", "randomized", "RCT"], False),
    (["tumour", "tumor"], False),
    (["diarrhoea", "diarrhea"], False),
    (["oedema", "edema"], False),
    (["nightmares", "bad dreams", "vivid dreams"], False),
    (["insomnia", "trouble sleeping", "sleeplessness"], False),
    (["tiredness", "fatigue"], False),
    (["painkillers", "opioids", "opiates"], False),
]


def add(apps, schema_editor):
    group = apps.get_model("search", "SynonymGroup")
    group.objects.bulk_create(group(terms=terms, is_everywhere=everywhere) for terms, everywhere in GROUPS)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_search_entries")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
