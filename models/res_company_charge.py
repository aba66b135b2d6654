from odoo import fields, models


class ResCompany(models.Model):
    """What paying late costs at this company, and how it is billed."""

    _inherit = "res.company"

    collection_charge_rule_id = fields.Many2one("collection.charge.rule", "Charges of businesses", ondelete="restrict",
                                                domain="[('company_id', 'in', (False, id)), ('customer_kind', '!=', 'consumer')]",
                                                help="Empty: businesses are charged nothing, unless a customer has a rule of its own.")
    collection_charge_consumer_rule_id = fields.Many2one("collection.charge.rule", "Charges of consumers", ondelete="restrict",
                                                         domain="[('company_id', 'in', (False, id)), ('customer_kind', '!=', 'business')]",
                                                         help="Empty: consumers are charged nothing, unless a customer has a rule of its own.")
    collection_charge_from = fields.Date("No day is charged before", help="Empty: the first charge run asks for it.")
    collection_charge_day = fields.Integer("Prepare charges on day of the month", default=0, help="0 = by hand only. Somebody always reviews and posts them.")
    collection_charge_journal_id = fields.Many2one("account.journal", "Journal of charges", ondelete="restrict", check_company=True,
                                                   domain="[('type', '=', 'sale')]", help="Empty: the first journal of sales.")
    collection_charge_days = fields.Integer("Charges are due within (days)", default=14)
    collection_charge_send = fields.Boolean("Send charges by e-mail", default=True)
    collection_interest_product_id = fields.Many2one("product.product", "Product for interest", ondelete="restrict",
                                                     help="Its taxes and its income account are those of the bill.")
    collection_fee_product_id = fields.Many2one("product.product", "Product for fees", ondelete="restrict",
                                                help="For fees of reminders and plans, and for fixed sums.")

    _charge_days_positive = models.Constraint(
        "CHECK(collection_charge_days >= 0 AND collection_charge_day BETWEEN 0 AND 28)",
        "Charges are prepared on a day from 1 to 28, or 0 for by hand, and are due within 0 days or more.")

    def _charge_journal(self):
        """The journal in which charges of this company are billed; empty when there is none."""
        self.ensure_one()
        own = self.root_id.collection_charge_journal_id
        Journal = self.env["account.journal"]
        return own if own.company_id in self.parent_ids else Journal.search([*Journal._check_company_domain(self), ("type", "=", "sale")], limit=1)

    def _charge_product(self, kind):
        """The product that a kind of charge is billed as."""
        root = self.root_id
        if kind in ("interest", "plan_interest", "correction"):
            return root.collection_interest_product_id or self.env.ref("account_credit_collection.product_interest", raise_if_not_found=False)
        return root.collection_fee_product_id or self.env.ref("account_credit_collection.product_fee", raise_if_not_found=False)
