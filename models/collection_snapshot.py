from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..engine.ageing import BUCKETS as AGED
from .collection_bucket import LABELS
from .collection_ratio_mixin import FIRST, LAST
from .credit_profile import BEHAVIOUR_CLASSES

HISTORY = 12  # months of billing kept with each row, for the countback
SALES = tuple(f"sales_{number}" for number in range(1, HISTORY + 1))


class CollectionSnapshot(models.Model):
    """A customer's month with a company and its branches, from the ledger as it stands when the month is built.

    What was open and what moved it is the ledger's to the cent, items without a customer included, in a row of their own.
    What nobody can look up any more, the collector, country, salesperson and class of the payer, is that of the first time
    the month was built; the segment is that of the month's last day.
    """

    _name = "collection.snapshot"
    _description = "Collections by Month"
    _inherit = ["collection.ratio.mixin"]
    _order = "month desc, closing desc, id"
    _rec_name = "month"
    _log_access = False

    _stocks = {"opening": FIRST, "closing": LAST, **dict.fromkeys((*AGED, *SALES), LAST), "overdue": LAST, "overdue_days": LAST, "disputes_open": LAST}

    month = fields.Date(required=True, readonly=True, index=True, help="The last day of the month.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    profile_id = fields.Many2one("credit.profile", "Customer", readonly=True, index="btree_not_null", ondelete="restrict")
    segment_id = fields.Many2one("credit.segment", readonly=True, index="btree_not_null", ondelete="restrict",
                                 help="The customer's segment on the last day of the month.")
    collector_id = fields.Many2one("res.users", readonly=True, index="btree_not_null", ondelete="restrict",
                                   help="Whose customer it was when the month was first built.")
    salesperson_id = fields.Many2one("res.users", readonly=True, index="btree_not_null", ondelete="restrict",
                                     help="The customer's salesperson when the month was first built.")
    country_id = fields.Many2one("res.country", readonly=True, ondelete="restrict")
    behaviour_class = fields.Selection(BEHAVIOUR_CLASSES, "Payer", readonly=True, help="How the customer paid when the month was first built.")

    # ------------------------------------------------------------------ open, and what moved it

    opening = fields.Monetary("Open at the start", readonly=True, help="What was open before the first month.")
    billed = fields.Monetary(readonly=True, help="Invoices with tax, dated in the month.")
    credited = fields.Monetary(readonly=True, help="Credit notes with tax, dated in the month.")
    collected = fields.Monetary(readonly=True, help="Money that came in, matched or not, less what went back.")
    discounts = fields.Monetary("Discounts taken", readonly=True, help="Given for paying early, with tax.")
    written_off = fields.Monetary(readonly=True, help="Given up, and payment differences booked as an expense.")
    exchange = fields.Monetary("Exchange differences", readonly=True, help="What changed by exchange rates: plus raises what is open.")
    other = fields.Monetary("Other movements", readonly=True, help="All other entries on receivable accounts: plus raises what is open.")
    closing = fields.Monetary("Open at the end", readonly=True, help=(
        "What was open after the last month: open at the start + billed − credited − collected − discounts − written off + exchange differences + other."))

    not_due = fields.Monetary(LABELS["not_due"], readonly=True, help="Open and not late at the end of the last month.")
    b30 = fields.Monetary(LABELS["b30"], readonly=True, help="Open and 1 to 30 days late at the end of the last month.")
    b60 = fields.Monetary(LABELS["b60"], readonly=True, help="Open and 31 to 60 days late at the end of the last month.")
    b90 = fields.Monetary(LABELS["b90"], readonly=True, help="Open and 61 to 90 days late at the end of the last month.")
    over = fields.Monetary(LABELS["over"], readonly=True, help="Open and more than 90 days late at the end of the last month.")
    credit = fields.Monetary(LABELS["credit"], readonly=True, help="Payments and credit notes not set off against an invoice at the end of the last month.")
    overdue = fields.Monetary(readonly=True, help="All that was late at the end of the last month.")
    overdue_days = fields.Monetary("Overdue × days", readonly=True, aggregator=None)
    # what the buckets were a month before, and what passed 90 days in the month: for the rolls
    prev_not_due = fields.Monetary(readonly=True, aggregator=None)
    prev_b30 = fields.Monetary(readonly=True, aggregator=None)
    prev_b60 = fields.Monetary(readonly=True, aggregator=None)
    prev_b90 = fields.Monetary(readonly=True, aggregator=None)
    rolled_over = fields.Monetary(readonly=True, aggregator=None)

    # billed less credited: of the month, of the one before, and so on; for the countback
    sales_1 = fields.Monetary(readonly=True, aggregator=None)
    sales_2 = fields.Monetary(readonly=True, aggregator=None)
    sales_3 = fields.Monetary(readonly=True, aggregator=None)
    sales_4 = fields.Monetary(readonly=True, aggregator=None)
    sales_5 = fields.Monetary(readonly=True, aggregator=None)
    sales_6 = fields.Monetary(readonly=True, aggregator=None)
    sales_7 = fields.Monetary(readonly=True, aggregator=None)
    sales_8 = fields.Monetary(readonly=True, aggregator=None)
    sales_9 = fields.Monetary(readonly=True, aggregator=None)
    sales_10 = fields.Monetary(readonly=True, aggregator=None)
    sales_11 = fields.Monetary(readonly=True, aggregator=None)
    sales_12 = fields.Monetary(readonly=True, aggregator=None)

    # ------------------------------------------------------------------ how it was paid, and what was done about it

    paid = fields.Monetary("Invoices paid", readonly=True, help="Payments set off against invoices in the month.")
    paid_on_time = fields.Monetary("Paid in time", readonly=True, help="Of these payments, what came on the due date or before.")
    paid_days = fields.Monetary("Paid × days", readonly=True, aggregator=None)
    promises = fields.Integer("Promises judged", readonly=True, help="Promises that were kept, partly kept or broken in the month.")
    promises_kept = fields.Integer(readonly=True, help="Of the promises judged, those kept in full.")
    promised = fields.Monetary(readonly=True, help="The money of the promises judged in the month.")
    promised_kept = fields.Monetary("Promised and paid", readonly=True, help="Of the money promised, what came in time.")
    disputes_opened = fields.Integer(readonly=True, help="Disputes opened in the month.")
    disputes_closed = fields.Integer(readonly=True, help="Disputes closed in the month.")
    disputes_open = fields.Integer(readonly=True, help="Disputes open at the end of the last month.")
    dispute_days = fields.Integer("Days of closed disputes", readonly=True, help="Days from opening to closing, of the disputes closed in the month.")
    charged = fields.Monetary("Charges billed", readonly=True, help="Interest and fees billed in the month, without tax.")
    waived = fields.Monetary("Charges waived", readonly=True, help="Interest and fees waived in the month, without tax.")
    emails = fields.Integer("E-mails", readonly=True, help="Reminders sent by e-mail in the month.")
    texts = fields.Integer("SMS", readonly=True, help="Reminders sent by SMS in the month.")
    letters = fields.Integer(readonly=True, help="Reminders sent by letter in the month.")
    calls = fields.Integer(readonly=True, help="Calls made at the desk in the month.")
    reached = fields.Integer("Calls answered", readonly=True, help="Calls in which somebody answered.")
    minutes = fields.Float("Minutes of calls", readonly=True, digits=(12, 2), help="Minutes that the calls of the month took.")
    cost = fields.Monetary(readonly=True, help="E-mails, SMS, letters and minutes at the costs in the settings when the month was built.")

    _customer_uniq = models.UniqueIndex("(company_id, month, COALESCE(profile_id, 0))", "A customer has one row a month.")

    @api.depends("month", "profile_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(customer)s, %(month)s", customer=row.profile_id.display_name or self.env._("Without a customer"),
                month=format_date(self.env, row.month, date_format="MMMM yyyy"))
