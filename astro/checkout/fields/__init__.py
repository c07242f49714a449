"""Fields of the store's own, which its till asks besides: the cashier's initials, the number of the POS receipt.

An administrator says what is asked, where, and whether somebody must answer (`actions.py`). An *answer* is judged
before anything is written (`judging.py`) and becomes a row that keeps the question as it was called that day. A till
that was offline is never refused for an answer: what does not fit any more, or is missing, is recorded and flagged.
"""
