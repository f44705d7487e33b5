"""Every setting in one flat file; each comes from the environment or `.env` (see `.env.example`)."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
from celery.schedules import schedule
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from latchkey.earlier_demo import take_over
from latchkey.running import embedded_redis

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
# An empty variable counts as unset: compose files and CI systems pass unset variables as empty.
environ.Env.ENVIRON = {name: value for name, value in os.environ.items() if value}

# State of this installation: database, secrets, sockets, mail. Deleting the folder starts afresh.
VAR_DIR: Path = BASE_DIR / env("VAR_DIR", default="var")
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def generated_secret(name: str, make: str) -> str:
    """A secret made once and kept in `var/`, readable by its owner only."""
    path = VAR_DIR / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{name}.{os.getpid()}")
        with open(draft, "w", opener=_open_private) as file:
            file.write(make)
        # When several processes start at once, the first one wins, and none reads a half-written file.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# --- Where we are ---------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
HOST = env("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", default=8010)
# The host under which the programs of `manage.py up` reach each other.
LOCAL_HOST = "127.0.0.1" if HOST in ("0.0.0.0", "::") else HOST  # noqa: S104
_in_url = f"[{LOCAL_HOST}]" if ":" in LOCAL_HOST else LOCAL_HOST
LOCAL_URL = f"http://{_in_url}:{PORT}"

# --- Seam -----------------------------------------------------------------------------------------------
SEAM_API_KEY = env("SEAM_API_KEY", default="")
# `manage.py up` starts our own sandbox unless SEAM_API_KEY or SEAM_ENDPOINT is set.
HAS_EMBEDDED_SANDBOX = not SEAM_API_KEY and not env("SEAM_ENDPOINT", default="")
# Without a key Latchkey runs on its own sandbox. SANDBOX_CLOCK says that the endpoint has our clock routes.
SANDBOX_CLOCK = env.bool("SANDBOX_CLOCK", default=not SEAM_API_KEY)
SEAM_ENDPOINT = env(
    "SEAM_ENDPOINT",
    default=f"http://{_in_url}:{SANDBOX_PORT}" if not SEAM_API_KEY else "https://connect.getseam.com",
).rstrip("/")
HAS_SEAM_API_KEY = bool(SEAM_API_KEY)
if not SEAM_API_KEY:
    SEAM_API_KEY = generated_secret("sandbox-api-key", f"seam_test_{secrets.token_urlsafe(24)}")
SEAM_PROVIDERS = env.list("SEAM_PROVIDERS", default=["wyze"])

# The address under which browsers and Seam reach us; on the sandbox the local one suffices.
PUBLIC_URL = env("PUBLIC_URL", default=LOCAL_URL if SANDBOX_CLOCK else "").rstrip("/")
IS_HTTPS = PUBLIC_URL.startswith("https://")
# The demo's person has a password that stands in the README: never on real locks, never on a public address.
MAY_HAVE_DEMO = (
    SANDBOX_CLOCK
    and not HAS_SEAM_API_KEY
    and urlsplit(PUBLIC_URL).hostname in (None, "localhost", "127.0.0.1", "::1", LOCAL_HOST)
)
# How many proxies in front of the web server add to X-Forwarded-For. The client's address is counted from its end.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["localhost", "127.0.0.1", "[::1]", *filter(None, [urlsplit(PUBLIC_URL).hostname])],
)

# --- Calendars ------------------------------------------------------------------------------------------
# Hosts that calendars may be fetched from although they are private, over plain HTTP and at any port.
PRIVATE_FEED_HOSTS = env.list("PRIVATE_FEED_HOSTS", default=[])
# Channels see who asks, and where to complain.
FEED_USER_AGENT = env("FEED_USER_AGENT", default=f"Latchkey/0.3 (calendar import; +{PUBLIC_URL or LOCAL_URL})")

# --- Secrets --------------------------------------------------------------------------------------------
SECRET_KEY = env("SECRET_KEY", default="") or generated_secret("secret-key", secrets.token_urlsafe(64))
# Newest first: the first encrypts, all decrypt, so keys can rotate.
PIN_KEYS = env.list("PIN_KEYS", default=[]) or [generated_secret("pin-key", Fernet.generate_key().decode())]

# --- Data -----------------------------------------------------------------------------------------------
# The demo has a file of its own: whatever is made there is never among real locks.
_file = VAR_DIR / ("demo.sqlite3" if MAY_HAVE_DEMO else "latchkey.sqlite3")
if MAY_HAVE_DEMO and not env("DATABASE_URL", default=""):
    take_over(VAR_DIR / "latchkey.sqlite3", _file)
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{quote(str(_file))}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a writing transaction waits at its start instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Opening a connection costs more than most requests do with it, on SQLite too.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# `manage.py up` starts a Redis on this private socket unless REDIS_URL names another one.
HAS_EMBEDDED_REDIS = not env("REDIS_URL", default="")
EMBEDDED_REDIS_SOCKET = embedded_redis.socket_path(VAR_DIR)
REDIS_URL = env("REDIS_URL", default=embedded_redis.socket_url(EMBEDDED_REDIS_SOCKET))

# Rate limits of the log-in are counted in a table: across processes and without Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Django's default is 300: a few hundred requests washed the counters of everybody out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Celery ---------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
# Acknowledge a task when it has ended, not when it starts: a killed worker loses nothing.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# SIGQUIT gives running tasks 5 seconds, then puts them back into the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task (sync: 300 s), or Redis would deliver it twice.
    "visibility_timeout": 600,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
}
# A page must not hang while Redis is down: the row is saved, and the sweep finds it.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"


def every(variable: str, seconds: float) -> schedule:
    return schedule(run_every=env.float(variable, default=seconds))


CELERY_BEAT_SCHEDULER = "latchkey.running.steady_beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "every-20-seconds-say-that-the-worker-lives": {
        "task": "seam_integration.tasks.beat_heart",
        "schedule": every("HEARTBEAT_SECONDS", 20),
        # A heartbeat that waited in the queue says nothing about now.
        "options": {"expires": 20},
    },
    "every-minute-reconcile-locks-that-are-due": {
        "task": "seam_integration.tasks.sweep",
        "schedule": every("SWEEP_SECONDS", 60),
        "options": {"expires": 60},
    },
    "every-minute-send-messages-that-are-due": {
        "task": "outbox.tasks.sweep",
        "schedule": every("OUTBOX_SECONDS", 60),
        "options": {"expires": 60},
    },
    "every-2-minutes-catch-up-with-events": {
        "task": "seam_integration.tasks.catch_up_events",
        "schedule": every("CATCH_UP_SECONDS", 120),
        "options": {"expires": 120},
    },
    "every-minute-check-calendars-that-are-due": {
        "task": "calendars.tasks.sweep",
        "schedule": every("FEED_SWEEP_SECONDS", 60),
        "options": {"expires": 60},
    },
    "every-hour-forecast-batteries": {
        "task": "seam_integration.tasks.forecast_batteries",
        # FORETELL_SECONDS is its name of version 0.1.
        "schedule": every("FORECAST_SECONDS", env.float("FORETELL_SECONDS", default=3600)),
        "options": {"expires": 3600},
    },
    "every-10-minutes-sync-accounts-and-locks": {
        "task": "seam_integration.tasks.sync_all",
        "schedule": every("SYNC_SECONDS", 600),
        "options": {"expires": 600},
    },
}

# --- Django ---------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "latchkey",
    "dashboard",
    "seam_integration",
    "calendars",
    "outbox",
    "properties",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "heroicons",
    "latchkey.admin_config.LatchkeyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "dashboard.middleware.MachinesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.middleware.CompressMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dashboard.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dashboard.entrance.idle_sessions.IdleSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.NowMiddleware",
    "dashboard.middleware.OwnPagesMiddleware",
]
ROOT_URLCONF = "latchkey.urls"
WSGI_APPLICATION = "latchkey.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "dashboard.frame.context.frame",
]
TEMPLATES = [
    # Pages are ours. Texts of mails, and what belongs to other packages, follow Django's own rules.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "dashboard.jinja_environment.environment",
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]

# --- People ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The only way to a session: allauth's, with its limits, stages and second factors.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "dashboard.entrance.account_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
# Who may create an account: "open" to everybody, "first" to the first person of this installation, "closed" to none.
SIGN_UP = env("SIGN_UP", default="open" if MAY_HAVE_DEMO else "first")
if SIGN_UP not in ("first", "open", "closed"):
    raise ImproperlyConfigured(f"SIGN_UP is {SIGN_UP!r}: choose first, open or closed.")
# An address that was never proved enters nothing.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# What concerns the safety of an account asks for the password again, and tells the address that it had before.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Latchkey] "
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "dashboard.entrance.passkey_forms.AddForm",
    "authenticate_webauthn": "dashboard.entrance.passkey_forms.AuthenticateForm",
    "login_webauthn": "dashboard.entrance.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "dashboard.entrance.passkey_forms.ReauthenticateForm",
}
# Browsers take plain http for safe on localhost only; there it is, to try it.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_ADAPTER = "dashboard.entrance.mfa_adapter.MfaAdapter"
MFA_TOTP_ISSUER = "Latchkey"
# Single sign-on for people who were invited, if a provider is named.
OIDC_NAME = env("OIDC_NAME", default="single sign-on")
OIDC_SERVER_URL = env("OIDC_SERVER_URL", default="")
OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = env("OIDC_CLIENT_ID", default=""), env("OIDC_CLIENT_SECRET", default="")
HAS_OIDC = bool(OIDC_SERVER_URL and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET)
if HAS_OIDC:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
    }
}
SOCIALACCOUNT_ADAPTER = "dashboard.entrance.single_sign_on.SingleSignOnAdapter"
# The next log-ins are known by the provider's own number of the person.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
vars().update(env.email("EMAIL_URL", default=f"filemail:///{quote(str(VAR_DIR / 'mail'))}"))
# A mail server that does not answer holds up the worker for so long (seconds), and never a page.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Latchkey <latchkey@localhost>")

# How a message of the outbox leaves, by its channel.
OUTBOX_TRANSPORTS = {"email": "outbox.transports.email.send"}

# --- Browser safety -------------------------------------------------------------------------------------
_seam = urlsplit(SEAM_ENDPOINT)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A form redirects to Seam's Connect Webview, whose host only Seam knows.
        "form-action": [SELF, "https:", *([f"http://{_seam.hostname}:*"] if _seam.scheme == "http" else [])],
    }
}
# What a browser could offer, and no page here asks for.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone"),
        *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
    )
}
# Of our own name, so that other programs on this host keep theirs; __Host- keeps it from subdomains.
_prefix = "__Host-latchkey" if IS_HTTPS else "latchkey"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}-session", f"{_prefix}-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Both speak for names that are not ours: whoever owns the whole domain says so.
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS and env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS and env.bool("HSTS_PRELOAD", default=False)
# Behind a proxy that ends TLS, as in the compose file, this header names the scheme.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
CSRF_FAILURE_VIEW = "dashboard.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# A session ends after two weeks, and earlier when it was not used for long.
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_IDLE_HOURS = env.float("SESSION_IDLE_HOURS", default=72)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Language, time, files --------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Log lines name rows by id: PINs, links and keys never reach them.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"hide_secrets": {"()": "latchkey.logs.HideSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hide_secrets"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}
