"""Which tests are collected where. `tests/conftest.py` hands it to pytest."""

import pytest
from django.db import connection


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whatever drives Chromium is a browser test; what this database cannot show is left out."""
    in_memory = connection.settings_dict["TEST"]["NAME"] == ":memory:"
    left_out = []
    for item in items:
        if {"chromium", "browser", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
            left_out.append(item)
        if item.get_closest_marker("at_once") and in_memory:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
