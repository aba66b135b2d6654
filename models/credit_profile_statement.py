from odoo import api, fields, models


class CreditProfile(models.Model):
    """The statement of account of a customer, for whoever may see it."""

    _inherit = "credit.profile"

    statement_mark = fields.Char(readonly=True, copy=False, groups="account_credit_collection.group_collector",
                                 help="Day, address and terms of the statement that was last mailed: the same is not mailed twice by mistake.")

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.partner_id.name", "object.company_id.name")

    def action_statement(self):
        """Ask of which day or period, and whether on paper, as a workbook or by mail."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_statement_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids})


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_collection_statement(self):
        """The statement of account of the customer that this contact belongs to."""
        self.ensure_one()
        return self.commercial_partner_id.credit_profile_id.action_statement()
