"""Django's settings: one file, everything that varies comes from the environment."""

import dj_database_url
from csp.constants import NONE, SELF

from ldn_kb import __version__, api_names, data_dir, embedded
from ldn_kb.environment import BASE_DIR, read_environment

env = read_environment()

VERSION = __version__
DATA_DIR = env.data_dir
EVIDENCE_DIR = env.evidence_dir
PUBLIC_URL = env.public_url.rstrip("/")

DEBUG = env.debug
SECRET_KEY = env.secret_key or data_dir.read_or_make_secret(DATA_DIR)
# This machine may always ask: health checks come from here, whatever name the public uses.
ALLOWED_HOSTS = [*env.allowed_hosts, "localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "studies.apps.StudiesConfig",
    "conditions.apps.ConditionsConfig",
    "search.apps.SearchConfig",
    "readers.apps.ReadersConfig",
    "pages.apps.PagesConfig",
    "pghistory",
    "history.apps.HistoryConfig",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "pgtrigger",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "pages.packing.PackedFiles",
    "studies.api.manners.ApiManners",
    "pages.conditional.ConditionalApi",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "ldn_kb.urls"
WSGI_APPLICATION = "ldn_kb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ---- services -------------------------------------------------------------------------------

DATABASE_URL = env.database_url or embedded.database_url(DATA_DIR)
OPENSEARCH_URL = env.opensearch_url.rstrip("/")
REDIS_URL = env.redis_url or embedded.redis_url(DATA_DIR)

DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
# Compiling a query takes longer than any that is asked here.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = embedded.celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A worker that is killed gives its task back; the next look takes up the studies that it had taken.
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Registries are slow: they have a queue of their own, so that workers can be kept for the rest.
CELERY_TASK_ROUTES = {"studies.tasks.refresh_*": {"queue": "registries"}}
# Redis gives a task that nobody acknowledged to another worker after so long. A task may wait 50 minutes for
# its time in a worker's hands and then last an hour: given away sooner, it would run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * 60 * 60}
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 55 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "ldn_kb.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "refresh-due-citations": {
        "task": "studies.tasks.refresh_due_citations",
        "schedule": 60 * 60,
        "options": {"expires": 50 * 60},
    },
    "refresh-due-trials": {
        "task": "studies.tasks.refresh_due_trials",
        "schedule": 60 * 60,
        "options": {"expires": 50 * 60},
    },
    # Each search is put once a week; the hourly look takes up those that failed or are new.
    "discover-studies": {
        "task": "studies.tasks.discover_studies",
        "schedule": 60 * 60,
        "options": {"expires": 50 * 60},
    },
    # Asks only whether a file waits whose task was lost with its worker.
    "read-waiting-imports": {
        "task": "studies.tasks.read_waiting_imports",
        "schedule": 10 * 60,
        "options": {"expires": 9 * 60},
    },
    "prune-registry-bodies": {
        "task": "studies.tasks.prune_registry_bodies",
        "schedule": 24 * 60 * 60,
        "options": {"expires": 23 * 60 * 60},
    },
    "refresh-answers": {
        "task": "conditions.tasks.refresh_all_answers",
        "schedule": 60 * 60,
        "options": {"expires": 50 * 60},
    },
    # Asks only whether anything is stale: after a change that nobody announced, and when the day turns.
    "publish-stale-pages": {
        "task": "pages.tasks.publish_stale_pages",
        "schedule": 60,
        "options": {"expires": 50},
    },
    # Asks only whether anything is left: after a write past the services.
    "update-search": {
        "task": "search.tasks.update_search_entries",
        "schedule": 60,
        "options": {"expires": 50},
    },
    # What OpenSearch has not acknowledged; nothing where it is not set.
    "send-to-opensearch": {
        "task": "search.tasks.send_to_opensearch",
        "schedule": 60,
        "options": {"expires": 50},
    },
    "beat-heartbeat": {
        "task": "studies.tasks.record_heartbeat",
        "schedule": 60,
        "options": {"expires": 50},
    },
}

# ---- registries -----------------------------------------------------------------------------

CROSSREF_URL = env.crossref_url.rstrip("/")
NCBI_URL = env.ncbi_url.rstrip("/")
OPENALEX_URL = env.openalex_url.rstrip("/")
EUROPEPMC_URL = env.europepmc_url.rstrip("/")
CLINICALTRIALS_URL = env.clinicaltrials_url.rstrip("/")
RETRACTION_WATCH_CSV = env.retraction_watch_csv
CONTACT_EMAIL = env.contact_email
NCBI_API_KEY = env.ncbi_api_key
OPENALEX_API_KEY = env.openalex_api_key
REGISTRY_SPEED = env.registry_speed

# ---- language and files ---------------------------------------------------------------------

# Of the interface; the records and what is computed from them stay in English.
LANGUAGE_CODE = env.language_code
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Numbers are content, and places in pictures are numbers too: a point in every language.
FORMAT_MODULE_PATH = ["ldn_kb.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# Filled by `manage.py collect_static`, with what earlier pages refer to as well.
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "pages.services.static_files.HashedNames"},
}
WHITENOISE_USE_FINDERS = True
# A name with a fingerprint in it: today's or an earlier one, what it leads to never changes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{12}\.[a-z0-9]+$"

# ---- published pages ------------------------------------------------------------------------

PAGES_MEMORY_MB = env.pages_memory_mb

# ---- what follows from a change ---------------------------------------------------------------

# Called in the transaction of every change that an editor makes to another entry than a study.
AFTER_ANY_CHANGE = ["search.services.indexing.update_search", "pages.services.publishing.ask_to_publish"]

# What a release holds beside the records and their tables: each gives files by name.
RELEASE_PARTS = ["fhir_r5.services.release.write_bundle"]

# ---- API ------------------------------------------------------------------------------------

# Called in the transaction of every change to a study: what is computed from studies.
AFTER_STUDIES_CHANGE = [
    "conditions.services.answers.refresh_answers",
    "search.services.indexing.update_search",
    "pages.services.documents.publish_changed",
    "pages.services.publishing.ask_to_publish",
]
# A worker imports them as it starts, not in the middle of its first transaction.
CELERY_IMPORTS = sorted({path.rpartition(".")[0] for path in AFTER_ANY_CHANGE + AFTER_STUDIES_CHANGE})
# Writes studies as the API gives them, for the documents that lists are put together from.
STUDY_WRITER = "studies.api.documents.write_studies"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "studies.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "studies.api.problems.answer_exception",
    # `format` is a parameter like others: refused by its name where it is not json.
    "URL_FORMAT_OVERRIDE": None,
    # A reported 3.0 and a reported 3 differ in precision; a float would lose it.
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LDN knowledge base",
    "DESCRIPTION": "Read-only facts on low-dose naltrexone, each with its source. Not medical advice.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": api_names.ENUMS,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "studies.api.schema.complete",
    ],
    "SERVERS": [{"url": "/"}],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# ---- security -------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
BEHIND_PROXY = env.behind_proxy
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = False
# Readers meet it at the form for reporting a problem: it ends with the browser, not after a year.
CSRF_COOKIE_AGE = None
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# ---- logs -----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # httpx writes whole addresses at INFO; ours carry a key and a mail address.
    # OpenSearch's client writes addresses and whole questions of readers below ERROR, under two names.
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "opensearch": {"level": "ERROR"},
        "opensearchpy.trace": {"level": "ERROR"},
    },
}
