from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from .collection_snapshot import AGED, HISTORY, SALES

# the kinds of movements with the sign that makes each a figure of its own
KINDS = {"billed": ("billed", 1), "credited": ("credited", -1), "collected": ("collected", -1), "discounts": ("discount", -1),
         "written_off": ("written_off", -1), "exchange": ("exchange", 1), "other": ("other", 1)}
PREVIOUS = tuple(f"prev_{name}" for name in AGED[:4])
# what each part of a month gives; the parts are read by ``_month_<part>``
PARTS = {
    "open": ("closing", *AGED, "overdue", "overdue_days", "rolled_over"),
    "before": ("opening", *PREVIOUS),
    "moves": tuple(KINDS),
    "sales": SALES,
    "payments": ("paid", "paid_on_time", "paid_days"),
}
DIMENSIONS = ("company_id", "month", "currency_id", "profile_id", "segment_id", "collector_id", "salesperson_id", "country_id", "behaviour_class")


class CollectionReader(models.AbstractModel):
    """A month of a company from the ledger, in one statement: a row for each customer, and one for what belongs to none."""

    _inherit = "collection.reader"

    @api.model
    def _build_month(self, company, month):
        """Write the rows of a month, given by its last day, over those there are; rows that have nothing to say go."""
        scope = self._month_scope(company.root_id, month)
        names = self._month_names()
        self.env["collection.snapshot"].flush_model()
        self.env.cr.execute(SQL(
            """WITH %(parts)s, built AS (
                   INSERT INTO collection_snapshot (%(columns)s)
                   SELECT %(dimensions)s, %(figures)s
                     FROM (%(owners)s) w
                     LEFT JOIN credit_profile f ON f.id = w.owner
                     LEFT JOIN res_partner p ON p.id = f.partner_id
                     %(joins)s
                    WHERE (%(figures)s) <> (%(zeros)s)
                   ON CONFLICT (company_id, month, COALESCE(profile_id, 0)) DO UPDATE SET %(renewed)s RETURNING id)
               DELETE FROM collection_snapshot s WHERE s.company_id = %(company)s AND s.month = %(month)s AND NOT EXISTS (
                   SELECT 1 FROM built WHERE built.id = s.id)""",
            parts=SQL(", ").join(SQL("%s AS MATERIALIZED (%s)", SQL.identifier(part), getattr(self, f"_month_{part}")(scope)) for part in self._month_parts()),
            columns=_names((*DIMENSIONS, *names)), dimensions=self._month_dimensions(scope), figures=self._month_figures(),
            owners=SQL(" UNION ").join(SQL("SELECT owner FROM %s", SQL.identifier(part)) for part in self._month_parts()),
            joins=SQL(" ").join(SQL("LEFT JOIN %(part)s ON %(part)s.owner = w.owner", part=SQL.identifier(part)) for part in self._month_parts()),
            zeros=SQL(", ").join([SQL("0")] * len(names)), company=company.root_id.id, month=month,
            renewed=SQL(", ").join(SQL("%(name)s = EXCLUDED.%(name)s", name=SQL.identifier(name)) for name in ("segment_id", "currency_id", *names))))
        self.env["collection.snapshot"].invalidate_model()

    @api.model
    def _month_parts(self):
        """The parts of a month, with the figures of each. A place to hook more."""
        return PARTS

    @api.model
    def _month_names(self):
        return [name for figures in self._month_parts().values() for name in figures] + ["cost"]

    @api.model
    def _join_months(self, other, keep):
        """Two customers became one: months of both are added up, those that only ``other`` has go over as they are."""
        self.env["collection.snapshot"].flush_model()
        self.env.cr.execute(SQL(
            """WITH gone AS (
                   DELETE FROM collection_snapshot o USING collection_snapshot k
                    WHERE o.profile_id = %(other)s AND k.profile_id = %(keep)s AND k.company_id = o.company_id AND k.month = o.month RETURNING o.*)
               UPDATE collection_snapshot k SET %(sums)s
                 FROM gone WHERE k.profile_id = %(keep)s AND k.company_id = gone.company_id AND k.month = gone.month""",
            other=other.id, keep=keep.id, sums=SQL(", ").join(
                SQL("%s = COALESCE(%s, 0) + COALESCE(%s, 0)", SQL.identifier(name), SQL.identifier("k", name), SQL.identifier("gone", name))
                for name in self._month_names())))
        self.env.cr.execute(SQL("UPDATE collection_snapshot SET profile_id = %s WHERE profile_id = %s", keep.id, other.id))
        self.env["collection.snapshot"].invalidate_model()

    @api.model
    def _month_scope(self, company, month):
        """What the parts ask for; ``owner`` is the id of a customer's profile, 0 for what belongs to none."""
        return {"company": company, "companies": self._companies(company), "month": month, "first": month.replace(day=1),
                "before": month.replace(day=1) - timedelta(days=1)}

    @api.model
    def _month_dimensions(self, scope):
        return SQL(
            """%s, %s::date, %s, f.id, %s, f.collector_id, p.user_id, p.country_id, f.behaviour_class""",
            scope["company"].id, scope["month"], scope["company"].currency_id.id, self.env["collection.report.mixin"]._segment_sql(SQL("%s::date", scope["month"])))

    @api.model
    def _month_figures(self):
        figures = [SQL("COALESCE(%s, 0)", SQL.identifier(part, name)) for part, names in self._month_parts().items() for name in names]
        return SQL(", ").join([*figures, self._month_cost()])

    # ------------------------------------------------------------------ parts

    @api.model
    def _month_open(self, scope):
        """What is open at the end of the month, by how late it is by contract; with what passed 90 days in the month."""
        return SQL(
            """SELECT COALESCE(g.profile_id, 0) AS owner, sum(g.amount) AS closing, %(buckets)s,
                      COALESCE(sum(g.amount) FILTER (WHERE g.days_late > 0), 0) AS overdue,
                      COALESCE(sum(g.amount * g.days_late), 0) AS overdue_days,
                      COALESCE(sum(g.amount) FILTER (WHERE g.bucket = 'over' AND g.days_late <= 90 + %(days)s), 0) AS rolled_over
                 FROM (%(ageing)s) g GROUP BY 1""",
            ageing=self.env["collection.ageing"]._ageing_sql(scope["companies"], scope["month"]), days=scope["month"].day,
            buckets=self._month_buckets(AGED, AGED))

    @api.model
    def _month_before(self, scope):
        return SQL(
            "SELECT COALESCE(g.profile_id, 0) AS owner, sum(g.amount) AS opening, %s FROM (%s) g GROUP BY 1",
            self._month_buckets(AGED[:4], PREVIOUS), self.env["collection.ageing"]._ageing_sql(scope["companies"], scope["before"]))

    @api.model
    def _month_buckets(self, buckets, names):
        return SQL(", ").join(
            SQL("COALESCE(sum(g.amount) FILTER (WHERE g.bucket = %s), 0) AS %s", bucket, SQL.identifier(name)) for bucket, name in zip(buckets, names))

    @api.model
    def _month_moves(self, scope):
        figures = SQL(", ").join(SQL("COALESCE(%s * sum(m.amount) FILTER (WHERE m.kind = %s), 0) AS %s", sign, kind, SQL.identifier(name))
                                 for name, (kind, sign) in KINDS.items())
        return SQL(
            "SELECT COALESCE(m.profile_id, 0) AS owner, %s FROM (%s) m GROUP BY 1", figures,
            self.env["collection.movement"]._movement_sql(scope["companies"], scope["month"], scope["first"]))

    @api.model
    def _month_sales(self, scope):
        """Billed less credited of each of the last months, the newest first: the same documents as those of the movements."""
        starts = [scope["first"] - relativedelta(months=back) for back in range(HISTORY)]
        figures = SQL(", ").join(
            SQL("COALESCE(sum(l.balance) FILTER (WHERE l.date >= %s AND l.date < %s), 0) AS %s", start, start + relativedelta(months=1), SQL.identifier(name))
            for start, name in zip(starts, SALES))
        return SQL(
            """SELECT COALESCE(c.id, 0) AS owner, %(figures)s
                 FROM account_move_line l JOIN account_move e ON e.id = l.move_id AND e.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                 %(owner)s WHERE %(some)s AND l.date >= %(since)s GROUP BY 1""",
            figures=figures, since=starts[-1], owner=self._month_owner(scope, SQL("l.partner_id")),
            some=self.env["collection.report.mixin"]._items_condition(scope["companies"], scope["month"]))

    @api.model
    def _month_owner(self, scope, partner):
        """The customer ``c`` of a partner."""
        return SQL(
            """LEFT JOIN res_partner o ON o.id = %s
               LEFT JOIN credit_profile c ON c.company_id = %s AND c.partner_id = o.commercial_partner_id""", partner, scope["company"].id)

    @api.model
    def _month_payments(self, scope):
        """Money set off against invoices in the month, as behaviour is judged: by the day it came, without what is not followed up."""
        return SQL(
            """SELECT COALESCE(x.owner, 0) AS owner, sum(x.amount) AS paid, COALESCE(sum(x.amount) FILTER (WHERE x.late = 0), 0) AS paid_on_time,
                      sum(x.amount * x.late) AS paid_days
                 FROM (SELECT c.id AS owner, r.amount, GREATEST(n.date - COALESCE(l.date_maturity, l.date), 0) AS late
                         FROM account_partial_reconcile r
                         JOIN account_move_line l ON l.id = r.debit_move_id
                         JOIN account_move_line n ON n.id = r.credit_move_id AND n.parent_state = 'posted'
                         JOIN account_journal j ON j.id = n.journal_id AND j.type IN ('bank', 'cash', 'credit')
                         %(owner)s
                        WHERE r.max_date BETWEEN %(first)s AND %(month)s AND %(some)s AND COALESCE(l.no_followup, false) IS NOT TRUE) x
                GROUP BY 1""", owner=self._month_owner(scope, SQL("l.partner_id")), first=scope["first"], month=scope["month"],
            some=self.env["collection.report.mixin"]._items_condition(scope["companies"], scope["month"]))


def _names(names):
    return SQL(", ").join(map(SQL.identifier, names))
