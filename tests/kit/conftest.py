import pytest

from astro.kit.outbox import handlers


@pytest.fixture
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty book of outbox handlers and schedules for this test; the real one comes back afterwards."""
    handlers._discover()
    monkeypatch.setattr(handlers, "_handlers", {})
    monkeypatch.setattr(handlers, "_rhythms", {})
    monkeypatch.setattr(handlers, "_looks", {})
