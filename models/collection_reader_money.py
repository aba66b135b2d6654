from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """Money that several reports count, told once: what promises brought, and what contacts and calls cost.

    ``company`` is the root company of the row, joined by the caller.
    """

    _inherit = "collection.reader"

    @api.model
    def _read_judged(self, domain):
        """Promises judged, of those that the user may see: ``(number, kept, promised, promised and paid)``."""
        promises = self.env["collection.promise"]._search(domain)
        for model in ("collection.promise", "res.currency", "res.currency.rate", "res.company"):
            self.env[model].flush_model()
        promised, kept = self._promise_money(SQL("p"), SQL("c"))
        return self.env.execute_query(SQL(
            """SELECT count(*), count(*) FILTER (WHERE p.state = 'kept'), COALESCE(sum(%s), 0)::float8, COALESCE(sum(%s), 0)::float8
                 FROM collection_promise p JOIN res_company c ON c.id = p.company_id WHERE p.id IN %s""",
            promised, kept, promises.subselect()))[0]

    @api.model
    def _promise_money(self, promise, company):
        """What was promised, and what of it came in time, at most what was promised (F-7): in the currency of the company.

        The rate is that of the day on which the promise was taken.
        """
        rate = SQL("CASE WHEN %(promise)s.currency_id = %(company)s.currency_id THEN 1 ELSE %(own)s / %(rate)s END", promise=promise, company=company,
                   own=self._rate_of(SQL("%s.currency_id", company), promise, company), rate=self._rate_of(SQL("%s.currency_id", promise), promise, company))
        return tuple(SQL("round(%s * %s, (SELECT u.decimal_places FROM res_currency u WHERE u.id = %s.currency_id))", amount, rate, company) for amount in (
            SQL("%s.amount", promise), SQL("LEAST(COALESCE(%(promise)s.paid_amount, 0), %(promise)s.amount)", promise=promise)))

    @api.model
    def _rate_of(self, currency, promise, company):
        """As core finds it: the last rate on or before the day, else the first one of all."""
        rates = SQL("SELECT r.rate FROM res_currency_rate r WHERE r.currency_id = %s AND (r.company_id = %s.id OR r.company_id IS NULL)", currency, company)
        return SQL("COALESCE((%(rates)s AND r.name <= %(promise)s.made_on ORDER BY r.company_id, r.name DESC LIMIT 1), "
                   "(%(rates)s ORDER BY r.company_id, r.name LIMIT 1), 1)", rates=rates, promise=promise)

    @api.model
    def _contact_cost(self, contact, company):
        """A message, at the cost of today."""
        return SQL(
            """COALESCE(CASE %(contact)s.channel WHEN 'email' THEN %(company)s.collection_cost_email WHEN 'sms' THEN %(company)s.collection_cost_sms
                             WHEN 'letter' THEN %(company)s.collection_cost_letter END, 0)""", contact=contact, company=company)

    @api.model
    def _call_cost(self, call, company):
        """The minutes of a call, at the cost of today."""
        return SQL("COALESCE(%s.seconds, 0) / 60.0 * COALESCE(%s.collection_cost_minute, 0)", call, company)
