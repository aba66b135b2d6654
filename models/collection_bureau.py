from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.bureau import Rule
from ..engine.money import exact

MANAGER, OWN_PORTFOLIO = "account_credit_collection.group_manager", "account_credit_collection.group_own_portfolio"
FORMATS = [("csv", "CSV"), ("xlsx", "Excel (XLSX)")]
DETAILS = [("summary", "A line per customer"), ("invoice", "A line per invoice")]


class CollectionBureau(models.Model):
    """A credit bureau that is told each month how customers pay: what it takes, and of whom.

    Nothing leaves by itself: a file is made, looked through by a person, and delivered by hand.
    """

    _name = "collection.bureau"
    _description = "Credit Bureau"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", domain=[("parent_id", "=", False)],
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    member = fields.Char("Our number with the bureau")
    format = fields.Selection(FORMATS, required=True, default="csv", tracking=True)
    detail = fields.Selection(DETAILS, "The file has", required=True, default="summary", tracking=True)
    country_ids = fields.Many2many("res.country", string="Countries", help="Only customers of these countries. Empty: of all.")
    minimum_amount = fields.Monetary("From", help="Customers who owe less in all are left out.", tracking=True)
    consent_needed = fields.Boolean("Only with consent", default=True, tracking=True)
    consumers = fields.Boolean("Also consumers", tracking=True, help="Private persons are told about only where the law and your contract allow it.")
    is_monthly = fields.Boolean("Each month by itself", tracking=True,
                                help="The file of the last month is made as soon as its figures are there. A person looks through it and delivers it.")
    user_id = fields.Many2one("res.users", "Looked through by", ondelete="restrict", index="btree_not_null", default=lambda self: self.env.user,
                              domain=[("share", "=", False)], help="Gets a task when a file was made.")
    note = fields.Text("How to deliver", help="For example the address of the bureau's portal, and who has the login.")
    file_ids = fields.One2many("collection.bureau.file", "bureau_id", "Files")
    last_month = fields.Date("Last month delivered", compute="_compute_last_month")

    _minimum_positive = models.Constraint("CHECK(minimum_amount >= 0)", "The minimum amount must not be negative.")

    @api.depends("file_ids.state", "file_ids.month")
    def _compute_last_month(self):
        found = dict(self.env["collection.bureau.file"]._read_group(
            [("bureau_id", "in", self.ids), ("state", "=", "delivered")], ["bureau_id"], ["month:max"]))
        for bureau in self:
            bureau.last_month = found.get(bureau, False)

    def write(self, vals):
        """What a company told stays with it: the files would go along to another one."""
        self.check_access("write")
        moved = self.filtered(lambda one: "company_id" in vals and one.company_id.id != vals["company_id"])
        for bureau in moved.sudo().file_ids.bureau_id:  # sudo: files that this user does not see count as well
            raise UserError(self.env._("%s has files already and stays with its company. Archive it, and set up a bureau for the other company.", bureau.name))
        return super().write(vals)

    def _check_manager(self):
        """A file is about all customers of the company: for who may see them all."""
        self.check_access("read")
        if not self.env.user.has_group(MANAGER) or self.env.user.has_group(OWN_PORTFOLIO):
            raise AccessError(self.env._("Files for credit bureaus are about all customers: a credit manager who sees them all makes them."))

    def _to_engine(self):
        return Rule(self.consent_needed, self.consumers, frozenset(self.country_ids.ids), exact(self.minimum_amount))

    def action_open_wizard(self):
        """Ask for the month of a new file."""
        self._check_manager()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_bureau_wizard_action")
        return dict(action, context={"default_bureau_id": self.id})

    def action_open_files(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_bureau_file_action")
        return dict(action, domain=[("bureau_id", "in", self.ids)], context={})
