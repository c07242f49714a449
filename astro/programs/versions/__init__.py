"""Versions of a brand's program: announced before they begin, withdrawn until then, told on program and card."""
