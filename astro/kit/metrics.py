"""What processes count, for Prometheus: purchases, requests, failures, jobs.

Several web processes and a worker count at once, so `astro serve` names a folder (PROMETHEUS_MULTIPROC_DIR) in which
each writes into a file of its own; whoever is asked adds them up. Without the folder a process tells of itself alone.
What is true of the whole installation, such as the age of the outbox, no process counts: the database is asked.

Labels are names that stand in the code: routes, kinds, outcomes. Never a path, a retailer or a person.
"""

from __future__ import annotations

import os
from functools import partial

from django.db import transaction
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

OF_THIS_PROCESS = CollectorRegistry()

CHECKOUT_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)
REQUEST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

visits = Counter(
    "astro_visits", "Purchases by where they came from and what became of them.", ["source", "outcome"],
    registry=OF_THIS_PROCESS,
)  # fmt: skip
arrivals = Counter(
    "astro_arrivals", "Purchases that a till had kept and then sent, by what became of them.", ["outcome"],
    registry=OF_THIS_PROCESS,
)  # fmt: skip
checkout_seconds = Histogram(
    "astro_checkout_seconds", "How long a till waits for the answer to a checkout, the commit included.", ["route"],
    buckets=CHECKOUT_SECONDS, registry=OF_THIS_PROCESS,
)  # fmt: skip
request_seconds = Histogram(
    "astro_request_seconds", "How long requests take, by the name of their route.", ["route"],
    buckets=REQUEST_SECONDS, registry=OF_THIS_PROCESS,
)  # fmt: skip
requests = Counter(
    "astro_requests", "Requests by route and class of their status.", ["route", "status"], registry=OF_THIS_PROCESS
)
errors = Counter(
    "astro_errors", "Requests that failed for a reason nobody foresaw, by route and class of the exception.",
    ["route", "kind"], registry=OF_THIS_PROCESS,
)  # fmt: skip
jobs = Counter(
    "astro_jobs", "Rows of the outbox that a worker took up, by kind and what became of them.", ["kind", "outcome"],
    registry=OF_THIS_PROCESS,
)  # fmt: skip


def count_visit(*, source: str, outcome: str) -> None:
    """Once the transaction is committed: what was rolled back did not happen."""
    transaction.on_commit(partial(visits.labels(source, outcome).inc), robust=True)


def count_arrival(*, outcome: str) -> None:
    """As `count_visit`, for a purchase that a till had kept."""
    transaction.on_commit(partial(arrivals.labels(outcome).inc), robust=True)


def counted() -> bytes:
    """What all processes of this machine counted, as Prometheus reads it; without a folder, this one alone."""
    if not os.environ.get(FOLDER):
        return generate_latest(OF_THIS_PROCESS)
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return generate_latest(together)
