from django.apps import AppConfig, apps

# The rooms whose rows are shown on pages.
WATCHED_ROOMS = ("studies", "conditions", "readers")
# On no page: that a worker has taken a study makes no page stale, nor does what a reader sent or what an
# imported file holds.
UNWATCHED = {
    "studies.citationimport",
    "studies.importrow",
    "studies.registrylease",
    "readers.problemreport",
}


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Pages: what is published, and when"

    def ready(self) -> None:
        """Watch every table of the rooms; `makemigrations` writes the trigger of a new one into its room."""
        import pgtrigger

        from pages.models import note_writes

        for room in WATCHED_ROOMS:
            for model in apps.get_app_config(room).get_models(include_auto_created=True):
                if model._meta.label_lower not in UNWATCHED:
                    pgtrigger.register(note_writes())(model)
