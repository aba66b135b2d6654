from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class CollectionSettlement(models.Model):
    """One agreement about an item at a time: an offer, a promise or a plan."""

    _inherit = "collection.settlement"

    def _check_free(self):
        """Refuse items that are in another offer, promised, or in a plan."""
        self.ensure_one()
        items, Line = self.line_ids.item_id, self.env["collection.settlement.line"]
        other = Line._live_ones(items).filtered(lambda line: line.settlement_id != self)[:1]
        if other:
            raise UserError(other._taken())
        self._check_promised(items)
        self._check_planned(items)

    def _check_promised(self, items):
        line = self.env["collection.promise.line"].sudo()._open_ones(items)[:1]  # sudo: an item is promised once, whoever looks
        if line:
            raise UserError(self.env._("%(item)s is promised by %(day)s. Withdraw that promise first.", item=line.document,
                                       day=format_date(self.env, line.promise_id.promised_on)))
        balance = self.env["collection.promise"].sudo().search([  # sudo: as above
            ("profile_id", "=", self.profile_id.id), ("currency_id", "=", self.currency_id.id), ("state", "=", "open"),
            ("on_balance", "=", True)], limit=1)
        if balance:
            raise UserError(self.env._("The whole balance is promised by %s. Withdraw that promise first.",
                                       format_date(self.env, balance.promised_on)))

    def _check_planned(self, items):
        line = self.env["collection.plan.line"]._live_ones(items)[:1]
        if line:
            raise UserError(self.env._("%(item)s is in the payment plan %(plan)s. Cancel that plan first.", item=line.document,
                                       plan=line.plan_id.name))


class CollectionPlan(models.Model):
    _inherit = "collection.plan"

    @api.model
    def _check_items(self, profile, items, previous_id=None):
        """What a settlement is offered for is not paid in parts besides."""
        self.env["collection.settlement.line"]._refuse_live(items)
        return super()._check_items(profile, items, previous_id)

    def _check_promised(self):
        """The same when a draft is offered: the settlement may be the later one."""
        self.env["collection.settlement.line"]._refuse_live(self._items())
        return super()._check_promised()


class CollectionPromise(models.Model):
    _inherit = "collection.promise"

    @api.model
    def _check_free(self, profile, items, currency):
        """What a settlement is offered for is not promised besides: the offer ends by itself."""
        super()._check_free(profile, items, currency)
        lines = self.env["collection.settlement.line"].sudo()  # sudo: whether there is an offer, whoever looks
        found = lines._live_ones(items)[:1] if items else lines.search([
            ("is_live", "=", True), ("settlement_id.profile_id", "=", profile.id), ("settlement_id.currency_id", "=", currency)], limit=1)
        if found:
            raise UserError(found._taken())
