import os

import pytest
from django.db import transaction

from tests.checkout.corrections.test_at_random import KINDS, CorrectedStory


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_many(midtown, owner, kind):
    for number in range(int(os.environ.get("N", "12"))):
        with transaction.atomic():
            story = CorrectedStory(midtown, owner, KINDS[kind], f"{os.environ.get('S', 'q')}{number}")
            for step in range(30):
                try:
                    story.step()
                except AssertionError as e:
                    raise AssertionError(f"{kind} {number} step {step}: {str(e)[:600]}") from None
            transaction.set_rollback(True)
