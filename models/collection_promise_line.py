from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class CollectionPromiseLine(models.Model):
    """An item of a promise and how much of it was promised. One that was rewritten since keeps its name only."""

    _name = "collection.promise.line"
    _description = "Item of a Promise"
    _order = "promise_id, id"
    _rec_name = "document"

    promise_id = fields.Many2one("collection.promise", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="promise_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="promise_id.currency_id")
    item_id = fields.Many2one("account.move.line", "Invoice", index=True, ondelete="set null", readonly=True)
    document = fields.Char(required=True, readonly=True)
    amount = fields.Monetary("Promised", required=True, readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    paid_before = fields.Monetary(readonly=True)
    contested_amount = fields.Monetary("Contested", readonly=True)
    is_open = fields.Boolean(compute="_compute_is_open", store=True)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "The promised amount must be more than zero.")
    _item_uniq = models.UniqueIndex("(item_id) WHERE is_open", "An invoice has one open promise at a time.")

    @api.depends("promise_id.state")
    def _compute_is_open(self):
        for line in self:
            line.is_open = line.promise_id.state == "open"

    @api.model
    def _open_ones(self, items):
        """What is promised of items at present."""
        return self.search([("item_id", "in", items.ids), ("is_open", "=", True)])

    def _open_amount(self):
        """What of it is promised and has not come yet."""
        return max(0.0, self.currency_id.round(self.amount - self.paid_amount))

    def _taken(self):
        """Why the item is not promised anew, and what to do instead: its promise is renewed as a whole."""
        items = self.promise_id._still_open()
        others = self.promise_id.line_ids.filtered(lambda line: line.item_id in items) - self
        detail = {"item": self.document, "day": format_date(self.env, self.promise_id.promised_on),
                  "others": ", ".join(line._named_beside(self) for line in others)}
        if not others:
            return self.env._("%(item)s is promised already by %(day)s. Withdraw that promise first, or renew it.", **detail)
        if len(others) == 1:
            return self.env._("%(item)s is promised by %(day)s together with %(others)s. Choose both to renew it, or withdraw it first.", **detail)
        return self.env._("%(item)s is promised by %(day)s together with %(others)s. Choose all of them to renew it, or withdraw it first.", **detail)

    def _named_beside(self, line):
        """Its document; of an invoice in several parts also the day, where ``line`` is another part of it."""
        if self.document != line.document:
            return self.document
        return self.env._("%(document)s due %(day)s", document=self.document, day=format_date(self.env, self.item_id.date_maturity))

    def _check_item(self):
        """The item is the customer's, open, and of the promise's currency."""
        item, record = self.item_id.sudo(), self.promise_id  # sudo: read access was checked, the rest are its facts
        if (item.partner_id.commercial_partner_id, item.company_id.root_id) != (record.profile_id.partner_id, record.company_id):
            raise UserError(self.env._("%(item)s is not owed by %(customer)s.", item=self.document, customer=record.profile_id.display_name))
        if item.account_type != "asset_receivable" or item.parent_state != "posted" or item.reconciled or item.amount_residual_currency <= 0:
            raise UserError(self.env._("%s is not open: there is nothing to promise.", self.document))
        if item.currency_id != record.currency_id:
            raise UserError(self.env._("%s is in another currency. Take one promise for each currency.", self.document))
        if record.currency_id.compare_amounts(self.amount, item.amount_residual_currency) > 0:
            raise UserError(self.env._(
                "%(promised)s is more than the %(open)s that is open of %(item)s.", item=self.document,
                promised=record.currency_id.format(self.amount), open=record.currency_id.format(item.amount_residual_currency)))
