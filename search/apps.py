from django.apps import AppConfig, apps

OF_OUTCOME = "SELECT 'study', study_id FROM studies_outcome WHERE id = $ROW.outcome_id"
# Which entries lean on a row of each model.
WATCHED = {
    "studies.Study": "SELECT 'study', $ROW.id",
    "studies.StudyCondition": "SELECT 'study', $ROW.study_id",
    "studies.Arm": "SELECT 'study', $ROW.study_id",
    "studies.Dose": "SELECT 'study', study_id FROM studies_arm WHERE id = $ROW.arm_id",
    "studies.Outcome": "SELECT 'study', $ROW.study_id",
    "studies.ArmResult": OF_OUTCOME,
    "studies.Effect": OF_OUTCOME,
    "studies.SideEffectReport": "SELECT 'study', $ROW.study_id",
    "studies.SideEffect": "SELECT 'side_effect', $ROW.id",
    "studies.Trial": "SELECT 'trial', $ROW.id",
    "studies.TrialCondition": "SELECT 'trial', $ROW.trial_id",
    "conditions.Condition": "SELECT 'condition', $ROW.id",
    "conditions.Synonym": "SELECT 'condition', $ROW.condition_id",
    "conditions.Certainty": (
        "SELECT 'condition', $ROW.condition_id UNION SELECT 'study', s.study_id FROM conditions_poolstudy s "
        "JOIN conditions_pool p ON p.id = s.pool_id WHERE s.is_in AND p.condition_id = $ROW.condition_id "
        "AND p.domain = $ROW.domain AND p.comparator = $ROW.comparator"
    ),
    "conditions.PoolStudy": "SELECT 'study', $ROW.study_id",
    "conditions.SafetyFact": "SELECT 'page', 1",
    "conditions.Claim": "SELECT 'claim', $ROW.id",
    "conditions.ClaimCondition": "SELECT 'claim', $ROW.claim_id",
    "conditions.Article": "SELECT 'article', $ROW.id",
}


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search: what can be found, and under which words"

    def ready(self) -> None:
        """Watch every table that entries are made of; `makemigrations` writes the triggers."""
        import pgtrigger

        from search.models import note_changes

        for label, select in WATCHED.items():
            pgtrigger.register(note_changes(select))(apps.get_model(label))
