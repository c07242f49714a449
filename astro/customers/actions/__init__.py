"""Everything that changes a customer, one file for each idea."""

from astro.customers.actions.app import joined_app
from astro.customers.actions.erasing import ask_erasure, erase_due, undo_erasure
from astro.customers.actions.household import write_household
from astro.customers.actions.kinds import make_breeder, make_employee, make_pet_owner, write_breeder_number
from astro.customers.actions.merging import (
    dismiss_double,
    merge_customers,
    merge_tried,
    outline_of,
    split_customers,
)
from astro.customers.actions.people import (
    add_customer,
    add_practice_customer,
    change_customer,
    fill_in,
    give_code,
    retire_customer,
    seen_at,
    write_address,
    write_note,
)
from astro.customers.actions.pets import add_pet, change_pet, retire_pet
from astro.customers.actions.retiring import restore_customer
from astro.customers.actions.rules import write_account_rules
from astro.customers.actions.tags import add_tag, archive_tag, rename_tag, restore_tag, set_tags, tag_many

__all__ = [
    "add_customer",
    "add_pet",
    "add_practice_customer",
    "add_tag",
    "archive_tag",
    "ask_erasure",
    "change_customer",
    "change_pet",
    "dismiss_double",
    "erase_due",
    "fill_in",
    "give_code",
    "joined_app",
    "make_breeder",
    "make_employee",
    "make_pet_owner",
    "merge_customers",
    "merge_tried",
    "outline_of",
    "rename_tag",
    "restore_customer",
    "restore_tag",
    "retire_customer",
    "retire_pet",
    "seen_at",
    "set_tags",
    "split_customers",
    "tag_many",
    "undo_erasure",
    "write_account_rules",
    "write_address",
    "write_breeder_number",
    "write_household",
    "write_note",
]
