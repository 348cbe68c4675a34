"""Settings of this site. The environment is read here and nowhere else.

Every variable has a default that is safe on one machine; docs/how-to/deploy.md lists them.
"""

import os
from pathlib import Path

from approvals_site import database, secret
from approvals_site.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)
ENVIRONMENT_PROBLEMS = env.problems  # reported by approvals_site.checks

# -- this installation ---------------------------------------------------------------------------
VAR_DIR = Path(env.text("APPROVALS_VAR_DIR", str(BASE_DIR / "var"))).resolve()
BIND = env.text("APPROVALS_BIND", "127.0.0.1")
PORT = env.whole_number("PORT", 8000, least=1, most=65535)
BASE_URL = env.address("APPROVALS_BASE_URL", f"http://localhost:{PORT}")
FLOWS_BASE_URL = BASE_URL.geturl()
HTTPS = BASE_URL.scheme == "https"
DEMO_PEOPLE = env.flag("APPROVALS_DEMO_PEOPLE", default=not HTTPS)

DEBUG = env.flag("APPROVALS_DEBUG")
SECRET_KEY = env.text("APPROVALS_SECRET_KEY") or secret.stored_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words("APPROVALS_OLD_SECRET_KEYS")
ALLOWED_HOSTS = sorted(
    {
        "localhost",
        "127.0.0.1",
        "[::1]",
        BASE_URL.hostname or "localhost",
        *env.words("APPROVALS_ALLOWED_HOSTS"),
    }
)
CSRF_TRUSTED_ORIGINS: list[str] = [BASE_URL.geturl()]

# -- the application -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "approvals_site",
    "flows",
    "flows.examples",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "approvals_site.middleware.content_security_policy",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "approvals_site.urls"
ASGI_APPLICATION = "approvals_site.asgi.application"
WSGI_APPLICATION = "approvals_site.wsgi.application"
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
            ],
        },
    },
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "inbox"
LOGOUT_REDIRECT_URL = "login"

# -- data ----------------------------------------------------------------------------------------
DATABASES = {"default": database.describe(env, directory=VAR_DIR / "postgres")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a thousand questions decided together, three fields each

# -- flows: see flows.conf for what each counts -----------------------------------------------------
FLOWS_LEASE_SECONDS = env.seconds("FLOWS_LEASE_SECONDS", 30.0)
FLOWS_POLL_SECONDS = env.seconds("FLOWS_POLL_SECONDS", 1.0)
FLOWS_GRACE_SECONDS = env.seconds("FLOWS_GRACE_SECONDS", 10.0)
FLOWS_MAX_CLAIMS = env.whole_number("FLOWS_MAX_CLAIMS", 5, least=1, most=1000)
FLOWS_QUEUES = env.words("FLOWS_QUEUES") or None
FLOWS_CONCURRENCY = env.whole_number("FLOWS_CONCURRENCY", 16, least=1, most=1000)
FLOWS_UNDO_SECONDS = env.seconds("FLOWS_UNDO_SECONDS", 5.0, or_none=True)
FLOWS_CRASH = env.text("CRASH")  # for tests: see flows.store.crash
FLOWS_CELERY_APP = env.text("FLOWS_CELERY_APP")
FLOWS_RESEND_SECONDS = env.seconds("FLOWS_RESEND_SECONDS", 60.0)

# -- language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("APPROVALS_TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

# -- static files --------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

# -- security ------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # probes come from inside, over plain http
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "flows.web.views.failures.csrf_failure"
# The other hosts of this domain are not ours to promise https for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# -- the example that can ask a language model ---------------------------------------------------
MODEL_BASE_URL = env.text("MODEL_BASE_URL")
MODEL_NAME = env.text("MODEL_NAME")
MODEL_API_KEY = env.text("MODEL_API_KEY")

# -- logs ----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"daphne": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("APPROVALS_LOG_LEVEL", "INFO")},
}
