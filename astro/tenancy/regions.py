"""The states and provinces where stores are: of which country each is, and which clock most of it goes by. Pure.

No code is used by both countries, so a state or province says the country too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

CURRENCIES: Final = {"US": "USD", "CA": "CAD"}

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
_TABLE: Final = {
    "US": {
        _EASTERN: "CT Connecticut, DC District of Columbia, DE Delaware, FL Florida, GA Georgia, KY Kentucky, MA "
        "Massachusetts, MD Maryland, ME Maine, MI Michigan, NC North Carolina, NH New Hampshire, NJ New Jersey, NY "
        "New York, OH Ohio, PA Pennsylvania, RI Rhode Island, SC South Carolina, VA Virginia, VT Vermont, WV "
        "West Virginia",
        "America/Indiana/Indianapolis": "IN Indiana",
        _CENTRAL: "AL Alabama, AR Arkansas, IA Iowa, IL Illinois, KS Kansas, LA Louisiana, MN Minnesota, MO Missouri, "
        "MS Mississippi, ND North Dakota, NE Nebraska, OK Oklahoma, SD South Dakota, TN Tennessee, TX Texas, WI "
        "Wisconsin",
        _MOUNTAIN: "CO Colorado, MT Montana, NM New Mexico, UT Utah, WY Wyoming",
        "America/Boise": "ID Idaho",
        "America/Phoenix": "AZ Arizona",
        _PACIFIC: "CA California, NV Nevada, OR Oregon, WA Washington",
        "America/Anchorage": "AK Alaska",
        "Pacific/Honolulu": "HI Hawaii",
        "America/Puerto_Rico": "PR Puerto Rico, VI U.S. Virgin Islands",
        "Pacific/Guam": "GU Guam, MP Northern Mariana Islands",
        "Pacific/Pago_Pago": "AS American Samoa",
    },
    "CA": {
        "America/Edmonton": "AB Alberta, NT Northwest Territories",
        "America/Vancouver": "BC British Columbia",
        "America/Winnipeg": "MB Manitoba",
        "America/Moncton": "NB New Brunswick",
        "America/St_Johns": "NL Newfoundland and Labrador",
        "America/Halifax": "NS Nova Scotia, PE Prince Edward Island",
        "America/Iqaluit": "NU Nunavut",
        "America/Toronto": "ON Ontario, QC Quebec",
        "America/Regina": "SK Saskatchewan",
        "America/Whitehorse": "YT Yukon",
    },
}

ZONES: Final[dict[str, Any]] = {
    "America/St_Johns": _("Newfoundland (St. John's)"),
    "America/Halifax": _("Atlantic (Halifax)"),
    "America/Moncton": _("Atlantic (Moncton)"),
    "America/Puerto_Rico": _("Atlantic, no summer time (Puerto Rico)"),
    "America/New_York": _("Eastern (New York)"),
    "America/Toronto": _("Eastern (Toronto)"),
    "America/Iqaluit": _("Eastern (Iqaluit)"),
    "America/Indiana/Indianapolis": _("Eastern (Indianapolis)"),
    "America/Detroit": _("Eastern (Detroit)"),
    "America/Chicago": _("Central (Chicago)"),
    "America/Winnipeg": _("Central (Winnipeg)"),
    "America/Regina": _("Central, no summer time (Regina)"),
    "America/Denver": _("Mountain (Denver)"),
    "America/Edmonton": _("Mountain (Edmonton)"),
    "America/Boise": _("Mountain (Boise)"),
    "America/Phoenix": _("Mountain, no summer time (Phoenix)"),
    "America/Whitehorse": _("Yukon (Whitehorse)"),
    "America/Los_Angeles": _("Pacific (Los Angeles)"),
    "America/Vancouver": _("Pacific (Vancouver)"),
    "America/Anchorage": _("Alaska (Anchorage)"),
    "Pacific/Honolulu": _("Hawaii (Honolulu)"),
    "Pacific/Pago_Pago": _("Samoa (Pago Pago)"),
    "Pacific/Guam": _("Guam"),
}
"""What may be chosen, from east to west."""


@dataclass(frozen=True, slots=True)
class Region:
    """A state or a province. `time_zone` is the one that most of its people live by."""

    code: str
    name: str
    country: str
    time_zone: str


def _read() -> dict[str, Region]:
    found = [
        Region(one[:2], one[3:], country, zone)
        for country, zones in _TABLE.items()
        for zone, listed in zones.items()
        for one in listed.split(", ")
    ]
    return {region.code: region for region in sorted(found, key=lambda one: (one.country != "US", one.name))}


REGIONS: Final = _read()
"""By their two letters, the United States first, then by name."""

_POSTCODES: Final = {
    "US": re.compile(r"(\d{5})(?:[ -]?(\d{4}))?", re.ASCII),
    "CA": re.compile(r"([A-Z]\d[A-Z])[ -]?(\d[A-Z]\d)", re.ASCII),
}
_BETWEEN: Final = {"US": "-", "CA": " "}


def read_postcode(typed: str, country: str) -> str | None:
    """As it is written in that country: 59901, 59901-1234 or K1A 0B1. None for what is no postcode there."""
    found = _POSTCODES[country].fullmatch(typed.strip().upper())
    return _BETWEEN[country].join(part for part in found.groups() if part) if found else None
