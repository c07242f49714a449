"""A customer's punch cards.

A *card* is one round, like one paper card: at most N punches, numbered per customer and program card. A *punch* is one
unit bought. A full card earns its *rewards*. The arithmetic of dealing punches to rounds is `programs/engine/`, which
knows no database. Facts are rows that are never edited; the counts on a card are stored for speed and kept by one
writer.

Always true: a unit punches a program card once; a card never holds more punches than its rule asks; a full card has
exactly its rewards; the next punch after the last opens the next round.
"""
