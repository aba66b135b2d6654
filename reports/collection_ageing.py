from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..engine import ageing
from ..models.collection_bucket import BUCKETS

# The one key of the context a report reads: it has no arguments, and its values are kept apart by it.
DAY = "collection_day"


class CollectionAgeing(models.Model):
    """What is open at the end of a day, one row per receivable journal item, equal to the balance of the receivable accounts.

    Open at the day is what is open now, and what was set off against it later, or by an entry that is no longer posted, given back.
    """

    _name = "collection.ageing"
    _description = "Ageing of Receivables"
    _inherit = ["collection.report.mixin", "collection.own.currency.mixin"]
    _auto = False
    _rec_name = "document"
    _order = "due, id"
    _depends = {
        "account.move.line": ["account_id", "amount_currency", "amount_residual", "amount_residual_currency", "company_id", "currency_id", "date",
                              "date_maturity", "matching_number", "move_id", "move_name", "name", "parent_state", "partner_id", "reconciled"],
        "account.move": ["invoice_user_id"],
        "account.account": ["account_type"],
        "account.partial.reconcile": ["amount", "credit_amount_currency", "credit_move_id", "debit_amount_currency", "debit_move_id", "max_date"],
        "collection.plan": ["agreed_on", "ended_on", "last_on"],
        "collection.plan.line": ["item_id", "plan_id", "scheduled_on"],
        "credit.profile": ["collector_id", "company_id", "partner_id", "segment_id", "segment_since"],
        "credit.segment.move": ["day", "profile_id", "to_id"],
        "res.company": ["parent_path"],
        "res.partner": ["commercial_partner_id", "country_id", "user_id"],
    }

    segment_id = fields.Many2one("credit.segment", readonly=True, depends_context=(DAY,),
                                 help="The customer's segment on the day of the report; before its first move, the segment it came to first.")
    due = fields.Date("Due by contract", readonly=True)
    plan_due = fields.Date("Due by plan", readonly=True, depends_context=(DAY,),
                           help="The day by which the payment plan in force on the day of the report pays it; without a plan, the due date by contract.")
    days_late = fields.Integer("Days late by contract", readonly=True, aggregator="max", depends_context=(DAY,),
                               help="Day of the report − due date by contract, at least 0; of credits 0. Of a group: the most.")
    plan_days_late = fields.Integer("Days late by plan", readonly=True, aggregator="max", depends_context=(DAY,),
                                    help="Day of the report − due date by plan, at least 0; of credits 0. Of a group: the most.")
    bucket = fields.Selection(BUCKETS, "Class by contract", readonly=True, depends_context=(DAY,), help="By days late by contract on the day of the report.")
    plan_bucket = fields.Selection(BUCKETS, "Class by plan", readonly=True, depends_context=(DAY,), help="By days late by plan on the day of the report.")
    amount = fields.Monetary("Open", currency_field="company_currency_id", readonly=True, depends_context=(DAY,),
                             help="Open at the end of the day, in the currency of the company: amount of the items booked by then − what was set off "
                                  "against them by then. Their sum is the balance of the receivable accounts.")
    due_text = fields.Char(compute="_compute_due_text")
    amount_currency = fields.Monetary("Open in currency", readonly=True, aggregator="sum", depends_context=(DAY,),
                                      help="The same in the currency of the document.")

    @api.depends("document", "due")
    @api.depends_context("lang")
    def _compute_due_text(self):
        for row in self:
            row.due_text = self.env._("%(document)s, due on %(day)s", document=row.document, day=format_date(self.env, row.due))

    # ------------------------------------------------------------------ the day

    @api.model
    def _report_day(self):
        """The day of the report: that of the context, or today."""
        given = self.env.context.get(DAY)
        root = self.env.company.root_id.sudo()  # sudo: a branch has its root's day
        return root._read_report_day(given) if given else root._collection_today()

    def _at(self, day):
        """The report as of a day."""
        return self.with_context(**{DAY: fields.Date.to_date(day).isoformat()})

    # ------------------------------------------------------------------ SQL

    @property
    def _table_query(self):
        return self._ageing_sql(None, self._report_day())

    @api.model
    def _ageing_sql(self, companies, day, partners=None):
        """A query of the rows of ``companies`` (the very ones, branches not added; None: all) at the end of ``day``.

        ``partners``: ids of customers and their contacts, whose items alone are read. Its columns are the fields of this model.
        """
        self._flush_depends()
        return SQL(
            """SELECT i.id, i.id AS item_id, i.move_id, i.document, i.company_id, %(owner)s, i.account_id, i.currency_id, i.company_currency_id,
                      i.date, i.due, COALESCE(g.due, i.due) AS plan_due, %(late)s AS days_late, %(plan_late)s AS plan_days_late,
                      %(bucket)s AS bucket, %(plan_bucket)s AS plan_bucket, i.amount, i.amount_currency
                 FROM (%(items)s) i %(joins)s
                 LEFT JOIN (%(plans)s) g ON g.item_id = i.id
                 LEFT JOIN (%(segments)s) v ON v.profile_id = f.id""",
            owner=self._owner_columns(self._segment_sql(day, SQL("v.to_id"))), segments=self._segments_sql(day),
            joins=self._owner_joins(), items=self._open_items_sql(companies, day, partners),
            plans=self._plans_sql(day), late=self._late_sql(SQL("i.due"), day), plan_late=self._late_sql(SQL("COALESCE(g.due, i.due)"), day),
            bucket=self._bucket_sql(SQL("i.due"), day), plan_bucket=self._bucket_sql(SQL("COALESCE(g.due, i.due)"), day))

    @api.model
    def _open_items_sql(self, companies, day, partners=None):
        """Items open at the end of a day: those open now, and those settled since."""
        columns = SQL(
            """l.id, l.move_id, COALESCE(l.move_name, l.name, '') AS document, l.company_id, l.partner_id, l.account_id, l.currency_id,
               l.company_currency_id, l.date, COALESCE(l.date_maturity, l.date) AS due, l.amount_residual + COALESCE(b.amount, 0) AS amount,
               l.amount_residual_currency + COALESCE(b.amount_currency, 0) AS amount_currency""")
        some = SQL(
            """%s %s AND (l.amount_residual + COALESCE(b.amount, 0) <> 0 OR l.amount_residual_currency + COALESCE(b.amount_currency, 0) <> 0)""",
            self._items_condition(companies, day), SQL("AND l.partner_id IN %s", tuple(partners) or (0,)) if partners is not None else SQL())
        return SQL(
            """WITH back AS (%(back)s)
               SELECT %(columns)s FROM account_move_line l LEFT JOIN back b ON b.item_id = l.id WHERE l.reconciled IS NOT TRUE AND %(some)s
                UNION ALL
               SELECT %(columns)s FROM back b JOIN account_move_line l ON l.id = b.item_id WHERE l.reconciled IS TRUE AND %(some)s""",
            back=self._given_back_sql(day), columns=columns, some=some)

    @api.model
    def _given_back_sql(self, day):
        """What to add to what is open of items now: all that was set off after a day, and before by what is a draft again."""
        unposted = SQL("SELECT d.id FROM account_move_line d WHERE d.parent_state <> 'posted' AND d.matching_number IS NOT NULL")
        return SQL(
            """SELECT item_id, sum(amount) AS amount, sum(amount_currency) AS amount_currency FROM (
                   SELECT r.debit_move_id AS item_id, r.amount, r.debit_amount_currency AS amount_currency
                     FROM account_partial_reconcile r WHERE r.max_date > %(day)s
                    UNION ALL
                   SELECT r.credit_move_id, -r.amount, -r.credit_amount_currency FROM account_partial_reconcile r WHERE r.max_date > %(day)s
                    UNION ALL
                   SELECT r.debit_move_id, r.amount, r.debit_amount_currency
                     FROM account_partial_reconcile r WHERE r.credit_move_id IN (%(unposted)s) AND r.max_date <= %(day)s
                    UNION ALL
                   SELECT r.credit_move_id, -r.amount, -r.credit_amount_currency
                     FROM account_partial_reconcile r WHERE r.debit_move_id IN (%(unposted)s) AND r.max_date <= %(day)s) given
                GROUP BY item_id""", day=day, unposted=unposted)

    @api.model
    def _plans_sql(self, day):
        """Items of the plans in force at the end of a day, and when those pay them."""
        return SQL(
            """SELECT DISTINCT ON (n.item_id) n.item_id, COALESCE(n.scheduled_on, a.last_on) AS due
                 FROM collection_plan_line n JOIN collection_plan a ON a.id = n.plan_id
                WHERE n.item_id IS NOT NULL AND a.agreed_on <= %(day)s AND (a.ended_on IS NULL OR a.ended_on > %(day)s)
                ORDER BY n.item_id, a.agreed_on DESC, a.id DESC""", day=day)

    @api.model
    def _late_sql(self, due, day):
        """``engine.ageing.days_late`` for each row."""
        return SQL("CASE WHEN %s THEN 0 ELSE greatest(0, %s::date - %s) END", self._credit_sql(), day, due)

    @api.model
    def _bucket_sql(self, due, day):
        """``engine.ageing.bucket`` for each row."""
        bounds = SQL(" ").join(SQL("WHEN %s::date - %s <= %s THEN %s", day, due, last, code) for code, last in ageing.BOUNDS)
        return SQL("CASE WHEN %s THEN %s %s ELSE %s END", self._credit_sql(), ageing.CREDIT, bounds, ageing.OVER)

    @api.model
    def _credit_sql(self):
        """Whether a row is to the customer's credit; of an exchange difference still to be booked only one amount is left."""
        return SQL("(i.amount < 0 OR i.amount = 0 AND i.amount_currency < 0)")
