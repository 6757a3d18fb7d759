"""What people type who know neither our names nor the Latin ones, in English and German.

These are the first groups; editors change them in the admin.
"""

from django.db import migrations

# What every page is about. Whoever types no more than this asks what it is.
EVERYWHERE = ["LDN", "low-dose naltrexone", "low dose naltrexone", "naltrexone",
              "niedrig dosiertes Naltrexon", "what low-dose naltrexone is", "what is LDN",
              "what is low-dose naltrexone", "was ist LDN"]  # fmt: skip

GROUPS = [
    ["randomised", "randomized", "RCT"],
    ["tumour", "tumor"],
    ["diarrhoea", "diarrhea"],
    ["oedema", "edema"],
    ["nightmares", "bad dreams", "vivid dreams", "weird dreams", "strange dreams", "abnormal dreams"],
    ["insomnia", "trouble sleeping", "sleeplessness", "can't fall asleep"],
    ["tiredness", "fatigue"],
    ["painkillers", "opioids", "opiates"],
    ["interstitial cystitis", "Blasenschmerzsyndrom", "interstitielle Zystitis"],
    ["burning mouth", "burning tongue", "Zungenbrennen", "Mundbrennen", "burning mouth syndrome"],
    ["long COVID", "long haul COVID", "COVID long hauler", "post COVID", "post-COVID-Syndrom",
     "long hauler", "long haulers"],
    ["insomnia", "can't sleep", "cannot sleep", "sleep problems", "Schlaflosigkeit", "Schlafstörungen"],
    ["mechanism of action", "mode of action", "Wirkmechanismus"],
    ["how low-dose naltrexone may work, and what is shown", "how it works", "how does it work",
     "how does LDN work", "how LDN works", "wie wirkt LDN"],
    ["obesity", "overweight", "weight loss", "Adipositas", "Übergewicht"],
    ["chronic low back pain", "back pain", "Rückenschmerzen", "Kreuzschmerzen", "backache", "back ache",
     "Rückenschmerz"],
    ["hypothyroidism", "thyroid disease", "Hashimoto", "Schilddrüsenunterfunktion",
     "Hashimoto-Thyreoiditis"],
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
    ["autism", "Autismus", "autistic"],
    ["cancer", "Krebs"],
    ["alcohol dependence", "alcohol", "Alkoholabhängigkeit", "Alkoholsucht"],
    ["post-traumatic stress disorder", "posttraumatische Belastungsstörung", "PTBS"],
    ["mast cell activation syndrome", "Mastzellaktivierungssyndrom"],
    ["Sjögren's syndrome", "Sjögren-Syndrom"],
    ["constipation", "Verstopfung"],
    ["vasculitis", "Vaskulitis"],
    ["itch", "pruritus", "Juckreiz"],
    ["headache", "Kopfschmerzen", "head ache", "Kopfweh"],
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
]  # fmt: skip

# The entries of the overviews are made with the next change of the records, which the loading of the
# corpus is.
NOTE = "INSERT INTO search_searchchange (kind, object_id) SELECT 'page', generate_series(1, 11)"


def add(apps, schema_editor):
    group = apps.get_model("search", "SynonymGroup")
    group.objects.create(terms=EVERYWHERE, is_everywhere=True)
    group.objects.bulk_create(group(terms=terms) for terms in GROUPS)


class Migration(migrations.Migration):

    replaces = [
        ('search', '0002_synonym_groups'),
        ('search', '0003_overviews'),
        ('search', '0005_words_of_patients'),
        ('search', '0006_words_of_readers'),
    ]

    dependencies = [("search", "0001_tables")]

    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
    ]
