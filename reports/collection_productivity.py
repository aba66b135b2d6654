from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import metrics

KINDS = [("call", "Call"), ("contact", "Message"), ("promise", "Promise judged"), ("payment", "Payment"), ("assigned", "Assigned at the start of the month")]
SOURCES = {"call": "collection.call", "contact": "collection.action", "promise": "collection.promise", "payment": "account.move", "assigned": "credit.profile"}
ATTRIBUTED_DAYS = 7  # a payment so soon after a contact came of it (F-18)
INTEGERS = ("attempts", "reached", "promises", "judged", "kept", "contacts")
MONEY = ("promised", "promised_kept", "assigned", "collected", "self_cured", "cost")
MEASURES = (*INTEGERS, "minutes", *MONEY)


class CollectionProductivity(models.Model):
    """What each collector did, what it cost, and what came of it (F-18): one row for each call, message, promise, payment and customer assigned.

    A payment of an overdue invoice goes to whom the customer promised it, else to who called last, else to whose reminder went out last, within
    seven days; what nobody asked for within that time is self-cured.
    """

    _name = "collection.productivity"
    _description = "Productivity of Collectors"
    _inherit = ["collection.ratio.mixin"]
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "kind"
    _depends = {
        "account.account": ["account_type"],
        "account.journal": ["type"],
        "account.move.line": ["account_id", "company_id", "date", "date_maturity", "journal_id", "move_id", "parent_state", "partner_id"],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "collection.action": ["channel", "collector_id", "profile_id", "sent_on", "state"],
        "collection.call": ["company_id", "day", "profile_id", "promise_id", "reached", "seconds", "user_id", "voided"],
        "collection.promise": ["amount", "company_id", "currency_id", "grace_until", "judged_on", "made_on", "paid_amount", "profile_id", "state", "taken_by"],
        "collection.snapshot": ["b30", "b60", "b90", "collector_id", "company_id", "month", "over", "profile_id"],
        "credit.profile": ["collector_id", "company_id", "partner_id", "segment_id"],
        "res.company": ["collection_cost_email", "collection_cost_letter", "collection_cost_minute", "collection_cost_sms", "currency_id", "parent_path"],
        "res.currency": ["decimal_places"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id"],
    }
    _ratios = {"reached_share": ("reached", "attempts"), "promise_share": ("promises", "reached"), "kept_share": ("kept", "judged"),
               "kept_money_share": ("promised_kept", "promised"), "liquidation": ("collected", "assigned"), "cost_share": ("cost", "collected")}

    user_id = fields.Many2one("res.users", "Collector", readonly=True)
    day = fields.Date(readonly=True)
    kind = fields.Selection(KINDS, "What", readonly=True)
    source_id = fields.Many2oneReference("Record", model_field="source_model", readonly=True, aggregator=None)
    source_model = fields.Char(compute="_compute_source_model")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    profile_id = fields.Many2one("credit.profile", "Customer", readonly=True)
    segment_id = fields.Many2one("credit.segment", readonly=True)
    attempts = fields.Integer("Calls", readonly=True, help="Calls made at the desk, without those taken back.")
    reached = fields.Integer(readonly=True, help="Calls in which the right person answered.")
    promises = fields.Integer("Promises taken", readonly=True, help="Calls that ended with a promise.")
    judged = fields.Integer("Promises judged", readonly=True, help="Promises that this collector took and that were kept, partly kept or broken, by the day of the judgement.")
    kept = fields.Integer("Promises kept", readonly=True, help="Of the promises judged, those kept in full.")
    contacts = fields.Integer("Messages sent", readonly=True, help="E-mails, SMS and letters sent to the collector's customers.")
    minutes = fields.Float(readonly=True, digits=(12, 2), help="Minutes that the calls took.")
    promised = fields.Monetary(readonly=True, help="The money of the promises judged, at the rate of the day on which they were taken.")
    promised_kept = fields.Monetary("Promised and paid", readonly=True, help="Of the money promised, what came in time; at most what was promised.")
    assigned = fields.Monetary("Overdue assigned", readonly=True, help="What was overdue of the collector's customers at the start of each month, summed over the months.")
    collected = fields.Monetary(readonly=True, help=(
        "Payments of overdue invoices within 7 days after the last contact, or while a promise was open: for who took the promise, else for who called last, "
        "else for whose message was sent last."))
    self_cured = fields.Monetary("Self-cured", readonly=True, help="Payments of overdue invoices that came without a contact in the 7 days before and without a promise.")
    cost = fields.Monetary(readonly=True, help="Minutes × cost of a minute + messages × cost of the channel, at the costs of the settings.")
    reached_share = fields.Float("Reached (%)", compute="_compute_ratios", aggregator="avg", digits=(12, 1), help="Calls answered by the right person / calls × 100.")
    promise_share = fields.Float("Promises per answer (%)", compute="_compute_ratios", aggregator="avg", digits=(12, 1), help="Promises taken / calls answered × 100.")
    kept_share = fields.Float("Kept (%)", compute="_compute_ratios", aggregator="avg", digits=(12, 1), help="Promises kept / promises judged × 100.")
    kept_money_share = fields.Float("Kept, by money (%)", compute="_compute_ratios", aggregator="avg", digits=(12, 1), help="Promised and paid in time / promised × 100.")
    liquidation = fields.Float("Liquidation (%)", compute="_compute_ratios", aggregator="avg", digits=(12, 1), help="Collected / overdue assigned × 100.")
    cost_share = fields.Float("Cost of 100 collected", compute="_compute_ratios", aggregator="avg", digits=(12, 2), help="Cost / collected × 100.")

    @api.depends("kind")
    def _compute_source_model(self):
        for row in self:
            row.source_model = SOURCES.get(row.kind)

    def _decide_reached_share(self, reached, attempts):
        return metrics.share(reached, attempts)

    def _decide_promise_share(self, promises, reached):
        return metrics.share(promises, reached)

    def _decide_kept_share(self, kept, judged):
        return metrics.share(kept, judged)

    def _decide_kept_money_share(self, kept, promised):
        return metrics.share(kept, promised)

    def _decide_liquidation(self, collected, assigned):
        return metrics.share(collected, assigned)

    def _decide_cost_share(self, cost, collected):
        return metrics.share(cost, collected)

    def action_open_source(self):
        """The call, message, promise, entry or customer behind a row."""
        self.ensure_one()
        record = self.env[self.source_model].browse(self.source_id).exists()
        if not record:
            raise UserError(self.env._("What this row counts is no longer there. Reload the list."))
        record.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "views": [(False, "form")]}

    # ------------------------------------------------------------------ SQL

    @property
    def _table_query(self):
        parts = (self._calls_sql(), self._contacts_sql(), self._promises_sql(), self._payments_sql(), self._assigned_sql())
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _row_sql(self, kind, key, source, user, day, **figures):
        """The columns of one kind of row; ``key`` is unique among them, ``f`` the customer; what is not given is nothing."""
        number = [code for code, _label in KINDS].index(kind)
        measures = [SQL("%s::%s AS %s", figures.get(name, SQL("0")), SQL("integer" if name in INTEGERS else "numeric"), SQL.identifier(name)) for name in MEASURES]
        return SQL("%s::bigint * 8 + %s AS id, %s AS user_id, %s AS day, %s::varchar AS kind, %s AS source_id, f.company_id, f.id AS profile_id, f.segment_id, %s",
                   key, number, user, day, kind, source, SQL(", ").join(measures))

    @api.model
    def _calls_sql(self):
        row = self._row_sql(
            "call", SQL("k.id"), SQL("k.id"), SQL("k.user_id"), SQL("k.day"), attempts=SQL("1"), reached=SQL("CASE WHEN k.reached THEN 1 ELSE 0 END"),
            promises=SQL("CASE WHEN k.promise_id IS NOT NULL THEN 1 ELSE 0 END"), minutes=SQL("COALESCE(k.seconds, 0) / 60.0"),
            cost=self.env["collection.reader"]._call_cost(SQL("k"), SQL("c")))
        return SQL("""SELECT %s FROM collection_call k JOIN credit_profile f ON f.id = k.profile_id JOIN res_company c ON c.id = f.company_id
                       WHERE k.voided IS NOT TRUE""", row)

    @api.model
    def _contacts_sql(self):
        cost = self.env["collection.reader"]._contact_cost(SQL("a"), SQL("c"))
        row = self._row_sql("contact", SQL("a.id"), SQL("a.id"), SQL("COALESCE(a.collector_id, f.collector_id)"), SQL("a.sent_on"), contacts=SQL("1"), cost=cost)
        return SQL("""SELECT %s FROM collection_action a JOIN credit_profile f ON f.id = a.profile_id JOIN res_company c ON c.id = f.company_id
                       WHERE a.state = 'sent' AND a.channel <> 'call' AND a.sent_on IS NOT NULL""", row)

    @api.model
    def _promises_sql(self):
        """Promises judged."""
        promised, kept = self.env["collection.reader"]._promise_money(SQL("p"), SQL("c"))
        row = self._row_sql("promise", SQL("p.id"), SQL("p.id"), SQL("p.taken_by"), SQL("p.judged_on"), judged=SQL("1"), kept=SQL("CASE WHEN p.state = 'kept' THEN 1 ELSE 0 END"),
                            promised=promised, promised_kept=kept)
        return SQL("""SELECT %s FROM collection_promise p JOIN credit_profile f ON f.id = p.profile_id JOIN res_company c ON c.id = f.company_id
                       WHERE p.state IN ('kept', 'partly', 'broken') AND p.judged_on IS NOT NULL""", row)

    @api.model
    def _payments_sql(self):
        """Money set off against overdue invoices, and whose it is."""
        row = self._row_sql("payment", SQL("r.id"), SQL("x.move_id"), SQL("COALESCE(w.user_id, f.collector_id)"), SQL("x.date"),
                            collected=SQL("CASE WHEN w.asked THEN r.amount ELSE 0 END"), self_cured=SQL("CASE WHEN w.asked THEN 0 ELSE r.amount END"))
        return SQL(
            """SELECT %(row)s
                 FROM account_partial_reconcile r
                 JOIN account_move_line i ON i.id = r.debit_move_id AND i.parent_state = 'posted'
                 JOIN account_account t ON t.id = i.account_id AND t.account_type = 'asset_receivable'
                 JOIN account_move_line x ON x.id = r.credit_move_id AND x.parent_state = 'posted' AND x.date > COALESCE(i.date_maturity, i.date)
                 JOIN account_journal j ON j.id = x.journal_id AND j.type IN ('bank', 'cash', 'credit')
                 JOIN res_company b ON b.id = i.company_id
                 JOIN res_partner o ON o.id = i.partner_id
                 JOIN credit_profile f ON f.company_id = split_part(b.parent_path, '/', 1)::int AND f.partner_id = o.commercial_partner_id
                 LEFT JOIN LATERAL (%(asked)s) w ON TRUE""", row=row, asked=self._asked_sql())

    @api.model
    def _asked_sql(self):
        """Who brought a payment: the promise in whose window it came, else the last call, else the last message."""
        return SQL(
            """SELECT q.user_id, TRUE AS asked FROM (
                   (SELECT p.taken_by AS user_id, 1 AS place FROM collection_promise p
                     WHERE p.profile_id = f.id AND p.state <> 'withdrawn' AND x.date BETWEEN p.made_on AND p.grace_until ORDER BY p.made_on DESC, p.id DESC LIMIT 1)
                    UNION ALL
                   (SELECT k.user_id, 2 FROM collection_call k
                     WHERE k.profile_id = f.id AND k.reached AND k.voided IS NOT TRUE AND k.day BETWEEN x.date - %(days)s AND x.date ORDER BY k.day DESC, k.id DESC LIMIT 1)
                    UNION ALL
                   (SELECT COALESCE(a.collector_id, f.collector_id), 3 FROM collection_action a
                     WHERE a.profile_id = f.id AND a.state = 'sent' AND a.channel <> 'call' AND a.sent_on BETWEEN x.date - %(days)s AND x.date
                     ORDER BY a.sent_on DESC, a.id DESC LIMIT 1)) q
                ORDER BY q.place LIMIT 1""", days=ATTRIBUTED_DAYS)

    @api.model
    def _assigned_sql(self):
        """What was overdue at the end of a month is assigned on the first day of the next one."""
        late = SQL("(COALESCE(s.b30, 0) + COALESCE(s.b60, 0) + COALESCE(s.b90, 0) + COALESCE(s.over, 0))")
        row = self._row_sql("assigned", SQL("s.id"), SQL("f.id"), SQL("s.collector_id"), SQL("(s.month + 1)"), assigned=late)
        return SQL("SELECT %s FROM collection_snapshot s JOIN credit_profile f ON f.id = s.profile_id WHERE %s <> 0", row, late)
