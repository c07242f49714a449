from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.core.signing import Signer
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from astro.kit.ids import new_id
from astro.kit.models import OutboxRow
from astro.kit.paging import page_of

START = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
BY_KIND = ("kind", "-created_at")


def make_rows(kinds):
    """Rows with equal kinds and moments among them, so that the sort must fall back on the id."""
    return OutboxRow.objects.bulk_create(
        OutboxRow(retailer_id=0, kind=kind, payload={}, created_at=START + timedelta(microseconds=number // 3))
        for number, kind in enumerate(kinds)
    )


def walk(order_by, size, *, backwards=False):
    """All pages one after the other, from the first to the last or from the last back to the first."""
    page = page_of(OutboxRow.objects.all(), order_by=order_by, rows=size)
    for _step in range(100 if backwards else 0):
        if page.next:
            page = page_of(OutboxRow.objects.all(), order_by=order_by, rows=size, cursor=page.next)
    pages = [page]
    while cursor := (page.previous if backwards else page.next):
        page = page_of(OutboxRow.objects.all(), order_by=order_by, rows=size, cursor=cursor)
        pages.append(page)
        assert len(pages) < 100, "the walk does not end"
    return pages


class TestWalks(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        kinds=st.lists(st.sampled_from(["a", "b", "B", "ä", "z z", ""]), max_size=25),
        size=st.integers(1, 9),
        order=st.sampled_from([BY_KIND, ("created_at",), ("-id",), ("retailer_id", "-kind", "created_at"), ()]),
    )
    def test_every_row_comes_once_in_order_both_ways(self, kinds, size, order):
        make_rows(kinds)
        names = order if "-id" in order else (*order, "id")
        expected = list(OutboxRow.objects.order_by(*names))
        there = walk(order, size)
        back = walk(order, size, backwards=True)
        assert [row for page in there for row in page.rows] == expected
        assert [row for page in reversed(back) for row in page.rows] == expected
        assert all(len(page.rows) == size for page in there[:-1])
        assert there[0].previous is None
        assert there[-1].next is None


@pytest.mark.django_db
class TestPages:
    def test_fifty_rows_are_a_page(self):
        made = make_rows("k" * 51)
        page = page_of(OutboxRow.objects.all())
        assert page.rows == made[:50]
        assert page_of(OutboxRow.objects.all(), cursor=page.next).rows == made[50:]

    def test_a_list_that_fits_has_no_other_pages(self):
        make_rows("k" * 50)
        page = page_of(OutboxRow.objects.all())
        assert (len(page.rows), page.next, page.previous) == (50, None, None)
        empty = page_of(OutboxRow.objects.none())
        assert (empty.rows, empty.next, empty.previous) == ([], None, None)

    def test_the_way_back_leads_to_the_same_page(self):
        make_rows("cabbacabcbacbacabbcaacb")
        pages = walk(BY_KIND, 5)
        for before, page in pairwise(pages):
            again = page_of(OutboxRow.objects.all(), order_by=BY_KIND, rows=5, cursor=page.previous)
            assert again.rows == before.rows

    def test_rows_that_come_and_go_neither_repeat_nor_hide_others(self):
        made = make_rows("k" * 9)
        page = page_of(OutboxRow.objects.all(), order_by=("created_at",), rows=3)
        OutboxRow.objects.filter(id__in=[made[0].id, made[2].id]).delete()
        OutboxRow.objects.create(id=new_id(), retailer_id=0, kind="k", payload={}, created_at=START - timedelta(days=1))
        later = page_of(OutboxRow.objects.all(), order_by=("created_at",), rows=3, cursor=page.next)
        assert later.rows == made[3:6]

    def test_a_cursor_past_the_last_row_shows_the_first_page(self):
        made = make_rows("k" * 6)
        cursor = page_of(OutboxRow.objects.all(), rows=5).next
        OutboxRow.objects.filter(id=made[5].id).delete()
        page = page_of(OutboxRow.objects.all(), rows=5, cursor=cursor)
        assert (page.rows, page.next, page.previous) == (made[:5], None, None)

    def test_the_way_back_to_a_shrunken_first_page_fills_it(self):
        made = make_rows("k" * 9)
        second = page_of(OutboxRow.objects.all(), rows=3, cursor=page_of(OutboxRow.objects.all(), rows=3).next)
        OutboxRow.objects.filter(id=made[0].id).delete()
        page = page_of(OutboxRow.objects.all(), rows=3, cursor=second.previous)
        assert (page.rows, page.previous) == (made[1:4], None)

    @pytest.mark.parametrize(
        "rubbish",
        ["", "x", "a:b", "....", "é:ü", "\x00", "\ud800", "../etc/passwd", "W10:" + "A" * 43, "9" * 5000, ":" * 40],
    )
    def test_rubbish_shows_the_first_page(self, rubbish):
        make_rows("k" * 5)
        assert page_of(OutboxRow.objects.all(), rows=2, cursor=rubbish) == page_of(OutboxRow.objects.all(), rows=2)

    def test_a_cursor_that_was_changed_shows_the_first_page(self):
        make_rows("k" * 5)
        first = page_of(OutboxRow.objects.all(), rows=2)
        body, mark = first.next.split(":")
        for forged in (f"{body[:-2]}AA:{mark}", f"{body}:{mark[:-2]}AA", body):
            assert page_of(OutboxRow.objects.all(), rows=2, cursor=forged) == first
        assert page_of(OutboxRow.objects.all(), rows=2, cursor=first.next) != first

    def test_a_cursor_of_another_order_shows_the_first_page(self):
        make_rows("abcde")
        cursor = page_of(OutboxRow.objects.all(), order_by=("kind",), rows=2).next
        falling = page_of(OutboxRow.objects.all(), order_by=("-kind",), rows=2)
        assert page_of(OutboxRow.objects.all(), order_by=("-kind",), rows=2, cursor=cursor) == falling

    def test_a_cursor_of_an_older_release_shows_the_first_page(self):
        make_rows("abcde")
        signer = Signer(salt="astro.kit.paging:created_at,id")
        first = page_of(OutboxRow.objects.all(), order_by=("created_at",), rows=2)
        for values in ([0, "yesterday", 5], [0, str(START), "five"], [0, 5], 7, [0, ["x"], 5], [0, None, 5]):
            cursor = signer.sign_object(values)
            assert page_of(OutboxRow.objects.all(), order_by=("created_at",), rows=2, cursor=cursor) == first

    def test_a_page_costs_one_query_however_far_it_is(self, django_assert_num_queries):
        make_rows("k" * 30)
        page = page_of(OutboxRow.objects.all(), order_by=("kind",), rows=10)
        with django_assert_num_queries(1):
            page = page_of(OutboxRow.objects.all(), order_by=("kind",), rows=10, cursor=page.next)
        with django_assert_num_queries(1):
            page_of(OutboxRow.objects.all(), order_by=("kind",), rows=10, cursor=page.next)

    def test_computed_columns_sort_too(self):
        make_rows("bca")
        rows = OutboxRow.objects.annotate(sort=F("kind"))
        page = page_of(rows, order_by=("sort",), rows=2)
        assert [row.kind for row in page_of(rows, order_by=("sort",), rows=2, cursor=page.next).rows] == ["c"]

    def test_columns_that_may_be_null_are_refused(self):
        with pytest.raises(ValueError, match="due may be null"):
            page_of(OutboxRow.objects.all(), order_by=("-due",))
        make_rows("abc")
        with pytest.raises(ValueError, match="nothing is null"):
            page_of(OutboxRow.objects.annotate(nothing=F("due")), order_by=("nothing",), rows=2)
