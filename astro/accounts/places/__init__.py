"""Locations as the store's own people tell them: *My Location Information*, *My Additional Locations*, hours and logo.

A location is never deleted: what was bought there stands. Exactly one is primary and speaks in all letters and texts of
the store. Whoever administers one location sees and changes that one; a master administrator all, and adds more.
"""
