"""Bringing lists in from files: match the columns, try it dry, run it, take it back.

Whatever a store has (CSV or a spreadsheet, any letters, any separators) is read row by row and never held whole. A row
that cannot be taken is given back with the reason, in the same columns, so that it can be mended and fed in again.
"""
