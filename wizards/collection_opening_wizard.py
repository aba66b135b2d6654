from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CollectionOpeningWizard(models.TransientModel):
    """Bring opening balances into the follow-up.

    Core marks receivable items of miscellaneous journals as "no follow-up" and leaves
    their due date empty, so opening balances are silently never asked for.
    """

    _name = "collection.opening.wizard"
    _description = "Opening Balances in Follow-up"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company.root_id)
    item_ids = fields.Many2many("account.move.line", string="Items", compute="_compute_item_ids", compute_sudo=False, store=True, readonly=False)
    due_date = fields.Date("Due date where there is none", help="Empty: the date of the entry.")

    @api.depends("company_id")
    def _compute_item_ids(self):
        for wizard in self:
            wizard.item_ids = self.env["account.move.line"].search(wizard._domain())

    def _domain(self):
        return self.env["collection.reader"]._open_item_domain(self.company_id) + [
            ("no_followup", "=", True), ("journal_id.type", "=", "general"), ("partner_id", "!=", False),
            ("amount_residual", ">", 0)]

    def action_include(self):
        """Let the chosen items be followed up; due dates are written on the items only."""
        self.ensure_one()
        self._check_right()
        items = self.item_ids.filtered_domain(self._domain())
        if not items:
            raise UserError(self.env._("No opening balance of %s is left out of the follow-up.", self.company_id.name))
        for item in items:
            values = {"no_followup": False}
            if not item.date_maturity:
                values["date_maturity"] = self.due_date or item.date
            item.write(values)
        self.env["credit.profile"].sudo()._ensure(self.company_id, items.partner_id)  # sudo: nobody makes profiles by hand
        return {"type": "ir.actions.act_window_close"}

    def _check_right(self):
        """Any number may be sent for the company: it must be one that the person works in."""
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Only collectors bring opening balances into the follow-up."))
        if self.company_id.root_id not in self.env.companies.root_id:
            raise AccessError(self.env._("You do not work for this company."))
        self.env["account.move.line"].check_access("write")
