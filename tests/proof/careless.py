"""The settings of an installation whose SQLite does not sync what it commits: to show that the power cut is noticed."""

from astro.project.settings import *  # noqa: F403
from astro.project.settings import DATABASES

OPTIONS = DATABASES["default"]["OPTIONS"]
assert "synchronous=FULL" in OPTIONS["init_command"]
OPTIONS["init_command"] = OPTIONS["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
