"""Synthetic studies beside the corpus, in bulk: made of the words of the corpus, and meaning nothing."""

from __future__ import annotations

STUDIES = """
INSERT INTO studies_study (created_at, updated_at, key, title, authors, year, registry_ids, publication_types,
    design, blinding, conclusion, limitations, unverified,
    citation_html, citation_ama_html, citation_apa_html, status, publication_status, answered_status)
SELECT now(), now(), 'synthetic' || chr(97 + i / 9000 / 26) || chr(97 + i / 9000 %% 26) || 1000 + i %% 9000,
    array_to_string((%(words)s::text[])[1 + i * 7 %% %(n)s : 12 + i * 7 %% %(n)s], ' '), ARRAY['Tester A'],
    1990 + i %% 36, '{}', '{}', (ARRAY['rct_parallel', 'cohort', 'case_report'])[1 + i %% 3], 'none',
    array_to_string((%(words)s::text[])[1 + i * 13 %% %(n)s : 30 + i * 13 %% %(n)s], ' '), '{}', '{}',
    '', '', '', 'published', 'unknown', 'unknown'
FROM generate_series(%(first)s::int, %(last)s::int) AS i
"""
PARTS = [
    """INSERT INTO studies_source (study_id, position, used_for, kind)
       SELECT id, 0, 'abstract', 'primary' FROM bench_new""",
    """WITH other AS (SELECT array_agg(id) AS ids FROM conditions_condition WHERE slug <> 'fibromyalgia')
       INSERT INTO studies_studycondition (study_id, position, condition_id)
       SELECT n.id, 0, ids[1 + n.id % cardinality(ids)] FROM bench_new n, other""",
    """INSERT INTO studies_arm (study_id, position, name, role, n)
       SELECT id, 0, 'LDN', 'intervention', 20 FROM bench_new""",
    """INSERT INTO studies_dose (arm_id, amount_mg, per, route)
       SELECT a.id, 4.5, 'day', 'oral' FROM studies_arm a JOIN bench_new s ON s.id = a.study_id""",
    """INSERT INTO studies_outcome (study_id, position, name, domain, direction)
       SELECT id, 0, 'Pain', 'pain', 'unclear' FROM bench_new""",
    """INSERT INTO studies_provenance (study_id, outcome_id, field)
       SELECT o.study_id, o.id, '' FROM studies_outcome o JOIN bench_new s ON s.id = o.study_id""",
]


def make_tables() -> None:
    """Make the tables in a database that nobody uses; raise SystemExit where there are studies in it."""
    from django.core.management import call_command
    from django.db import connection

    from studies.models import Study

    if Study._meta.db_table in connection.introspection.table_names() and Study.objects.exists():
        raise SystemExit(
            "DATABASE_URL names a database with studies in it, which a benchmark would fill with synthetic "
            "ones. Unset it: the benchmark then has a throw-away database of its own."
        )
    call_command("migrate", verbosity=0)


def seed(n: int) -> None:
    """Bring the number of synthetic studies up to n, each with a condition, an arm, a dose and an outcome.

    Written past the triggers, which would look at each row of a million; the rules of a row itself hold.
    """
    from django.db import connection, transaction

    from studies.models import Study

    titles = Study.objects.exclude(key__startswith="synthetic").values_list("title", flat=True)
    words = [word for title in titles for word in title.split()]
    first = Study.objects.filter(key__startswith="synthetic").count()
    values = {"words": words + words[:40], "n": len(words), "first": first, "last": n - 1}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT coalesce(max(id), 0) FROM studies_study")
        before = cursor.fetchone()[0]
        cursor.execute(STUDIES, values)
        cursor.execute(
            "CREATE TEMP TABLE bench_new ON COMMIT DROP AS SELECT id FROM studies_study WHERE id > %s",
            [before],
        )
        for part in PARTS:
            cursor.execute(part)
        cursor.execute("SELECT pages_note_write()")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


# Of the first 500 synthetic studies documents are made as they are for any; the others get copies of them.
COPIES = """
INSERT INTO pages_studydocument (study_id, edition, entry, parts)
SELECT s.id, d.edition, convert_to(replace(convert_from(d.entry, 'UTF8'), d.key, s.key), 'UTF8'), d.parts
FROM studies_study s JOIN (
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, key, edition, entry, parts
    FROM pages_studydocument JOIN studies_study o ON o.id = study_id WHERE o.id = ANY(%s)
) AS d ON d.n = s.id %% 500
WHERE NOT EXISTS (SELECT FROM pages_studydocument e WHERE e.study_id = s.id)
"""


def seed_documents() -> None:
    """Give every study its document, so that none is made while something is measured."""
    from django.db import connection

    from pages.services.documents import publish_documents
    from studies.models import Study

    synthetic = Study.objects.filter(key__startswith="synthetic").order_by("pk")
    models = list(synthetic.values_list("pk", flat=True)[:500])
    others = list(Study.objects.exclude(key__startswith="synthetic").values_list("pk", flat=True))
    publish_documents(study_ids=[*others, *models], is_waiting=True)
    with connection.cursor() as cursor:
        if len(models) == 500:
            cursor.execute(COPIES, [models])
        cursor.execute("VACUUM ANALYZE pages_studydocument, pages_documentchange")
