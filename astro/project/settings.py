"""Settings, all from the environment (`.env.example` lists them). A wrong value stops the start and says so."""

import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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


FROM_BOOKS = frozenset(
    {"admin", "astro", "change me", "change-me", "changeme", "default", "django-insecure", "example", "key", "name"}
    | {"passw0rd", "password", "postgres", "root", "secret", "sid", "test", "the-token", "token", "your-own-check"}
)
"""What stands in examples and is tried first."""


def is_guessable(text: str) -> bool:
    """Whether it is of an example, made of such words, or of a few characters again and again."""
    words = text.lower()
    for known in sorted(FROM_BOOKS, key=len, reverse=True):
        words = words.replace(known, "")
    return len(words) < len(text) / 2 or len(set(text)) < min(10, len(text) // 4)


def insist_on_secret(name: str, text: str, *, least: int, how: str = "") -> str:
    """A secret that nobody guesses. Raises ImproperlyConfigured; the secret itself is never told."""
    if len(text) < least:
        raise ImproperlyConfigured(f"{name} must have at least {least} characters{how}.")
    if is_guessable(text):
        raise ImproperlyConfigured(
            f"{name} can be guessed: it is of an example, or of few different characters. Make one: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return text


def keep_first(file: Path, text: str) -> None:
    """Write a file that others may be about to write, too: it is there whole or not at all, and the first one stays."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as new:  # for its owner's eyes only, as the file then is
        new.write(text)
        new.flush()
        os.fsync(new.fileno())  # an empty key after a power cut would be worse than none
        with suppress(FileExistsError):
            os.link(new.name, file)


def secret_key(name: str, folder: Path) -> str:
    """A variable such as ASTRO_SECRET_KEY, or else a key of this installation, made once and kept beside the data."""
    given = env.str(name, default="")
    if given:
        return insist_on_secret(name, given, least=50)
    file = folder / name.removeprefix("ASTRO_").lower().replace("_", "-")
    if not file.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            keep_first(file, secrets.token_urlsafe(64))
        except OSError as problem:
            raise ImproperlyConfigured(
                f"ASTRO_DATA ({folder}) cannot be written ({problem.strerror}). Name a folder that can be, "
                f"or set {name}."
            ) from problem
    return insist_on_secret(f"{name}, kept in {file},", file.read_text().strip(), least=50)


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
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;",
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
    if password := str(parts.get("PASSWORD") or ""):  # without one the server knows the user by its system
        insist_on_secret("The password in DATABASE_URL", password, least=12 if HTTPS else 1)
    return {
        **parts,
        # Seconds, and milliseconds: a server that has vanished is told, not waited for.
        "OPTIONS": {"connect_timeout": 5, "tcp_user_timeout": 15_000, **parts.get("OPTIONS", {})},
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


def public_url() -> str:
    """The address under which customers reach this installation, for links in messages; no slash at the end."""
    name = hosts()[0].lstrip(".")
    default = f"https://{name}" if HTTPS else f"http://127.0.0.1:{PORT}"
    address: str = env.str("ASTRO_PUBLIC_URL", default=default).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured("ASTRO_PUBLIC_URL must be like https://cards.example.com, without a path.")
    return address


def email() -> dict[str, object]:
    """Where mail goes: ASTRO_EMAIL_URL, or else the console."""
    try:
        return dict(env.email_url("ASTRO_EMAIL_URL", default="consolemail://"))
    except (ImproperlyConfigured, ValueError) as problem:
        raise ImproperlyConfigured(
            "ASTRO_EMAIL_URL must be like smtp+tls://name:password@mail.example.com:587 or consolemail://"
        ) from problem


def mail_service() -> tuple[str, dict[str, object]]:
    """By which way mail to customers goes, and what django-anymail wants to know: a service of ASTRO_MAIL_PROVIDER,
    else the SMTP server of ASTRO_EMAIL_URL, else none: then it is kept in the local mailbox."""
    provider = env.str("ASTRO_MAIL_PROVIDER", default="")
    if not provider:
        is_smtp = str(email()["EMAIL_BACKEND"]).endswith(".smtp.EmailBackend")
        return "smtp" if is_smtp and not TESTING else "", {}
    if provider not in MAIL_SERVICES:
        raise ImproperlyConfigured(
            f"ASTRO_MAIL_PROVIDER must be one of {', '.join(MAIL_SERVICES)}, or empty for SMTP; not {provider!r}."
        )
    given = {MAIL_SERVICES[provider]: env.str("ASTRO_MAIL_KEY", default="")} if MAIL_SERVICES[provider] else {}
    given |= env.dict("ASTRO_MAIL_OPTIONS", default={})
    if not all(given.values()):
        raise ImproperlyConfigured(f"ASTRO_MAIL_KEY is missing: {provider} wants its {MAIL_SERVICES[provider]}.")
    hook = env.str("ASTRO_MAIL_HOOK_SECRET", default="")
    if len(hook) < 20 or ":" not in hook:
        raise ImproperlyConfigured(
            "ASTRO_MAIL_HOOK_SECRET must be a name and a password that you make up, as name:password, 20 characters or "
            f"more. Tell {provider} to send its hooks to https://name:password@your-host/hooks/mail/."
        )
    options = {f"{provider.upper()}_{name}": value for name, value in given.items()}
    insist_on_secret("The password in ASTRO_MAIL_HOOK_SECRET", hook.partition(":")[2], least=16)
    for name, value in given.items():
        if is_guessable(value):
            raise ImproperlyConfigured(f"ASTRO_MAIL_KEY is of an example: write the {name} that {provider} gave you.")
    return provider, {**options, "WEBHOOK_SECRET": hook, "REQUESTS_TIMEOUT": (10, 20)}


def mail_from(route: str) -> str:
    """The address that mail to customers comes from. Must be told where mail really goes, with the links' address."""
    address: str = env.str("ASTRO_MAIL_FROM", default="" if route else "stores@localhost")
    if not _is_address(address):
        raise ImproperlyConfigured(
            f"ASTRO_MAIL_FROM must be an e-mail address like stores@example.com, not {address!r}."
        )
    if route and not env.str("ASTRO_PUBLIC_URL", default=""):
        raise ImproperlyConfigured(
            "ASTRO_PUBLIC_URL is missing: mail goes out, and its links would lead nowhere. Example: https://cards.example.com"
        )
    return address


def support_email() -> str:
    """Who is told of a new ticket by mail; nobody where it is empty, and then `astro tickets` shows them."""
    address: str = env.str("ASTRO_SUPPORT_EMAIL", default="")
    if address and not _is_address(address):
        raise ImproperlyConfigured(
            f"ASTRO_SUPPORT_EMAIL must be an e-mail address like support@example.com, or empty; not {address!r}."
        )
    return address


def _is_address(text: str) -> bool:
    return text.count("@") == 1 and all(text.split("@")) and not any(sign in text for sign in " <>,;\r\n")


def texts() -> dict[str, Any] | None:
    """The text service that ASTRO_TEXT_URL names, or none: then texts are kept in the local mailbox."""
    url = env.str("ASTRO_TEXT_URL", default="")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        parts, port, host = urlsplit(""), None, None
    is_whole = host and parts.username and parts.password and not parts.query and not parts.fragment
    if parts.scheme not in {"twilio", "twilio+http"} or not is_whole:
        raise ImproperlyConfigured(
            "ASTRO_TEXT_URL must be like twilio://SID:TOKEN@api.twilio.com (twilio+http:// without encryption)."
        )
    token = unquote(parts.password or "")
    if token.lower() in FROM_BOOKS:
        raise ImproperlyConfigured(
            "ASTRO_TEXT_URL has the token of the example: write the one that the service gave you."
        )
    return {
        "host": host,
        "port": port,
        "path": parts.path.rstrip("/"),
        "sid": unquote(parts.username or ""),
        "token": token,
        "is_secure": parts.scheme == "twilio",
    }


def log_level() -> str:
    level: str = env.str("ASTRO_LOG_LEVEL", default="INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ImproperlyConfigured("ASTRO_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return level


def log_format() -> str:
    """Whether the log is for people (text) or for programs (json)."""
    name: str = env.str("ASTRO_LOG_FORMAT", default="text").lower()
    if name not in {"text", "json"}:
        raise ImproperlyConfigured(f"ASTRO_LOG_FORMAT must be text or json, not {name!r}.")
    return name


def metrics_token() -> str:
    """What Prometheus says to be let in to /metrics; without one, only this machine is let in."""
    token: str = env.str("ASTRO_METRICS_TOKEN", default="")
    if not token:
        return ""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ImproperlyConfigured("ASTRO_METRICS_TOKEN must have at least 20 characters, without spaces.")
    return insist_on_secret("ASTRO_METRICS_TOKEN", token, least=20, how=", without spaces")


def heartbeat() -> str:
    """The address that the worker asks for while all schedules are in time, or none."""
    address: str = env.str("ASTRO_HEARTBEAT_URL", default="")
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        is_whole = False
    if address and not is_whole:
        raise ImproperlyConfigured("ASTRO_HEARTBEAT_URL must be like https://hc-ping.com/your-own-check.")
    return address


def data_folder() -> Path:
    """Where this installation keeps its files; a relative name is taken from the repository."""
    name = env.str("ASTRO_DATA", default="var")
    if not name:
        raise ImproperlyConfigured("ASTRO_DATA is empty. Name a folder, or leave it out for “var”.")
    return BASE_DIR / name


MAIL_SERVICES = {
    "brevo": "API_KEY",
    "mailersend": "API_TOKEN",
    "mailgun": "API_KEY",
    "mailjet": "",
    "mailtrap": "API_TOKEN",
    "mandrill": "API_KEY",
    "postal": "API_KEY",
    "postmark": "SERVER_TOKEN",
    "resend": "API_KEY",
    "sendgrid": "API_KEY",
    "sparkpost": "API_KEY",
    "unisender_go": "API_KEY",
}
"""Mail services that django-anymail knows, with its name for the key; more of its options by ASTRO_MAIL_OPTIONS."""

DATA = data_folder()
PORT = whole_number("PORT", 8000, least=1, most=65535)
HTTPS = yes_or_no("ASTRO_HTTPS", default=False)

SECRET_KEY = "tests-only-" + "k7Qz" * 12 if TESTING else secret_key("ASTRO_SECRET_KEY", DATA)
# For what must outlive a change of the secret key: hashes of addresses, links to unsubscribe. Never changed.
LASTING_KEY = "tests-only-" + "Zq7k" * 12 if TESTING else secret_key("ASTRO_LASTING_KEY", DATA)
DEBUG = yes_or_no("ASTRO_DEBUG", default=False)
PUBLIC_URL = public_url()
ALLOWED_HOSTS = list(dict.fromkeys([*hosts(), urlsplit(PUBLIC_URL).hostname or ""]))
CSRF_TRUSTED_ORIGINS = origins()

INSTALLED_APPS = [
    "astro.desk",
    "astro.backoffice",
    "astro.customer_app",
    "astro.importer",
    "astro.checkout",
    "astro.credits",
    "astro.cards",
    "astro.messaging",
    "astro.programs",
    "astro.customers",
    "astro.catalog",
    "astro.support",
    "astro.billing",
    "astro.accounts",
    "astro.activity",
    "astro.tenancy",
    "astro.kit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "astro.kit.security.SecurityHeaders",
    "astro.desk.operating.watching.Watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "astro.support.middleware.WithoutSession",
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
                "astro.backoffice.context.shell",
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
        # How often a door was tried. Django's 300 are full after as many made-up names, and counts are thrown out.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "astro.accounts.sessions"
# With HTTPS no neighbour under the same domain can plant one (decision 19).
SESSION_COOKIE_NAME = "__Host-astro_session" if HTTPS else "astro_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-astro_csrf" if HTTPS else "astro_csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
PASSWORD_HASHERS = ["astro.kit.passwords.hashing.Argon2"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "astro.accounts.passwords.StaffPassword"}]
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "astro.accounts.adapter.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "user_name"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up by themselves; allauth checks the two lines together
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "20/10m/ip,20/10m/key"}
MFA_ADAPTER = "astro.accounts.second_step.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # allauth keeps no addresses of ours
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
MFA_TOTP_ISSUER = "Astro"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: phones' clocks, and people who type
SUPPORT_SECOND_STEP = yes_or_no("ASTRO_SUPPORT_SECOND_STEP", default=HTTPS)
PROXIES = whole_number("ASTRO_PROXIES", 1 if HTTPS else 0, least=0, most=9)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES  # for its limits; our adapter finds the address itself
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^live$",
    r"^ready$",
    r"^metrics$",
]  # asked over plain HTTP by what watches over the installation
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "frame-src": ["'self'"],  # letters, each under a policy of its own
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
_USED_HERE = {"camera", "clipboard-write", "publickey-credentials-create", "publickey-credentials-get"}
_UNUSED = """accelerometer autoplay bluetooth browsing-topics clipboard-read display-capture encrypted-media fullscreen
geolocation gyroscope hid idle-detection local-fonts magnetometer microphone midi payment picture-in-picture
screen-wake-lock serial storage-access usb web-share xr-spatial-tracking"""
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{name: ["self"] for name in sorted(_USED_HERE)},
    **{name: [] for name in _UNUSED.split()},
}

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
UPLOAD_MOST = whole_number("ASTRO_UPLOAD_MB", 32, least=1, most=512) * 1024 * 1024

vars().update(email())
MAIL_SERVICE = mail_service()
MAIL_ROUTE: str = MAIL_SERVICE[0]
ANYMAIL = MAIL_SERVICE[1]
EMAIL_TIMEOUT = 20  # seconds for each word of a mail server
MAIL_DEADLINE = 60  # seconds for one mail altogether
MAIL_FROM = mail_from(MAIL_ROUTE)
MAIL_GOES_OUT = bool(MAIL_ROUTE)  # whether anybody can be sent a link
TEXT_GATEWAY = texts()
SUPPORT_EMAIL = support_email()

CUSTOMER_PARTS = [  # modules with the five functions of `customers/parts.py`, in this order
    "astro.customers.customer_part",
    "astro.cards.customer_part",
    "astro.checkout.customer_part",
    "astro.credits.customer_part",
    "astro.messaging.customer_part",
    "astro.customer_app.customer_part",
    "astro.importer.customer_part",
]
ENROLLMENT_PARTS = ["astro.credits.enrollment_part"]  # modules with the two functions of `programs/parts.py`
STATUS_PARTS: list[str] = ["astro.desk.status_part"]  # modules with a list of `support/parts.py`
CUSTOMER_FIGURES = "astro.cards.customer_figures"  # the two functions of `customers/figures.py`
CUSTOMER_KINDS = "astro.cards.customer_kinds"  # the two functions of `customers/kinds.py`

OUTBOX_SCOPE = "astro.tenancy.current.within"

METRICS_TOKEN = metrics_token()
HEARTBEAT_URL = heartbeat()

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "astro.kit.logs.Lines"}, "json": {"()": "astro.kit.logs.Objects"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format()}},
    "root": {"handlers": ["console"], "level": log_level()},
    "loggers": {
        "django": {"handlers": [], "level": log_level()},  # Django's own would tell each line a second time, unscrubbed
        "django.request": {"level": "ERROR"},  # what was refused stands in the access lines
        "django.db.backends": {"level": "DEBUG" if DEBUG else "INFO"},  # below are statements with their values
        "urllib3": {"level": "INFO"},  # below are addresses with their queries
        "pyBarcode": {"level": "WARNING"},  # it tells at every start that it could draw images
    },
}
