"""The classes of how late money is, with their labels: one list for the ageing, the months and the provision."""
from ..engine.ageing import BUCKETS as CODES

LABELS = {"not_due": "Not due", "b30": "1–30 days late", "b60": "31–60 days late", "b90": "61–90 days late", "over": "Over 90 days late",
          "credit": "Unapplied credits"}
BUCKETS = [(code, LABELS[code]) for code in CODES]
