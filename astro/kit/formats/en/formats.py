"""English: the month in whole letters, with a year ("October 22, 2028") and without one ("October 22")."""

DATE_FORMAT = "F j, Y"
MONTH_DAY_FORMAT = "F j"
