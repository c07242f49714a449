"""The base of every form that saves a row of a retailer."""

from django.core.exceptions import ValidationError
from django.forms import ModelForm


class OwnForm(ModelForm):
    """Checks the constraints of the whole row, the retailer included.

    Django leaves out each constraint that names a field the form does not show, so a second customer with the same
    phone would be an error page instead of a message: `retailer` is never shown.
    """

    def validate_constraints(self) -> None:
        wrong = self._get_validation_exclusions() & self.fields.keys()
        try:
            self.instance.validate_constraints(exclude=wrong)
        except ValidationError as error:
            self._update_errors(error)
