"""The tables of this module, one file for each idea."""

from astro.customers.models.changes import Change, LikelyDouble, Merge
from astro.customers.models.consent import OFFERS, Act, Basis, Channel, Consent, Source, Wording
from astro.customers.models.kinds import NUMBER_LENGTH, BreederNumber, KindSpan
from astro.customers.models.people import (
    INTERNAL_ID_LENGTH,
    SORT_NAME_LENGTH,
    Address,
    CodeKind,
    Customer,
    CustomerCode,
    Kind,
    Reach,
    SeenAt,
)
from astro.customers.models.pets import Pet, PetKind
from astro.customers.models.rules import AccountRules, Level
from astro.customers.models.tags import LABEL_LENGTH, CustomerTag, Tag

__all__ = [
    "INTERNAL_ID_LENGTH",
    "LABEL_LENGTH",
    "NUMBER_LENGTH",
    "OFFERS",
    "SORT_NAME_LENGTH",
    "AccountRules",
    "Act",
    "Address",
    "Basis",
    "BreederNumber",
    "Change",
    "Channel",
    "CodeKind",
    "Consent",
    "Customer",
    "CustomerCode",
    "CustomerTag",
    "Kind",
    "KindSpan",
    "Level",
    "LikelyDouble",
    "Merge",
    "Pet",
    "PetKind",
    "Reach",
    "SeenAt",
    "Source",
    "Tag",
    "Wording",
]
