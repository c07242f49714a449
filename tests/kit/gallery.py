"""Every component in every state, as pages with the texts of a store. Examined by `test_components.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.http import QueryDict
from django.template import engines

TEMPLATES = Path(__file__).parent / "templates"
PAGES = sorted(path.stem for path in TEMPLATES.glob("gallery_*.html"))
KINDS = [("dog", "Dog"), ("cat", "Cat"), ("fish", "Fish"), ("feather", "Bird"), ("horse", "Horse"), ("paw", "Other")]


class OwnerForm(forms.Form):
    first_name = forms.CharField(label="Pet Owner First Name")
    email = forms.EmailField(
        label="Pet Owner Email", required=False, help_text="For the welcome e-mail and their rewards."
    )
    about = forms.CharField(label="Notes", required=False, widget=forms.Textarea)
    ask = forms.BooleanField(
        label="Send SMS Opt In Text", required=False, help_text="We send one text that asks. Only their reply says yes."
    )
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("es", "Español")])
    need = forms.ChoiceField(
        label="Asked at checkout",
        choices=[("must", "Required"), ("may", "Recommended")],
        widget=forms.RadioSelect,
        help_text="Recommended asks once.",
    )


class PetForm(forms.Form):
    kind = forms.ChoiceField(label="Kind of pet", choices=KINDS, widget=forms.RadioSelect, initial="dog")


class SignInForm(forms.Form):
    login = forms.CharField(
        label="E-mail or user name",
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Enter your e-mail or user name."},
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


def shell() -> dict[str, Any]:
    """What base.html reads on a signed-in page of the owner."""
    words = [
        ("Check Out", "shopping-cart", ""),
        ("Customers", "users", "c"),
        ("Frequent Buyer", "award", "p"),
        ("Offers", "discount", ""),
        ("Marketing", "speakerphone", "m"),
        ("Reports", "chart-bar", "r"),
        ("Actions", "bolt", ""),
        ("Help", "help", ""),
    ]
    menu = [
        {"label": label, "icon": icon, "key": key, "url": f"/{label}/", "is_current": label == "Customers"}
        for label, icon, key in words
    ]
    return {
        "menu": menu,
        "retailer_name": "Huxley House",
        "location_name": "Midtown",
        "person_name": "Jo Alvarez",
        "sign_out_url": "/sign-out/",
        "csrf_token": "token",
    }


def pages() -> dict[str, dict[str, Any]]:
    """Template of each page, with its context."""
    wrong = OwnerForm(QueryDict("email=sally@&need="))
    rows = [
        ("Pet Owner, Sally", "+14065550142", "Biscuit, Miso", 4, "today", ["ok", "ok", "warn", "bad"]),
        ("Ortiz, Ben", "+14065550177", "Pepper", 2, "yesterday", ["ok", "warn", "ok", "ok"]),
        ("Nakamura-Fitzgerald, Alexandrina", "+14065550123", "Mr. Whiskerton the Third", 11, "3 Nov", ["bad"] * 4),
    ]
    customers = [
        {"name": name, "phone": phone, "pets": pets, "cards": cards, "seen": seen, "states": states}
        for name, phone, pets, cards, seen, states in rows
    ]
    programs = [
        {"name": "Northpaw Dry Dog", "deal": "Buy 12 get 1", "about": "42 products, paid by the distributor"},
        {"name": "Fernwell Cat Pate 24-packs", "deal": "Buy 8 get 1", "about": "17 products", "enrolled": True},
    ]
    return {
        "gallery_home": {},
        "gallery_till": {},
        "gallery_customers": {"customers": customers},
        "gallery_programs": {"programs": programs},
        "gallery_sign_in": {"form": SignInForm(QueryDict("login="))},
        "gallery_parts": {
            "form": wrong,
            "form_cards": PetForm(),
            "kind_icons": {value: value for value, _ in KINDS},
            "states": ["ok", "warn", "bad"],
            "needs": [1, 4, 6, 7, 8, 12, 13, 24, 40],
        },
        "gallery_paper": {"codes": ["00012345678905", "09506000134352"] * 15},
    }


def rendered(name: str, **extra: Any) -> str:
    """One page of the gallery as HTML; `extra` overrides its context."""
    source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
    return engines["django"].from_string(source).render({**shell(), **pages()[name], **extra})
