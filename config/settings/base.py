"""Settings shared by every environment. Every value that differs comes from the environment.

`.env.example` names and explains each variable; a test compares that file with what is read here.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import embedded
from config.environment import BASE_DIR, VAR_DIR, env, given_database, given_redis, redis_database, served_port

BASE_URL = env.str("BASE_URL", default=f"http://localhost:{served_port()}").rstrip("/")
# Tracked links stand at LINK_BASE_URL/r/<slug>; on a host of its own nothing of the site is answered there.
LINK_BASE_URL = env.str("LINK_BASE_URL", default=BASE_URL).rstrip("/")
LINK_HOST = urlsplit(LINK_BASE_URL).netloc.lower() if LINK_BASE_URL != BASE_URL else ""
# Clicks a minute from one network, in one process, before further ones are marked as a flood (0: no limit).
LINK_HITS_PER_MINUTE = env.int("LINK_HITS_PER_MINUTE", default=300)
# Country database in MaxMind's format; without one, countries of clicks are unknown.
GEOIP_FILE = env.str("GEOIP_FILE", default="")
DEMO_MODE = env.bool("DEMO", default=True)
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Number of proxies in front that may be believed about the client's address (X-Forwarded-For).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.admin",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "matching",
    "campaigns",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestIdMiddleware",
    "config.metrics.MetricsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.AccountLanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.zone.ZoneMiddleware",
    "accounts.second_step.SecondStepMiddleware",
    "accounts.middleware.ExportMiddleware",
    "accounts.middleware.RefusalMiddleware",
    "config.refusals.WrongMethodMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
            ],
        },
    },
]

_EMBEDDED_POSTGRES, _EMBEDDED_REDIS = embedded.needed()
DATABASES = {"default": embedded.database_settings(VAR_DIR) if _EMBEDDED_POSTGRES else given_database()}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {"connect_timeout": 5}
if env.str("DATABASE_REPLICA_URL", default=""):
    # Searches and matches read there (accounts/replica.py); everything else stays with the primary.
    DATABASES["replica"] = given_database("DATABASE_REPLICA_URL") | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": DATABASES["default"]["CONN_MAX_AGE"],
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2},
        "TEST": {"MIRROR": "default"},
    }
REPLICA_MAX_LAG_SECONDS = env.int("REPLICA_MAX_LAG_SECONDS", default=10)
FORMS_URLFIELD_ASSUME_HTTPS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = embedded.redis_url(VAR_DIR) if _EMBEDDED_REDIS else given_redis()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_database(REDIS_URL, 1),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "config.refusals.too_many"
CSRF_FAILURE_VIEW = "config.refusals.csrf_failure"
MFA_TOTP_ISSUER = "Resonance"
ACCOUNT_FORMS = {
    "login": "accounts.entrance.LoginForm",
    "reset_password": "accounts.entrance.ResetPasswordForm",
    "reset_password_from_key": "accounts.entrance.ResetPasswordKeyForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "set_password": "accounts.entrance.SetPasswordForm",
    "add_email": "accounts.entrance.AddEmailForm",
    "reauthenticate": "accounts.entrance.ReauthenticateForm",
}
MFA_FORMS = {"authenticate": "accounts.entrance.SecondStepForm", "activate_totp": "accounts.entrance.ActivateForm"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/tabler", BASE_DIR / "node_modules/@tabler/core/dist"),
    ("vendor/echarts", BASE_DIR / "node_modules/echarts/dist"),
    ("vendor/htmx", BASE_DIR / "node_modules/htmx.org/dist"),
    ("vendor/tom-select", BASE_DIR / "node_modules/tom-select/dist"),
    ("vendor/inter", BASE_DIR / "node_modules/@fontsource-variable/inter"),
]
STATICFILES_FINDERS = [
    "config.static.SelectiveFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"
SEMANTICS_DIR = VAR_DIR / "semantics"

# A tracker-free, inline-free page: everything comes from this host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Imports: the largest file accepted on the page and over the API, the most a packed file may unpack to,
# and how long uploaded originals are kept (files with comments are removed as soon as they are in).
IMPORT_MAX_UPLOAD_MB = env.int("IMPORT_MAX_UPLOAD_MB", default=512)
IMPORT_MAX_UNPACKED_MB = env.int("IMPORT_MAX_UNPACKED_MB", default=20_000)
IMPORT_KEEP_ORIGINALS_DAYS = env.int("IMPORT_KEEP_ORIGINALS_DAYS", default=30)

EMAIL_BACKEND = "accounts.mail.RecordingBackend"
EMAIL_RELAY_URL = env.str("EMAIL_URL", default="")
# Answers by mail: the domain whose mail is piped to `manage.py receive_mail` or posted to /mail/inbound/.
REPLY_DOMAIN = env.str("REPLY_DOMAIN", default="")
INBOUND_SECRET = env.str("INBOUND_SECRET", default="")
INBOUND_AUTHSERV = env.str("INBOUND_AUTHSERV", default="")
ADDRESS_KEEP_DAYS = env.int("ADDRESS_KEEP_DAYS", default=30)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Resonance <no-reply@localhost>")

# Keyed hash that pseudonymises commenters and objections; rotating it breaks their continuity.
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY", default="demo-only-pseudonym-key")

# The seal of signed contracts. Without a key of one's own a self-signed one is made in VAR_DIR/seal (demo and tests);
# TIMESTAMP_URL is an RFC 3161 authority that dates each seal, empty for none.
SEAL_KEY_FILE = env.str("SEAL_KEY_FILE", default="")
SEAL_CERTIFICATE_FILE = env.str("SEAL_CERTIFICATE_FILE", default="")
SEAL_KEY_PASSPHRASE = env.str("SEAL_KEY_PASSPHRASE", default="")
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
# Addresses that requests to targets given by others may reach although they are local: "host" or "host:port".
OUTBOUND_ALLOWED_HOSTS: list[str] = env.list("OUTBOUND_ALLOWED_HOSTS", default=[])
# Connectors: where this installation is registered ("youtube=id:secret,tiktok=id:secret"), and the requests a day
# that may be spent where the network's own budget is not meant ("youtube=5000").
CONNECTOR_CLIENTS: dict[str, str] = env.dict("CONNECTOR_CLIENTS", default={})
CONNECTOR_DAILY: dict[str, str] = env.dict("CONNECTOR_DAILY", default={})
CONNECTOR_ADDRESSES: dict[str, str] = {}
SPECTACULAR_SETTINGS = {
    "TITLE": "Resonance API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "ENUM_NAME_OVERRIDES": {
        "DeclineReasonEnum": "campaigns.models.DeclineReason.choices",
        "JobStateEnum": "accounts.models.JobState.choices",
        "TriageStateEnum": "matching.models.choosing.Triage.choices",
        "TriageReasonEnum": "matching.models.choosing.PassReason.choices",
        "WebhookStateEnum": ["active", "paused"],
        "DeliveryStateEnum": ["pending", "delivered", "failed"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.api.schema.addresses_may_be_empty",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# Measured reasons for each of these values are in docs/operating.md ("The broker is never the record").
CELERY_BROKER_URL = redis_database(REDIS_URL, 0, for_broker=True)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 480
CELERY_TASK_TIME_LIMIT = 540
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 25,
    # Opening a channel tries once more and then gives up: by default a publish to a stopped Redis takes 6 s.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A restarted Redis is reconnected all the same; a frozen one costs a page 5 s instead of 15.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "accounts.drain_events": {"queue": "events"},
    "accounts.deliver_mail": {"queue": "events"},
    "accounts.run_erasure": {"queue": "bulk"},
    "accounts.run_copy": {"queue": "bulk"},
    "accounts.keep_periods": {"queue": "bulk"},
    "accounts.deliver_webhooks": {"queue": "webhooks"},
    "matching.rescore_stale": {"queue": "scoring"},
    "matching.run_recompute": {"queue": "scoring"},
    "matching.run_import": {"queue": "bulk"},
    "matching.run_refresh": {"queue": "bulk"},
}
CELERY_BEAT_SCHEDULE = {
    "drain-events": {"task": "accounts.drain_events", "schedule": 10.0},
    "deliver-mail": {"task": "accounts.deliver_mail", "schedule": 15.0},
    "deliver-webhooks": {"task": "accounts.deliver_webhooks", "schedule": 5.0},
    "fold-api-usage": {"task": "accounts.fold_api_usage", "schedule": 60.0},
    "rescore-stale": {"task": "matching.rescore_stale", "schedule": 20.0},
    "recompute-all": {"task": "matching.recompute_all", "schedule": crontab(hour=3, minute=10)},
    "send-scheduled": {"task": "campaigns.send_scheduled", "schedule": 60.0},
    "forget-addresses": {"task": "campaigns.forget_addresses", "schedule": crontab(hour=4, minute=20)},
    "payments-and-rights": {"task": "campaigns.run_due", "schedule": 600.0},
    "expire-invitations": {"task": "campaigns.expire_invitations", "schedule": 60.0},
    "keep-periods": {"task": "accounts.keep_periods", "schedule": crontab(hour=4, minute=40)},
    "confirm-claims": {"task": "accounts.confirm_claims", "schedule": 300.0},
    "refresh-stale": {"task": "matching.refresh_stale", "schedule": 3600.0},
    "tidy-clicks": {"task": "campaigns.tidy_clicks", "schedule": crontab(minute=7)},
    "tell-clicks": {"task": "campaigns.tell_clicks", "schedule": 300.0},
    "find-posts": {"task": "campaigns.find_posts", "schedule": crontab(minute=37)},
    "watch-codes": {"task": "campaigns.watch_codes", "schedule": crontab(minute=23)},
    "check-links": {"task": "campaigns.check_links", "schedule": 600.0},
    "scheduled-reports": {"task": "campaigns.send_scheduled_reports", "schedule": 300.0},
    "watch-deliverables": {"task": "campaigns.watch_deliverables", "schedule": 600.0},
    "alert-searches": {"task": "matching.alert_searches", "schedule": 600.0},
    "resume-jobs": {"task": "matching.resume_jobs", "schedule": 30.0},
}

# Celery would put its own handlers in place of these.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "config.logs.PlainLines"}, "json": {"()": "config.logs.JsonLines"}},
    "filters": {"belonging": {"()": "config.logs.Belonging"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.str("LOG_FORMAT", default="plain") == "json" else "plain",
            "filters": ["belonging"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        # Beat's heartbeat would bury everything else: several lines every ten seconds.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
