"""Forms over rows of a retailer: the base of those that save one, and a choice among them."""

from typing import Any, Self

from django.db import models
from django.forms import ModelChoiceField, ModelForm


class OwnChoice(ModelChoiceField):
    """A choice of the current retailer's rows, taken when the form is made, not when it is imported."""

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        kwargs.pop("queryset", None)
        self.model = model
        super().__init__(queryset=model._default_manager.none(), **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copy = super().__deepcopy__(memo)
        copy.queryset = self.model._default_manager.all()
        return copy


class OwnForm(ModelForm):
    """Checks the constraints of the whole row, the retailer included.

    Django leaves out each constraint that names a field the form does not show, so a second customer with the same
    phone would be an error page instead of a message: `retailer` is never shown.
    """

    def _get_validation_exclusions(self) -> set[str]:
        known = {
            field.name
            for field in self.instance._meta.fields
            if not field.primary_key
            and (field.blank or field.value_from_object(self.instance) not in field.empty_values)
        }
        return super()._get_validation_exclusions() - (known - self.fields.keys())
