"""What is wrong with the schema of a model, in sentences. The retailer comes first everywhere: data is spread by it."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from astro.tenancy.policies import UNWALLED
from astro.tenancy.walls import RetailerKey, RetailerModel, SameRetailerKey, SharedKey, SharedOrOwn

EVERYONES = {
    "accounts.SupportChange": "who got in as the platform's support, who work for no store",
    "accounts.User": "one sign-in may work in several stores; e-mail and user name are unique in the installation",
    "catalog.Brand": "who makes things, for everyone",
    "catalog.Distributor": "who delivers, for everyone",
    "catalog.ServedRegion": "where a distributor delivers, for everyone",
    "credits.ReturnTerms": "whether a brand takes goods back from customers, for everyone",
    "customer_app.AppAccount": "one sign-in for a person's cards at several stores",
    "customer_app.AppRetailer": "at which retailers an app account may have cards; asked before one is chosen",
    "customer_app.AppSession": "where an app account is signed in",
    "desk.SignUp": "somebody who signs a store up, before there is one",
    "kit.Milestone": "what the nightly recount and the last backup said; the installation's own",
    "kit.PlainMail": "mail of the installation to staff and operators, until it has left",
    "kit.Schedule": "how far each schedule has come; the installation's own",
    "programs.OfferTotal": "what an offer has given to all customers of all stores, claimed by each redemption",
    "programs.Carrier": "which distributors pay a brand's program back, for everyone",
    "programs.VersionNotice": "which version of a brand's program comes from a day on, for everyone",
    "support.Notice": "what the operator tells all who work here",
    "support.PartState": "how each part of the installation has been doing",
    "tenancy.Retailer": "the root of the wall",
}
"""Tables that belong to no retailer on purpose. Django's and allauth's own are not ours to list."""


def is_ours(model: type[models.Model]) -> bool:
    return model.__module__.startswith("astro.")


def faults(model: type[models.Model]) -> list[str]:
    """Everything that would let rows of two retailers touch, or keep this table from being distributed."""
    return [f"{model._meta.label}: {fault}" for check in CHECKS for fault in check(model)]


def _kind(model: type[models.Model]) -> Iterator[str]:
    has_retailer = any(field.attname == "retailer_id" for field in model._meta.concrete_fields)
    is_walled = issubclass(model, RetailerModel | SharedOrOwn)
    if has_retailer and not is_walled and model._meta.db_table not in UNWALLED:
        yield "has a retailer_id but is no RetailerModel or SharedOrOwn, and is not listed in UNWALLED"
    if not has_retailer and model._meta.label not in EVERYONES:
        yield "belongs to no retailer and is not listed in EVERYONES with a reason"
    if has_retailer and model._meta.label in EVERYONES:
        yield "is listed in EVERYONES but has a retailer_id"


def _manager(model: type[models.Model]) -> Iterator[str]:
    if issubclass(model, RetailerModel | SharedOrOwn):
        for which in ("_base_manager", "_default_manager"):
            if getattr(model, which).name != "objects":
                yield f"{which} is not `objects`: write `class Meta(RetailerModel.Meta)`"
        if len(model._meta.managers) != 1:
            yield "has a second manager, which sees every retailer's rows"


def _key(model: type[models.Model]) -> Iterator[str]:
    if not is_ours(model) or model._meta.db_table == "accounts_staffsession":
        return  # a session's key is its secret
    if type(model._meta.pk).__name__ != "IdField":
        yield "has a key that the database makes"


def _uniques(model: type[models.Model]) -> Iterator[str]:
    if not _is_tenant(model):
        return
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield f"{field.name} is unique in the whole installation"
        before_a_retailer_is_known = model._meta.db_table in UNWALLED
        if getattr(field, "db_index", False) and not field.primary_key and not before_a_retailer_is_known:
            yield f"{field.name} has an index that does not begin with the retailer"
    if model._meta.unique_together:
        yield "uses unique_together: write a UniqueConstraint with a name"
    for named in [*model._meta.indexes, *model._meta.constraints]:
        if isinstance(named, models.CheckConstraint):
            continue
        fields = [name for name, *_ in named.fields_orders] if isinstance(named, models.Index) else named.fields
        if list(fields)[:1] != ["retailer"]:
            yield f"{named.name} does not begin with the retailer"


def _relations(model: type[models.Model]) -> Iterator[str]:
    if not _is_walled(model):
        return
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many, *model._meta.private_fields]:
        if isinstance(field, models.ManyToManyField) and field.remote_field.through._meta.auto_created:
            yield f"{field.name} makes a table without retailer: use through="
        elif isinstance(field, models.OneToOneField):
            yield f"{field.name} is one-to-one: unique in the whole installation"
        elif not field.is_relation or isinstance(field, models.ManyToManyField):
            continue
        elif not isinstance(field, models.ForeignKey):
            yield f"{field.name} is a {type(field).__name__}, which takes any retailer's row"
        else:
            yield from _foreign_key(model, field)


def _foreign_key(model: type[models.Model], field: Any) -> Iterator[str]:
    target = field.remote_field.model
    if isinstance(field, RetailerKey):
        return
    if _is_tenant(target) and not isinstance(field, SameRetailerKey):
        yield f"{field.name} points at a retailer's table without its retailer: use SameRetailerKey"
    if isinstance(field, SameRetailerKey) and not _is_tenant(target):
        yield f"{field.name} is a SameRetailerKey to a table that has none"
    if issubclass(target, SharedOrOwn) and not isinstance(field, SharedKey):
        yield f"{field.name} points at a shared or own row: use SharedKey"
    is_open = not issubclass(target, SharedOrOwn) and not _is_tenant(target)
    if is_open and issubclass(model, RetailerModel) and not field.remote_field.hidden:
        yield f"{field.name} can be followed back from {target._meta.label} to every retailer: related_name='+'"
    if field.remote_field.on_delete is not models.PROTECT and _is_walled(model):
        yield f"{field.name} deletes or empties rows by itself: on_delete is PROTECT"


def _is_walled(model: type[models.Model]) -> bool:
    return issubclass(model, RetailerModel | SharedOrOwn)


def _is_tenant(model: type[models.Model]) -> bool:
    """Every row belongs to a retailer: a RetailerModel, or one that is read before the retailer is known."""
    return any(isinstance(field, RetailerKey) and not field.null for field in model._meta.local_fields)


CHECKS = (_kind, _manager, _key, _uniques, _relations)
