import pytest

from astro.tenancy import current
from astro.tenancy.current import (
    EVERYWHERE,
    PLATFORM,
    NoRetailer,
    ReadsOnly,
    across_retailers,
    platform,
    retailer,
    within,
)
from astro.tenancy.models import Retailer


def test_nobody_is_current_at_first():
    assert current.scope() is None
    with pytest.raises(NoRetailer):
        current.current_retailer_id()


def test_scopes_nest_and_end_with_their_block():
    huxley, otherpaws = Retailer(name="Huxley House"), Retailer(name="Other Paws")
    with retailer(huxley):
        with retailer(otherpaws):
            assert current.scope() == otherpaws.pk
        assert current.scope() == huxley.pk
        with platform("a test"):
            assert (current.scope(), current.current_retailer_id()) == (PLATFORM, None)
        with across_retailers("a test"):
            assert current.scope() == EVERYWHERE
            with pytest.raises(ReadsOnly):
                current.current_retailer_id()
        with pytest.raises(ZeroDivisionError), retailer(otherpaws):
            1 / 0  # noqa: B018
        assert current.scope() == huxley.pk
    assert current.scope() is None


@pytest.mark.parametrize("leave", [platform, across_retailers])
def test_leaving_needs_a_reason(leave):
    with pytest.raises(ValueError, match="why"), leave(""):
        pass


def test_a_retailer_has_a_positive_id():
    with pytest.raises(ValueError, match="positive"), within(EVERYWHERE):
        pass
