"""Django's two database backends with the walls in the schema.

Both make, for every table with a `RetailerKey`, a key `(retailer_id, id)`, and for every `SameRetailerKey` a foreign
key over both columns. Models keep `id` as their primary key; only the tables know better.
"""

from typing import Any


def is_tenant(model: Any) -> bool:
    """Whether every row of this table belongs to one retailer (also true of a migration's historical model)."""
    return any(_is_retailer_key(field) and not field.null for field in model._meta.local_fields)


def _is_retailer_key(field: Any) -> bool:
    return field.name == "retailer" and type(field).__name__ == "RetailerKey"


def same_retailer_keys(model: Any) -> list[Any]:
    return [field for field in model._meta.local_fields if getattr(field, "same_retailer", False)]
