"""The structure itself: who imports what of whom, and the picture that is drawn of it."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]

OPEN = {"models", "queries", "actions", "errors"}
OPEN_TOO = {
    "accounts.access": "every view says with it for whom it is",
    "accounts.passwords": "how a new password is judged, wherever one is asked for",
    "accounts.sessions": "what a session says of itself: the bench writes thousands",
    "accounts.throttle": "how long to wait after too many tries",
    "activity.downloads": "lists as files, written down",
    "activity.resealing": "a restore with other keys begins the seals anew",
    "activity.verifying": "`astro verify` asks it",
    "programs.engine": "pure: what the engine is handed and hands back",
    "cards.totals": "`astro verify` asks it",
    "cards.notes": "the one action that has nothing to do with punches",
    "cards.verifying": "`astro verify` asks it",
    "checkout.basket": "pure: what a till sends",
    "checkout.fields": "the demo store asks something besides",
    "checkout.choosing": "what the second screen of a visit offers",
    "checkout.corrections": "the demo store put some things right",
    "checkout.exceptions": "exceptions, which support decides for the brands",
    "checkout.finishing": "the actions of a visit's second half",
    "checkout.undoing": "the actions that take back",
    "checkout.verifying": "`astro verify` asks it",
    "credits.returns": "goods that customers brought back: actions, reads, and which state may follow",
    "credits.verifying": "`astro verify` asks it",
    "customers.addresses": "pure: what may be kept of an address",
    "customers.consent": "the consent ledger: asking, answers, what it adds up to",
    "customers.details": "how names, phones and e-mail addresses are kept",
    "customers.figures": "what the list of customers is told by a module above",
    "customers.kinds": "what converting an account is told by a module above",
    "customers.signs": "the five signs of a customer's header",
    "customers.pets": "pure: what may be kept of a pet, and how it is told",
    "customers.parts": "what a module says of the part of a customer that it keeps",
    "messaging.deliveries": "has one message sent",
    "messaging.links": "what the links in messages say",
    "customers.story": "what a customer's page tells of the person",
    "customers.verifying": "`astro verify` asks it",
    "support.parts": "what a module says of how a part of the installation is doing",
    "programs.audience": "pure: for whom a program is",
    "programs.enrolling": "applications, which support decides for the brands",
    "programs.own": "the picture of a card, which the customer's app shows",
    "programs.rewards": "pure: which items may be the free one",
    "programs.rules": "pure: a rule, and how it judges",
    "programs.totals": "what an offer gives at most to everybody, claimed at redemption",
    "programs.versions": "versions of brands' programs, which support publishes, and what a card says of its own",
    "programs.wording": "pure: a rule in words",
}
OPEN_WHOLLY = {"kit", "tenancy"}
PURE = [
    "astro/checkout/basket.py",
    "astro/programs/audience.py",
    "astro/programs/rewards.py",
    "astro/programs/rules.py",
]
PURE += [f"astro/programs/engine/{name}.py" for name in ("terms", "dealing", "stamping")]
PURE += ["astro/customers/consent/ledger.py"]
PURE += ["astro/messaging/texts/keywords.py", "astro/messaging/texts/segments.py"]
PURE += [f"astro/kit/{name}.py" for name in ("clock", "codes", "folding", "gtin", "money", "phones", "punctuation")]


def reaches_inside(importer: str, imported: str) -> bool:
    """Whether this import takes something of another module that is not for others."""
    _, mine, *_ = importer.split(".")
    _, theirs, *inside = imported.split(".")
    if mine in (theirs, "project", "__main__") or theirs in OPEN_WHOLLY or not inside:
        return False
    return inside[0] not in OPEN and f"{theirs}.{inside[0]}" not in OPEN_TOO


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("astro", cache_dir=None)


def imports(graph):
    for importer in graph.modules - {"astro"}:
        for imported in graph.find_modules_directly_imported_by(importer) - {"astro"}:
            yield importer, imported


def test_modules_use_only_what_is_for_others(graph):
    assert [f"{one} imports {other}" for one, other in sorted(imports(graph)) if reaches_inside(one, other)] == []


def test_the_exceptions_are_used(graph):
    used = {
        ".".join(other.split(".")[1:3]) for one, other in imports(graph) if one.split(".")[1] != other.split(".")[1]
    }
    assert OPEN_TOO.keys() <= used


def test_reaching_inside_is_noticed():
    assert reaches_inside("astro.desk.views", "astro.customers.forms")
    assert reaches_inside("astro.checkout.actions", "astro.cards.views")
    assert not reaches_inside("astro.desk.views", "astro.customers.queries")
    assert not reaches_inside("astro.customers.views", "astro.customers.forms")
    assert not reaches_inside("astro.project.urls", "astro.desk.health")


def test_nobody_imports_the_project(graph):
    assert graph.find_modules_that_directly_import("astro.project.settings") == set()
    assert not [one for one, other in imports(graph) if other.startswith("astro.project") and ".project" not in one]


@pytest.mark.parametrize("file", PURE)
def test_pure_files_know_no_database_and_no_clock(file):
    tree = ast.parse((ROOT / file).read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    of_django = {name for name in imported if name.startswith("django") and not name.startswith("django.utils")}
    assert of_django == set()
    assert not [name for name in imported if name.startswith("astro.") and name.endswith((".models", ".queries"))]


def test_the_picture_is_current(tmp_path):
    shown = subprocess.run([sys.executable, "scripts/house", "--check"], cwd=ROOT, capture_output=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, b"")


def test_an_old_picture_is_noticed():
    house = {"__name__": "house", "__file__": str(ROOT / "scripts" / "house")}
    exec((ROOT / "scripts" / "house").read_text(), house)  # noqa: S102 - our own script
    page = house["PAGE"].read_text()
    assert house["current"](page) == page
    assert house["current"](page.replace("| checkout ", "| register ")) == page


def test_two_screens():
    assert len((ROOT / "docs" / "architecture.md").read_text().splitlines()) <= 140
