"""The base of every form that saves a row of a retailer."""

from django.forms import ModelForm


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
