"""`python -m astro <command>`: Astro's own commands and Django's."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    """Run one command; a wrong setting or an absent database is told in a sentence, not as a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(["astro", *_as_named(sys.argv[1:])])
    except ImproperlyConfigured as problem:
        sys.exit(f"Astro cannot start: {problem}")
    except OperationalError as problem:
        sys.exit(f"The database cannot be used: {problem}\n`astro doctor` says what to do.")


def _as_named(words: list[str]) -> list[str]:
    """Commands are files, so `text-number` is called `text_number`."""
    return [words[0] if words[0].startswith("-") else words[0].replace("-", "_"), *words[1:]] if words else words


if __name__ == "__main__":
    main()
