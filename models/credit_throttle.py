import ipaddress
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import hmac

# (kind, how many, within): more than that is refused before anything is read or stored.
LIMITS = {
    "post": ((30, timedelta(minutes=1)),),
    "apply": ((5, timedelta(hours=1)), (20, timedelta(days=1))),
    "file": ((20, timedelta(minutes=1)), (200, timedelta(hours=1))),
    "email": ((5, timedelta(hours=1)), (20, timedelta(days=1))),
}
KEPT = timedelta(days=1)
SCOPE = "account_credit_collection.throttle"


class CreditThrottle(models.Model):
    """How often an address posted to the public forms, or had a paper made: a row for each time, removed after a day.

    Rows are only added and counted, never changed, so that posts of one address do not
    wait for each other. Posts at the very same moment do not see each other's row: the
    limit may be passed by as many as the server has workers, no more.
    """

    _name = "credit.throttle"
    _description = "Use of the Public Forms"
    _log_access = False

    key = fields.Char(required=True)  # a keyed hash: neither an address nor an e-mail can be read from it
    kind = fields.Selection([("post", "Form sent"), ("apply", "Application"), ("email", "E-mail"), ("file", "Paper opened")], required=True)
    at = fields.Datetime(required=True, default=fields.Datetime.now)

    _count_idx = models.Index("(key, kind, at)")
    _at_idx = models.Index("(at)")

    @api.model
    def _is_over(self, kind, who):
        """Whether ``who`` used up what ``kind`` allows."""
        now, key = fields.Datetime.now(), self._key(who)
        return any(self.search_count([("key", "=", key), ("kind", "=", kind), ("at", ">", now - span)], limit=most) >= most
                   for most, span in LIMITS[kind])

    @api.model
    def _note(self, kind, who):
        self.create({"key": self._key(who), "kind": kind})

    @api.model
    def _key(self, who):
        # sudo: the secret of the database signs
        return hmac(self.env(su=True), SCOPE, _network(who))

    @api.autovacuum
    def _gc_throttle(self):
        old = self.search([("at", "<", fields.Datetime.now() - KEPT)], limit=10_000)
        old.unlink()
        return len(old), 10_000 if len(old) == 10_000 else 0


def _network(who):
    """An IPv6 customer holds a /64: it counts as one address. Anything else as it is."""
    try:
        address = ipaddress.ip_address(who)
    except ValueError:
        return who.strip().lower()
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
