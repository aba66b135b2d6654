from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .collection_dispute import COLLECTOR, EDITABLE, OWNERS

MOST_DAYS_BACK = 90


class CollectionDispute(models.Model):
    """What must be true of a dispute, and who may change what of it."""

    _inherit = "collection.dispute"

    def _check_amount(self):
        """No more is contested than is open of the item."""
        self.env["collection.reader"]._claim_contested(self.item_id.ids)
        for dispute in self.filtered(lambda record: record.state == "open"):
            item = dispute.sudo().item_id  # sudo: facts of an item whose reading was checked when it was chosen
            if item.account_type != "asset_receivable" or item.parent_state != "posted" or item.amount_residual_currency <= 0:
                raise UserError(self.env._("%s is not open: there is nothing to contest.", dispute.document))
            others = self.sudo().search([("item_id", "=", item.id), ("state", "=", "open"), ("id", "!=", dispute.id)])
            free = item.amount_residual_currency - sum(others.mapped("open_amount"))
            if dispute.currency_id.compare_amounts(dispute.amount, free) > 0:
                raise ValidationError(self.env._(
                    "More is disputed of %(item)s than the %(amount)s that is open and not contested yet.",
                    item=dispute.document, amount=dispute.currency_id.format(max(0.0, free))))

    @api.model
    def _check_opened(self, opened_on, today):
        """Days in a dispute at our fault do not count as late: persons do not date one back as they like."""
        try:
            opened_on = fields.Date.to_date(opened_on)
        except (TypeError, ValueError):
            raise UserError(self.env._("Enter a day.")) from None
        if opened_on > today:
            raise UserError(self.env._("A dispute is not opened on a day to come."))
        if not self.env.su and (today - opened_on).days > MOST_DAYS_BACK:
            raise UserError(self.env._("A dispute is opened at most %s days back.", MOST_DAYS_BACK))
        return opened_on

    def _refuse_write(self, vals):
        own = {name for name in vals if name in self._fields and self._fields[name]._module == "account_credit_collection"}
        allowed = EDITABLE if self.env.user.has_group(COLLECTOR) else OWNERS
        if own - allowed:
            raise AccessError(self.env._("You may not change %(fields)s of %(record)s.", record=self[:1].document, fields=", ".join(
                self._fields[name]._description_string(self.env) for name in sorted(own - allowed))))
        closed = self.filtered(lambda record: record.state == "closed")
        if own and closed:
            raise UserError(self.env._("%s is closed. Reopen it to change it.", closed[0].display_name))

    def _refuse_new_amount(self):
        """The original amount is history as soon as something became of it; then it is resolved, not edited."""
        for record in self:
            if record.currency_id.compare_amounts(record.amount, record.open_amount):
                raise UserError(self.env._("Part of %s is settled already: resolve what is left of it instead of changing the amount.",
                                           record.display_name))

    def _check_collector(self):
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(self.env._("Only collectors and credit managers decide on disputes."))
