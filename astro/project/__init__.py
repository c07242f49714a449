"""Wires everything: settings and root URLs. Imported by nobody."""
