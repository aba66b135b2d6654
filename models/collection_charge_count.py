from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .collection_charge_prepare import BATCH
from .collection_reason import describe

MOST = 5000  # invoices of a run that are looked at again for a list
RECORDED = ("charged", "capped")  # told by the ledger; all others are reckoned anew


class CollectionChargeCount(models.Model):
    """How many invoices of a charge run met an outcome."""

    _name = "collection.charge.count"
    _description = "Outcome of a Charge Run"
    _order = "count desc, id"
    _rec_name = "code"
    _log_access = False

    run_id = fields.Many2one("collection.charge.run", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    code = fields.Char(required=True, readonly=True)
    count = fields.Integer("Invoices", readonly=True)
    text = fields.Char("Outcome", compute="_compute_text")

    _code_uniq = models.UniqueIndex("(run_id, code)", "A charge run counts an outcome once.")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            row.text = describe(self.env, f"charge_{row.code}")

    def action_open_moves(self):
        """The invoices behind the number: those charged as the ledger has them, others as they are reckoned today."""
        self.ensure_one()
        self.check_access("read")
        run = self.run_id
        if sum(run.count_ids.mapped("count")) > MOST:
            raise UserError(self.env._("%(run)s looked at more than %(most)s invoices: too many to look at again for a list. Look at a customer's invoices instead.",
                                       run=run.display_name, most=MOST))
        profiles = self.env["credit.profile"].search([("company_id", "=", run.company_id.id)], order="id")
        moves = run.sudo()._moves_with(self.code, profiles.sudo())  # sudo: facts of the customers that the person sees
        return {"type": "ir.actions.act_window", "name": self.text, "res_model": "account.move", "views": [(False, "list"), (False, "form")],
                "domain": [("id", "in", moves)], "context": {"create": False}}


class CollectionChargeRun(models.Model):
    _inherit = "collection.charge.run"

    def _moves_with(self, code, profiles):
        """Ids of the invoices of customers that met an outcome."""
        mine = self.env["collection.charge.line"].search([("charge_id.run_id", "=", self.id), ("profile_id", "in", profiles.ids),
                                                          ("kind", "=", "interest"), ("state", "!=", "reversed")])
        if code in RECORDED:
            return mine.filtered(lambda line: (line.code or "charged") == code).move_id.ids
        # what this run charged itself is charged before by now
        taken = set(mine.move_id.ids)
        return [move for batch in split_every(BATCH, profiles.ids) for move, found in self._outcomes(profiles.browse(batch))
                if found == code and move not in taken]

    def _outcomes(self, profiles):
        """(invoice, code) of each item of customers as of the day of the run, reckoned anew."""
        company, reckoner, until = self.company_id, self.env["collection.charge.reckoner"], self._until()
        rules = reckoner._rules_of(company, profiles)
        facts = reckoner._gather(company, profiles, rules, until, company._collection_today())
        return [(one.row.move, reckoner._reckon_item(rules[profile.id], one, until)[1])
                for profile in profiles if profile.id in rules for one in facts.get(profile.partner_id.id, ())]
