import math

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditAuthority(models.Model):
    """A line of the approval matrix: up to which amount a person or a group may grant credit.

    What people asked for themselves they approve up to ``own_amount`` only.
    """

    _name = "credit.authority"
    _description = "Authority to Approve Credit"
    _order = "company_id, amount, id"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", "Person", ondelete="restrict", domain=[("share", "=", False)])
    group_id = fields.Many2one("res.groups", ondelete="restrict")
    unlimited = fields.Boolean("Any amount")
    amount = fields.Monetary("Approves up to")
    own_amount = fields.Monetary("Own requests up to", help="What the person asked for without anybody else.")

    _one_owner = models.Constraint("CHECK((user_id IS NULL) <> (group_id IS NULL))",
                                   "An authority belongs to a person or to a group.")
    _amounts_positive = models.Constraint("CHECK(amount >= 0 AND own_amount >= 0)", "An authority must not be negative.")
    _own_below = models.Constraint("CHECK(unlimited OR own_amount <= amount)",
                                   "Nobody approves more of their own requests than of others'.")
    _user_uniq = models.UniqueIndex("(company_id, user_id) WHERE user_id IS NOT NULL", "This person has a line already.")
    _group_uniq = models.UniqueIndex("(company_id, group_id) WHERE group_id IS NOT NULL", "This group has a line already.")

    @api.depends("user_id", "group_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.user_id.name or row.group_id.display_name or self.env._("New authority")

    @api.model
    def _most(self, company, requester=None):
        """The most ``env.user`` may approve of what ``requester`` asked for; the person's own line outranks the groups'."""
        user = self.env.user
        # sudo: whoever asks must not need to see the matrix
        rows = self.sudo().search([("company_id", "=", company.root_id.id), "|", ("user_id", "=", user.id),
                                   ("group_id", "in", user.all_group_ids.ids)])
        rows = rows.filtered("user_id") or rows
        if requester == user:
            return max(rows.mapped("own_amount"), default=0)
        return math.inf if any(rows.mapped("unlimited")) else max(rows.mapped("amount"), default=0)

    @api.model
    def _covers(self, company, amount, most):
        """Whether ``most``, as ``_most`` gives it, is enough for ``amount`` (None: credit without a limit), company currency."""
        if amount is None:
            return most == math.inf
        return most == math.inf or company.root_id.currency_id.compare_amounts(amount, most) <= 0

    @api.model
    def _require(self, company, amount, requester=None):
        """Refuse what is beyond the authority of ``env.user``."""
        self._require_all(company, [amount], requester)

    @api.model
    def _require_all(self, company, amounts, requester=None):
        """Refuse with a sentence that names the first amount beyond the authority, and who is asked."""
        most, currency = self._most(company, requester), company.root_id.currency_id
        beyond = [amount for amount in amounts if not self._covers(company, amount, most)]
        if not beyond:
            return
        amount = beyond[0]
        wanted = self.env._("credit without a limit") if amount is None else currency.format(amount)
        if requester == self.env.user:
            raise UserError(self.env._(
                "You asked for this yourself: %(wanted)s needs the approval of somebody else.", wanted=wanted))
        raise UserError(self.env._(
            "%(wanted)s is beyond what you may approve for %(company)s (%(most)s).", wanted=wanted,
            company=company.root_id.name, most=currency.format(most)))
