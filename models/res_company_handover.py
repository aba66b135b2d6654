from odoo import fields, models


class ResCompany(models.Model):
    """How debts are handed over: the letter before it, its deadline, and how the rest is written off."""

    _inherit = "res.company"

    collection_handover_letter = fields.Boolean("Announce before handing over", default=True)
    collection_handover_days = fields.Integer("Days to pay after the letter", default=14)
    collection_handover_write_off = fields.Selection(
        [("credit_note", "Credit notes, which bring the tax down"), ("bad_debt", "Entries on the account for write-offs, tax included")],
        "The rest is written off by", default="credit_note", required=True,
        help="Whether the tax of a bad debt may be corrected, and when, is a question of the country: ask your tax adviser.")
    collection_handover_fee_account_id = fields.Many2one(
        "account.account", "Account for agencies' fees", ondelete="restrict", check_company=True, domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]")
    collection_handover_costs_account_id = fields.Many2one(
        "account.account", "Account for costs that come in", ondelete="restrict", check_company=True, domain="[('account_type', 'in', ('income', 'income_other'))]")
    collection_handover_fee_by = fields.Selection(
        [("bill", "A draft bill of the agency"), ("expense", "An expense entry")], "The agency's fee is", default="bill", required=True)

    _collection_handover_days_positive = models.Constraint("CHECK(collection_handover_days > 0)", "The customer must have at least one day to pay.")
