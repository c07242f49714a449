"""The screens of goods that customers brought back: the list, asking for credit, and what became of it.

What a return is, and which state may follow which, is kept by `credits/returns/`; here is also what the store's own
record of purchases says about it.
"""
