"""Astro: loyalty for independent pet stores. `docs/architecture.md` shows the rooms of this house."""
