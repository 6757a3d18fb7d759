"""What people type who know neither the Latin nor the English name."""

from django.db import migrations

GROUPS = [
    # Plain words.
    ["interstitial cystitis", "Blasenschmerzsyndrom", "interstitielle Zystitis"],
    ["burning mouth", "burning tongue", "Zungenbrennen", "Mundbrennen", "burning mouth syndrome"],
    ["long COVID", "long haul COVID", "COVID long hauler", "post COVID", "post-COVID-Syndrom"],
    ["insomnia", "can't sleep", "cannot sleep", "sleep problems", "Schlaflosigkeit", "Schlafstörungen"],
    ["mechanism of action", "mode of action", "Wirkmechanismus"],
    ["how low-dose naltrexone may work, and what is shown", "how it works", "how does it work",
     "how does LDN work", "how LDN works", "wie wirkt LDN"],
    ["obesity", "overweight", "weight loss", "Adipositas", "Übergewicht"],
    ["chronic low back pain", "back pain", "Rückenschmerzen", "Kreuzschmerzen"],
    ["hypothyroidism", "thyroid disease", "Hashimoto", "Schilddrüsenunterfunktion", "Hashimoto-Thyreoiditis"],
    # The same conditions in German.
    ["fibromyalgia", "Fibromyalgie", "Fibromyalgiesyndrom"],
    ["Crohn's disease", "Morbus Crohn"],
    ["ulcerative colitis", "Colitis ulcerosa"],
    ["multiple sclerosis", "Multiple Sklerose"],
    ["chronic fatigue syndrome", "chronisches Fatigue-Syndrom", "chronisches Erschöpfungssyndrom",
     "myalgic encephalitis", "Myalgische Enzephalomyelitis"],
    ["irritable bowel syndrome", "Reizdarm", "Reizdarmsyndrom"],
    ["psoriasis", "Schuppenflechte"],
    ["atopic dermatitis", "Neurodermitis"],
    ["depression", "Depressionen"],
    ["chronic pain", "chronische Schmerzen", "chronischer Schmerz"],
    ["neuropathic pain", "Nervenschmerzen", "neuropathische Schmerzen"],
    ["diabetic neuropathy", "diabetische Neuropathie", "diabetische Polyneuropathie"],
    ["complex regional pain syndrome", "komplexes regionales Schmerzsyndrom", "Morbus Sudeck"],
    ["rheumatoid arthritis", "rheumatoide Arthritis", "Rheuma"],
    ["osteoarthritis", "Arthrose"],
    ["Parkinson's disease", "Morbus Parkinson", "Parkinson-Krankheit"],
    ["sarcoidosis", "Sarkoidose", "Morbus Boeck"],
    ["endometriosis", "Endometriose"],
    ["autism", "Autismus"],
    ["cancer", "Krebs"],
    ["alcohol dependence", "alcohol", "Alkoholabhängigkeit", "Alkoholsucht"],
    ["post-traumatic stress disorder", "posttraumatische Belastungsstörung", "PTBS"],
    ["mast cell activation syndrome", "Mastzellaktivierungssyndrom"],
    ["Sjögren's syndrome", "Sjögren-Syndrom"],
    ["constipation", "Verstopfung"],
    ["vasculitis", "Vaskulitis"],
    ["itch", "pruritus", "Juckreiz"],
    # Side effects and overviews in German.
    ["headache", "Kopfschmerzen"],
    ["nausea", "Übelkeit"],
    ["diarrhoea", "Durchfall"],
    ["dizziness", "Schwindel"],
    ["fatigue", "Müdigkeit", "Erschöpfung"],
    ["vivid dreams", "lebhafte Träume", "Albträume"],
    ["opioids", "opioid use", "Opioide"],
    ["pregnancy", "Schwangerschaft"],
    ["side effects", "Nebenwirkungen"],
    ["doses", "Dosis", "Dosierung"],
    ["interactions", "Wechselwirkungen"],
    ["trials", "klinische Studien"],
]  # fmt: skip
# Whoever types no more than the name asks what it is.
NAMES = ["niedrig dosiertes Naltrexon", "what low-dose naltrexone is", "what is LDN",
         "what is low-dose naltrexone", "was ist LDN"]  # fmt: skip


def add(apps, schema_editor):
    """Add groups, which editors may change like all others in the admin."""
    group = apps.get_model("search", "SynonymGroup")
    for everywhere in group.objects.filter(is_everywhere=True, terms__contains=["naltrexone"]):
        everywhere.terms += [term for term in NAMES if term not in everywhere.terms]
        everywhere.save()
    group.objects.bulk_create(group(terms=terms) for terms in GROUPS)


class Migration(migrations.Migration):
    dependencies = [("search", "0004_unsent_entries")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
