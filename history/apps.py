from django.apps import AppConfig, apps

# The rooms whose rows public documents are made of: a new table is kept without anybody having to say so.
KEPT_ROOMS = ("studies", "conditions")
# Behind no public document: work of editors and workers, raw answers, and what keeps its own past.
NOT_KEPT = {
    "studies.citationimport",
    "studies.importrow",
    "studies.savedsearch",
    "studies.find",
    "studies.findmatch",
    "studies.editortask",
    "studies.registryedition",
    "studies.metadataproposal",
    "studies.refreshrun",
    "studies.registrylease",
    "conditions.articlerevision",
    "conditions.release",
    "conditions.releasefile",
}
# Columns of kept tables that no public document shows; in the past they are empty.
LEFT_OUT = {
    "studies.study": {"answered_status"},
    "studies.registrycheck": {
        "detail",
        "found_at",
        "body",
        "body_sha256",
        "body_stored_at",
        "fields_checked_at",
        "failures",
        "failing_since",
        "next_check_at",
    },
    "studies.trial": {"registry_asked_at", "next_check_at"},
}
LEFT_OUT_EVERYWHERE = {"loaded_record"}


class HistoryConfig(AppConfig):
    name = "history"
    verbose_name = "History: every public row as it was"

    def ready(self) -> None:
        """Keep every table of the rooms; `makemigrations history` writes tables and triggers of new ones."""
        from history.models import keep

        for room in KEPT_ROOMS:
            for model in list(apps.get_app_config(room).get_models(include_auto_created=True)):
                if model._meta.label_lower not in NOT_KEPT:
                    hidden = LEFT_OUT_EVERYWHERE | LEFT_OUT.get(model._meta.label_lower, set())
                    keep(model, [f.name for f in model._meta.local_fields if f.name not in hidden])
        # Documents name people by their user name: who checked.
        keep(apps.get_model("auth.User"), ["id", "username"])
