"""Settings, all from the environment (`.env.example` lists them). A wrong value stops the start and says so."""

import secrets
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
TESTING = "pytest" in sys.modules

if (BASE_DIR / ".env").exists() and not TESTING:
    environ.Env.read_env(BASE_DIR / ".env")


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """An environment variable that must be a whole number within bounds."""
    text = env.str(name, default=str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def yes_or_no(name: str, *, default: bool) -> bool:
    """An environment variable that must be yes or no."""
    text = env.str(name, default="yes" if default else "no").lower()
    if text not in {"yes", "true", "1", "on", "no", "false", "0", "off"}:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {text!r}.")
    return text in {"yes", "true", "1", "on"}


def secret_key(folder: Path) -> str:
    """ASTRO_SECRET_KEY, or else a key of this installation, made once and kept beside the data."""
    given = env.str("ASTRO_SECRET_KEY", default="")
    if given:
        if len(given) < 50:
            raise ImproperlyConfigured("ASTRO_SECRET_KEY must have at least 50 characters.")
        return given
    file = folder / "secret-key"
    if not file.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(64))
        except OSError as problem:
            raise ImproperlyConfigured(
                f"ASTRO_DATA ({folder}) cannot be written ({problem.strerror}). Name a folder that can be, "
                "or set ASTRO_SECRET_KEY."
            ) from problem
    return file.read_text().strip()


def database(folder: Path) -> dict[str, object]:
    """SQLite beside the data, or what DATABASE_URL names."""
    url = env.str("DATABASE_URL", default=f"sqlite:///{folder / 'astro.sqlite3'}")
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        if not path:
            raise ImproperlyConfigured("DATABASE_URL names no file: write sqlite:///var/astro.sqlite3.")
        return {
            "ENGINE": "astro.tenancy.engines.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
            },
            "TEST": {"NAME": env.str("ASTRO_TEST_DATABASE", default=":memory:")},
        }
    if scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgres:// or sqlite:///, not {scheme!r}. "
            "Example: postgres://astro:password@localhost:5432/astro"
        )
    try:
        parts = env.db_url_config(url)
    except ValueError as problem:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {problem}.") from problem
    if not parts.get("NAME") or not parts.get("USER"):
        raise ImproperlyConfigured(
            "DATABASE_URL needs a user and a database: postgres://astro:password@localhost:5432/astro"
        )
    return {
        **parts,
        "ENGINE": "astro.tenancy.engines.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": yes_or_no("ASTRO_PGBOUNCER", default=False),
    }


def hosts() -> list[str]:
    """The names under which this installation is reached."""
    names: list[str] = [name.strip() for name in env.list("ASTRO_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])]
    if not any(names) or any("/" in name for name in names):
        raise ImproperlyConfigured("ASTRO_HOSTS must be host names with commas between: cards.example.com,localhost")
    return names


def origins() -> list[str]:
    """Other addresses that may send forms here."""
    addresses: list[str] = env.list("ASTRO_ORIGINS", default=[])
    if not all(address.startswith(("https://", "http://")) for address in addresses):
        raise ImproperlyConfigured("ASTRO_ORIGINS must be addresses that begin with https://, with commas between.")
    return addresses


def email() -> dict[str, object]:
    """Where mail goes: ASTRO_EMAIL_URL, or else the console."""
    try:
        return dict(env.email_url("ASTRO_EMAIL_URL", default="consolemail://"))
    except (ImproperlyConfigured, ValueError) as problem:
        raise ImproperlyConfigured(
            "ASTRO_EMAIL_URL must be like smtp+tls://name:password@mail.example.com:587 or consolemail://"
        ) from problem


def log_level() -> str:
    level: str = env.str("ASTRO_LOG_LEVEL", default="INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ImproperlyConfigured("ASTRO_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return level


def data_folder() -> Path:
    """Where this installation keeps its files; a relative name is taken from the repository."""
    name = env.str("ASTRO_DATA", default="var")
    if not name:
        raise ImproperlyConfigured("ASTRO_DATA is empty. Name a folder, or leave it out for “var”.")
    return BASE_DIR / name


DATA = data_folder()
PORT = whole_number("PORT", 8000, least=1, most=65535)
HTTPS = yes_or_no("ASTRO_HTTPS", default=False)

SECRET_KEY = "tests-only-" + "k7Qz" * 12 if TESTING else secret_key(DATA)
DEBUG = yes_or_no("ASTRO_DEBUG", default=False)
ALLOWED_HOSTS = hosts()
CSRF_TRUSTED_ORIGINS = origins()

INSTALLED_APPS = [
    "astro.desk",
    "astro.checkout",
    "astro.credits",
    "astro.cards",
    "astro.programs",
    "astro.customers",
    "astro.catalog",
    "astro.accounts",
    "astro.activity",
    "astro.tenancy",
    "astro.kit",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "astro.kit.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "astro.accounts.middleware.SignedIn",
    "astro.kit.bodies.WholeBody",
    "astro.tenancy.middleware.RetailerScope",
    "astro.tenancy.local_time.LocalTime",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "astro.kit.errors.Refusals",
]

ROOT_URLCONF = "astro.project.urls"
WSGI_APPLICATION = "astro.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "astro" / "kit" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "astro.desk.context.shell",
            ],
            "builtins": ["astro.kit.templatetags.kit", "django.templatetags.i18n"],
        },
    },
]

DATABASES = {"default": database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "astro_cache",
    }
}

AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "astro.accounts.sessions"
SESSION_COOKIE_NAME = "astro_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "astro_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "astro.accounts.adapter.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "user_name"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up by themselves; allauth checks the two lines together
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "20/10m/ip,20/10m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = whole_number("ASTRO_PROXIES", 1 if HTTPS else 0, least=0, most=9)
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^live$", r"^ready$"]  # asked over plain HTTP by what watches over the installation
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
PERMISSIONS_POLICY = {"camera": ["self"], "geolocation": [], "microphone": [], "payment": [], "usb": []}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
FORMAT_MODULE_PATH = "astro.kit.formats"
LOCALE_PATHS = [BASE_DIR / "astro" / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = DEBUG or TESTING
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "astro.kit.static_files.HashedFiles"
    },
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

vars().update(email())

OUTBOX_SCOPE = "astro.tenancy.current.within"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": log_level()},
    "loggers": {"pyBarcode": {"level": "WARNING"}},  # it tells at every start that it could draw images
}
