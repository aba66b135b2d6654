from odoo import fields, models
from odoo.exceptions import UserError

SOURCES = [("transit", "On its way"), ("promise", "Promise"), ("plan", "Payment plan"), ("habit", "Usual day"),
           ("overdue", "Later than usual")]
FIGURES = ("profile_id", "company_id", "item_id", "document", "currency_id", "due", "expected_on", "source", "amount_currency", "amount")


class CollectionForecast(models.Model):
    """Money that is expected: a part of an open item, its day, and on whose word. A picture of the night, written by the job only."""

    _name = "collection.forecast"
    _description = "Expected Payment"
    _inherit = ["collection.own.currency.mixin"]
    _order = "expected_on, id"
    _rec_name = "document"

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", readonly=True)
    item_id = fields.Many2one("account.move.line", "Open item", index=True, ondelete="set null", readonly=True)
    document = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict", readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    segment_id = fields.Many2one(related="profile_id.segment_id", string="Segment")
    collector_id = fields.Many2one(related="profile_id.collector_id", string="Collector")
    country_id = fields.Many2one(related="profile_id.partner_id.country_id", string="Country")
    due = fields.Date("Due by contract", readonly=True)
    expected_on = fields.Date("Expected on", required=True, index=True, readonly=True,
                              help="The day that was promised or planned, else due date + usual days late of the customer, moved to its next pay run.")
    source = fields.Selection(SOURCES, "Because of", required=True, readonly=True, help=(
        "On its way: paid online or by a transfer that is not booked yet. Promise, Payment plan: what is left of them. Usual day: "
        "the median of its days late over the last year, drawn towards that of payers like it. Later than usual: that day has passed already, "
        "or a payment plan was not kept within its grace."))
    amount_currency = fields.Monetary("Expected in currency", currency_field="currency_id", readonly=True, aggregator="sum_currency",
                                      help="What is open of the item, without what is contested and what credits pay already.")
    amount = fields.Monetary("Expected", currency_field="company_currency_id", readonly=True, aggregator="sum",
                             help="Open amount - contested - unapplied credits of the customer, in company currency. All rows together are what is expected of all that is open.")

    def _figures(self):
        """What a row says, to be compared with what is expected tonight."""
        return tuple(value.id if isinstance(value := self[name], models.BaseModel) else value for name in FIGURES)

    def action_open_item(self):
        """The invoice or entry behind it."""
        self.ensure_one()
        self.check_access("read")
        move = self.sudo().item_id.move_id.sudo(False)  # sudo: whether it is there is no secret; whether it may be seen is asked below
        if not move:
            raise UserError(self.env._("%s is not in the books any more. The forecast is made anew every night.", self.document or self.display_name))
        return self.profile_id._open_entry(move)
