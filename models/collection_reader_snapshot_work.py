from odoo import api, models
from odoo.tools import SQL

WORK = {
    "promise": ("promises", "promises_kept", "promised", "promised_kept"),
    "dispute": ("disputes_opened", "disputes_closed", "disputes_open", "dispute_days"),
    "bill": ("charged",),
    "waiver": ("waived",),
    "contact": ("emails", "texts", "letters"),
    "call": ("calls", "reached", "minutes"),
}


class CollectionReader(models.AbstractModel):
    """What was done about receivables in a month, and what became of promises and disputes."""

    _inherit = "collection.reader"

    @api.model
    def _month_parts(self):
        return {**super()._month_parts(), **WORK}

    @api.model
    def _month_scope(self, company, month):
        scope = super()._month_scope(company, month)
        for model in ("collection.promise", "collection.dispute", "collection.charge", "collection.charge.line", "collection.action", "collection.call",
                      "credit.profile", "credit.segment.move", "account.partial.reconcile", "account.move.line", "account.move", "res.partner",
                      "res.company", "res.currency", "res.currency.rate"):
            self.env[model].flush_model()
        return {**scope, "rates": self._month_rates(company, month)}

    @api.model
    def _month_rates(self, company, month):
        """``(currency, factor)`` into the company's currency, as of the end of the month: for what is no ledger entry."""
        currencies = self.env["res.currency"].sudo().with_context(active_test=False).search([])  # sudo: rates are no secret
        rates = currencies._get_rates(company, month)
        own = rates[company.currency_id.id]
        return SQL("(VALUES %s) q(id, factor)", SQL(", ").join(SQL("(%s, %s::numeric)", currency, repr(own / rate)) for currency, rate in rates.items() if rate))

    @api.model
    def _month_cost(self):
        """What contacts and calls cost, not rounded: their sum is that of the single ones."""
        return SQL("COALESCE(contact.cost, 0) + COALESCE(call.cost, 0)")

    # ------------------------------------------------------------------ parts

    @api.model
    def _month_promise(self, scope):
        """Promises judged in the month; money that came late does not count, nor what came beyond the promise (F-7)."""
        promised, kept = self._promise_money(SQL("t"), SQL("c"))
        return SQL(
            """SELECT t.profile_id AS owner, count(*) AS promises, count(*) FILTER (WHERE t.state = 'kept') AS promises_kept,
                      sum(%(promised)s) AS promised, sum(%(kept)s) AS promised_kept
                 FROM collection_promise t JOIN res_company c ON c.id = t.company_id
                WHERE t.company_id = %(company)s AND t.judged_on BETWEEN %(first)s AND %(month)s AND t.state IN ('kept', 'partly', 'broken')
                GROUP BY 1""", promised=promised, kept=kept, **self._month_days(scope))

    @api.model
    def _month_dispute(self, scope):
        return SQL(
            """SELECT t.profile_id AS owner, count(*) FILTER (WHERE t.opened_on >= %(first)s) AS disputes_opened,
                      count(*) FILTER (WHERE t.closed_on <= %(month)s) AS disputes_closed,
                      count(*) FILTER (WHERE t.closed_on IS NULL OR t.closed_on > %(month)s) AS disputes_open,
                      COALESCE(sum(t.closed_on - t.opened_on) FILTER (WHERE t.closed_on <= %(month)s), 0) AS dispute_days
                 FROM collection_dispute t
                WHERE t.company_id = %(company)s AND t.opened_on <= %(month)s AND (t.closed_on IS NULL OR t.closed_on >= %(first)s)
                GROUP BY 1""", **self._month_days(scope))

    @api.model
    def _month_bill(self, scope):
        """Bills of charges posted in the month, those waived later included, those taken back not."""
        return SQL(
            """SELECT t.profile_id AS owner, %(charged)s AS charged FROM collection_charge t JOIN %(rates)s ON q.id = t.currency_id
                WHERE t.company_id = %(company)s AND t.posted_on BETWEEN %(first)s AND %(month)s AND t.state IN ('posted', 'waived')
                GROUP BY 1""", charged=self._month_money(scope, SQL("t.amount")), rates=scope["rates"], **self._month_days(scope))

    @api.model
    def _month_waiver(self, scope):
        """What was waived in the month, billed before or not."""
        return SQL(
            """SELECT t.profile_id AS owner, %(waived)s AS waived FROM collection_charge_line t JOIN %(rates)s ON q.id = t.currency_id
                WHERE t.company_id = %(company)s AND t.waived_on BETWEEN %(first)s AND %(month)s AND t.state = 'waived'
                GROUP BY 1""", waived=self._month_money(scope, SQL("t.amount")), rates=scope["rates"], **self._month_days(scope))

    @api.model
    def _month_contact(self, scope):
        return SQL(
            """SELECT t.profile_id AS owner, count(*) FILTER (WHERE t.channel = 'email') AS emails, count(*) FILTER (WHERE t.channel = 'sms') AS texts,
                      count(*) FILTER (WHERE t.channel = 'letter') AS letters, sum(%(cost)s) AS cost
                 FROM collection_action t JOIN res_company c ON c.id = t.company_id
                WHERE t.company_id = %(company)s AND t.sent_on BETWEEN %(first)s AND %(month)s AND t.state = 'sent' GROUP BY 1""",
            cost=self._contact_cost(SQL("t"), SQL("c")), **self._month_days(scope))

    @api.model
    def _month_call(self, scope):
        """Calls with their minutes; those that were taken back never were."""
        return SQL(
            """SELECT t.profile_id AS owner, count(*) AS calls, count(*) FILTER (WHERE t.reached) AS reached,
                      round(COALESCE(sum(t.seconds), 0) / 60.0, 2) AS minutes, sum(%(cost)s) AS cost
                 FROM collection_call t JOIN res_company c ON c.id = t.company_id
                WHERE t.company_id = %(company)s AND t.day BETWEEN %(first)s AND %(month)s AND t.voided IS NOT TRUE GROUP BY 1""",
            cost=self._call_cost(SQL("t"), SQL("c")), **self._month_days(scope))

    @api.model
    def _month_days(self, scope):
        return {"company": scope["company"].id, "first": scope["first"], "month": scope["month"]}

    @api.model
    def _month_money(self, scope, amount):
        return SQL("sum(round(%s * q.factor, %s))", amount, scope["company"].currency_id.decimal_places)
