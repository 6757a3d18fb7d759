"""More of what people type for what our pages call otherwise."""

from django.db import migrations

# A group is known by its first term, where it has come with an earlier migration.
MORE = {
    "long COVID": ["long hauler", "long haulers"],
    "chronic low back pain": ["backache", "back ache", "Rückenschmerz"],
    "nightmares": ["weird dreams", "strange dreams", "abnormal dreams"],
    "insomnia": ["can't fall asleep"],
    "autism": ["autistic"],
    "headache": ["head ache", "Kopfweh"],
}
GROUPS = [
    ["addictive", "habit-forming", "cause dependence", "causes dependence"],
    ["vulvodynia", "Vulvodynie"],
    ["Hailey-Hailey disease", "Morbus Hailey-Hailey"],
    ["Darier disease", "Morbus Darier"],
    ["erythromelalgia", "Erythromelalgie"],
    ["Gulf War illness", "Golfkriegssyndrom"],
    ["HIV infection", "HIV-Infektion", "HIV positive"],
    ["postural orthostatic tachycardia syndrome", "posturales Tachykardiesyndrom"],
    ["small fibre neuropathy", "Small-Fiber-Neuropathie"],
    ["breastfeeding", "breast-feeding", "Stillzeit", "stillen"],
]


def add(apps, schema_editor):
    """Add terms and groups, which editors may change like all others in the admin."""
    group = apps.get_model("search", "SynonymGroup")
    for first, terms in MORE.items():
        for known in group.objects.filter(terms__contains=[first]).order_by("pk")[:1]:
            known.terms += [term for term in terms if term not in known.terms]
            known.save()
    group.objects.bulk_create(group(terms=terms) for terms in GROUPS)


class Migration(migrations.Migration):
    dependencies = [("search", "0005_words_of_patients")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
