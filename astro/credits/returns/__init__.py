"""Goods that a customer brought back, and what their brand or distributor owes the store for them.

A brand takes part from a day on (`ReturnTerms`, written by the platform). The store submits a return; what becomes of
it are *steps*, which `states.py` puts in order. An approved return has one credit line, of the cause `return`, as a
reward has; the practice customer's can be tried through all steps and never has one.
"""
