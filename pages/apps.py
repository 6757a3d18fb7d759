from django.apps import AppConfig, apps

# The rooms whose rows are shown on pages.
WATCHED_ROOMS = ("studies", "conditions", "readers")
# On no page: that a worker has taken a study makes no page stale, nor does what a reader sent, what an
# imported file holds, or what is put before editors.
UNWATCHED = {
    "studies.citationimport",
    "studies.importrow",
    "studies.registrylease",
    "studies.savedsearch",
    "studies.find",
    "studies.findmatch",
    "studies.metadataproposal",
    "studies.editortask",
    "readers.problemreport",
}


OF_OUTCOME = "SELECT study_id FROM studies_outcome WHERE id = $ROW.outcome_id"
OF_REPORT = "SELECT study_id FROM studies_sideeffectreport WHERE id = $ROW.report_id"
# What a study's document is made of, and whose document a row of it belongs to. When a row goes with the one
# that it hangs on, that one's own trigger tells.
IN_DOCUMENTS = {
    "studies.Study": "SELECT $ROW.id",
    "studies.StudyCondition": "SELECT $ROW.study_id",
    "studies.Arm": "SELECT $ROW.study_id",
    "studies.Dose": "SELECT study_id FROM studies_arm WHERE id = $ROW.arm_id",
    "studies.TitrationStep": (
        "SELECT a.study_id FROM studies_dose d JOIN studies_arm a ON a.id = d.arm_id "
        "WHERE d.id = $ROW.dose_id"
    ),
    "studies.Outcome": "SELECT $ROW.study_id",
    "studies.ArmResult": OF_OUTCOME,
    "studies.Effect": OF_OUTCOME,
    "studies.SideEffect": "SELECT study_id FROM studies_sideeffectreport WHERE side_effect_id = $ROW.id",
    "studies.SideEffectReport": "SELECT $ROW.study_id",
    "studies.SideEffectCount": OF_REPORT,
    "studies.RiskOfBias": "SELECT $ROW.study_id",
    "studies.Source": "SELECT $ROW.study_id",
    "studies.Provenance": "SELECT $ROW.study_id",
    "studies.SecondReading": "SELECT $ROW.study_id",
    "studies.Correction": "SELECT study_id FROM studies_secondreading WHERE id = $ROW.reading_id",
    "studies.RegistryCheck": "SELECT $ROW.study_id",
    "studies.Notice": "SELECT $ROW.study_id",
    "conditions.Condition": "SELECT study_id FROM studies_studycondition WHERE condition_id = $ROW.id",
}
# The one column of a table that stands in documents, where the others do not.
SHOWN = {"conditions.Condition": "slug"}


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Pages: what is published, and when"

    def ready(self) -> None:
        """Watch every table of the rooms; `makemigrations` writes the trigger of a new one into its room."""
        import pgtrigger

        from pages.models import note_documents, note_writes

        for room in WATCHED_ROOMS:
            for model in apps.get_app_config(room).get_models(include_auto_created=True):
                if model._meta.label_lower not in UNWATCHED:
                    pgtrigger.register(*note_writes())(model)
        for label, studies in IN_DOCUMENTS.items():
            pgtrigger.register(*note_documents(studies, SHOWN.get(label, "")))(apps.get_model(label))
