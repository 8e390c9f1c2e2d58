"""All settings of Huopan: each from the environment, with a default that runs on a fresh checkout.

Development is the default. `HUOPAN_ENV=production` refuses to start with a development secret.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from running import servers

env = environ.Env()  # type: ignore[no-untyped-call]

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(env.str("HUOPAN_HOME", str(BASE_DIR / ".local"))).resolve()
PRODUCTION = env.str("HUOPAN_ENV", "development") == "production"
DEBUG = env.bool("HUOPAN_DEBUG", False)

# --- secrets --------------------------------------------------------------------------------------
DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_SECRET)
# Key ring for what is encrypted at rest: `id:base64 of 32 bytes`, newest first. Old keys only open.
FIELD_KEYS = env.list("FIELD_KEYS", default=["dev:aHVvcGFuLWRldmVsb3BtZW50LWZpZWxkLWtleS0zMmI="])
# Pepper of the keyed hashes (phone look-up, what an order's content was). Never rotated.
HASH_KEY = env.str("HASH_KEY", DEVELOPMENT_SECRET)
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# With what carriers sign the scans they push; two while it is replaced; none: they cannot push.
CARRIER_PUSH_SECRET = env.list(
    "CARRIER_PUSH_SECRET", default=[] if PRODUCTION else [DEVELOPMENT_SECRET]
)

# --- where it is reached --------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
# How many reverse proxies stand in front and append to X-Forwarded-For. 0: none, the header is ignored.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
# Callbacks to http and to private addresses: only where shops run on the developer's own machine.
ALLOW_PRIVATE_CALLBACKS = env.bool("ALLOW_PRIVATE_CALLBACKS", not PRODUCTION)

if PRODUCTION:
    if (
        DEVELOPMENT_SECRET in (SECRET_KEY, HASH_KEY)
        or not env.str("FIELD_KEYS", "")
        or len(SECRET_KEY) < 32
        or len(HASH_KEY) < 32
    ):
        raise ImproperlyConfigured(
            "HUOPAN_ENV=production needs SECRET_KEY and HASH_KEY of at least 32 characters and FIELD_KEYS."
        )
    if any(len(secret) < 32 for secret in CARRIER_PUSH_SECRET):
        raise ImproperlyConfigured("CARRIER_PUSH_SECRET needs at least 32 characters.")
    SECURE_SSL_REDIRECT = False  # the reverse proxy's business; the API never redirects
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    SECURE_HSTS_SECONDS = 31_536_000
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "console.framing.FramedAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "companies",
    "ledger",
    "integration",
    "suppliers",
    "distributors",
    "supplychain",
    "orders",
    "aftersales",
    "books",
    "api",
    "portal",
    "backoffice",
    "console",
    "demo",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.security.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kit.attributing.Attributed",
    "console.entering.SecondStep",
    # Last, because it answers for the page itself.
    "backoffice.seeing_as.Visiting",
]

# Machines come in by a door of their own (api/door.py).
MACHINE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "api.door.MachineAnswers",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # First, because allauth's own pages would come before ours, and the frame of the admin.
        "DIRS": [BASE_DIR / "backoffice" / "templates", BASE_DIR / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- stores ---------------------------------------------------------------------------------------
# Real servers by DATABASE_URL and REDIS_URL; otherwise those that `make run` started under .local.
_servers = servers.recorded(HOME)
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default=_servers.database_url),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "options": " ".join(
            [
                f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', 30_000)}",
                f"-c lock_timeout={env.int('LOCK_TIMEOUT_MS', 3_000)}",
                f"-c idle_in_transaction_session_timeout={env.int('IDLE_IN_TRANSACTION_MS', 15_000)}",
                "-c jit=off",
            ]
        ),
    }
)
REDIS_URL = env.str("REDIS_URL", _servers.redis_url)
# Log-in lockout must survive an empty Redis, so the cache is a table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "companies_cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(HOME / "media")))
MEDIA_URL = "/media/"
# What only some may see; a view looks who asks, and no proxy serves it.
PRIVATE_ROOT = Path(env.str("PRIVATE_ROOT", str(HOME / "private")))
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(HOME / "static")))
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The form of a product with 200 skus sends up to 16 for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o644

# --- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "companies.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "companies.signing_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/5m/key,20/5m/ip",
    "login": "60/m/ip",
    # Applications of companies, which anybody may send.
    "apply": "10/5m/ip,100/d/ip",
    "apply_by_email": "5/d/key",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Huopan"
# Nobody signs up alone, so an address that was never confirmed takes nobody's place.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "huopan@localhost")

# --- words ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
# Times as 2026-11-22 12:00 in every language.
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.signing.SignatureAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.scopes.ScopeRequired"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huopan distributor API",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- what happens by itself -----------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TIMEZONE = TIME_ZONE
# A lost hint costs nothing: rows are the queue and the sweep reads them. So publishing never waits.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}

# --- limits ---------------------------------------------------------------------------------------
# Requests a minute for one key, by level of generosity; the development default is wide.
API_RATE_PER_MINUTE = env.int("API_RATE_PER_MINUTE", 3_000 if PRODUCTION else 600_000)
# Sharing one transaction among the orders that wait at the same moment (docs/performance.md).
INTAKE_BATCH = env.int("INTAKE_BATCH", 100)
# Batches of orders that one process places at the same time, each over a connection of its own.
INTAKE_LINES = env.int("INTAKE_LINES", 4)

# How often each process writes down what machines asked for; 0: never by itself.
REQUEST_LOG_SECONDS = env.float("REQUEST_LOG_SECONDS", 1.0)

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # SSL redirect: the reverse proxy's business

UNFOLD = {
    "SITE_TITLE": _("Huopan console"),
    "SITE_HEADER": _("Huopan console"),
    "SITE_SYMBOL": "inventory_2",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_URL": None,
    "DASHBOARD_CALLBACK": "console.inbox.fill",
    "STYLES": ["console.navigation.styles"],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "console.navigation.icon"},
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.6)",
            "100": "oklch(93.2% .032 255.6)",
            "200": "oklch(88.2% .059 254.1)",
            "300": "oklch(80.9% .105 251.8)",
            "400": "oklch(70.7% .165 254.6)",
            "500": "oklch(62.3% .214 259.8)",
            "600": "oklch(54.6% .245 262.9)",
            "700": "oklch(48.8% .243 264.4)",
            "800": "oklch(42.4% .199 265.6)",
            "900": "oklch(37.9% .146 265.5)",
            "950": "oklch(28.2% .091 267.9)",
        }
    },
}
