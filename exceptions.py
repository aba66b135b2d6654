"""Errors of their own kind; everything else is Odoo's UserError and ValidationError."""


class DeliveryError(Exception):
    """A message was not delivered; ``outcome`` is the state its action takes.

    ``retry``: certainly not sent, try again. ``failed``: refused for good.
    ``unknown``: the connection broke after the server may have taken it.
    """

    def __init__(self, outcome: str, message: str, reason: str = "delivery_error"):
        super().__init__(message)
        self.outcome = outcome
        self.reason = reason


class KeyConflictError(Exception):
    """A contact with the same key but another content exists already."""
