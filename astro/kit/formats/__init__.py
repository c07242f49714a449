"""How dates are written, where a language's own way in Django would make two styles of one date."""
