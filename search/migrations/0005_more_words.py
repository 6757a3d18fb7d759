"""What readers call conditions, medicines, organs and outcomes that our pages name otherwise, in two languages.

Trade names of naltrexone stand on the packet of whoever takes it; everyday words are no names of a condition, so
that no page gives them as such.
"""

from django.db import migrations

# What each word is added to: the group that holds the first.
ADDED = {
    "naltrexone": ["ReVia", "Vivitrol", "Nemexin", "Adepend", "Nalorex"],
    "painkillers": ["Schmerzmittel"],
    "breastfeeding": ["nursing mother", "nursing mothers", "lactation", "lactating"],
    "randomised": ["randomisiert", "randomisierte", "randomisierter"],
    "opioids": ["Opioiden", "Opiate", "Opiaten"],
    "doses": ["Dosen", "Dosierungen"],
    "Müdigkeit": ["müde"],
    "weight loss": ["lose weight", "losing weight", "abnehmen"],
}
NEW = [
    ["hair loss", "Haarausfall"],
    ["fibromyalgia", "fibro"],
    ["dangerous", "gefährlich"],
    ["opioid dependence", "heroin addiction", "heroin dependence", "Heroinabhängigkeit"],
    # Trade names of what the warnings name.
    ["oxycodone", "Percocet", "OxyContin", "Oxycodon", "Oxygesic", "Targin"],
    ["hydrocodone", "Vicodin", "Norco", "Hydrocodon"],
    ["tramadol", "Ultram", "Tramal"],
    ["codeine", "Codein", "Kodein", "co-codamol"],
    ["methadone", "Methadon", "Polamidon"],
    ["buprenorphine", "Buprenorphin", "Suboxone", "Subutex"],
    # Others of the same kind, which the warning of opioid painkillers is about.
    ["opioid painkiller", "morphine", "Morphin", "Morphium", "fentanyl", "hydromorphone", "Hydromorphon",
     "Dilaudid", "Palladon", "tapentadol", "Palexia", "Nucynta", "tilidine", "Tilidin", "Valoron"],
    ["disulfiram", "Antabuse", "Antabus"],
    ["feeling sick", "feel sick", "nausea"],
    ["surgery", "operation", "Operationen"],
    ["anaesthetist", "anesthetist", "anaesthesia", "anesthesia", "Narkose", "Anästhesie"],
    ["shelf life", "use-by date", "Haltbarkeit"],
    ["glioma", "glioblastoma", "Gliom", "Glioblastom"],
    ["ultra-low-dose naltrexone", "ultralow dose naltrexone", "ULDN"],
    ["brain fog", "brainfog", "Gehirnnebel"],
    ["anxiety", "Angst"],
    ["dry skin", "trockene Haut"],
    ["restlessness", "Unruhe"],
    ["withdrawal", "Entzug", "Entzugserscheinungen"],
    ["liver disease", "Lebererkrankung", "Leberkrankheit"],
    ["liver injury", "liver damage", "Leberschaden", "Leberschäden"],
    ["kidney disease", "Nierenschwäche", "Niereninsuffizienz", "Nierenerkrankung", "Nierenkrankheit"],
    ["neuropathic corneal pain", "Hornhautschmerzen", "neuropathische Hornhautschmerzen"],
    ["veterans", "vets", "Veteranen"],
    ["feet", "Füße", "Füßen"],
    ["eye", "Auge", "Augen"],
    ["children", "Kinder", "Kindern"],
    ["quality of life", "Lebensqualität"],
    ["costs", "price", "Kosten", "kostet", "Preis"],
    ["prescription", "Rezept"],
    ["studied", "untersucht", "erforscht"],
    ["take", "nehmen", "einnehmen"],
]  # fmt: skip


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
