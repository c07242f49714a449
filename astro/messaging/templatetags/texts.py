"""What templates say about a text."""

from django import template

from astro.messaging.texts.segments import Segments, segments_of

register = template.Library()


@register.filter
def segments(text: object) -> Segments:
    """How many parts this text is sent in."""
    return segments_of(str(text))
