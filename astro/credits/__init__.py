"""What distributors and brands owe the store: a line for each free good that was handed out.

A line carries its own copy of everything a payer may see: the customer's name and nothing more of them, the item, the
location and its account number, and the proof (the punches that the reward was judged on). Partner screens read these
rows only. The practice customer never has one, nor has a program that nobody pays back.
"""
