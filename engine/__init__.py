"""Rules of credit and collections: plain values in, plain values out.

Nothing in this package imports ``odoo``, reads a clock, draws a random number
or touches a database. ``today`` is always an argument, money is ``Decimal`` in
the unit of its currency, and every outcome carries a reason code that one table
(``models/collection_reason.py``) turns into a sentence.
"""
