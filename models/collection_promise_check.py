from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import format_date

from .collection_promise import METHODS

FARTHEST_DAYS = 730  # also for credit managers
MOST = 1e15


class CollectionPromise(models.Model):
    """What a promise must be when it is taken."""

    _inherit = "collection.promise"

    @api.model
    def _check_free(self, profile, items, currency):
        """An item is promised once at a time, a balance only when nothing of it is."""
        twin = self.env["collection.promise.line"]._open_ones(items)[:1]
        if twin:
            raise UserError(twin._taken())
        same = [("profile_id", "=", profile.id), ("currency_id", "=", currency), ("state", "=", "open")]
        other = self.search([*same, ("on_balance", "=", True)] if items else same, limit=1)
        if other and other.on_balance:
            raise UserError(self.env._("The whole balance is promised already by %s. Withdraw that promise first, or renew it.",
                                       format_date(self.env, other.promised_on)))
        if other:
            raise UserError(self.env._("%(item)s is promised already by %(day)s. Withdraw that promise first, or choose the other invoices.",
                                       item=other.subject, day=format_date(self.env, other.promised_on)))

    def _check_renewed(self, items):
        """An open promise gives way as a whole: what the next one left out would be reminded of though it was promised.

        ``items`` are those of the next one. Another promise on one of them is refused with it.
        """
        self.ensure_one()
        lines = self.env["collection.promise.line"]._open_ones(items)
        other = lines.filtered(lambda line: line.promise_id != self)[:1]
        if other:
            raise UserError(other._taken())
        missing = self._still_open() - items if self.state == "open" else items.browse()
        if missing and self.on_balance:
            raise UserError(self.env._("The whole balance is promised by %s. Take the new promise for all that is open, or withdraw that one first.",
                                       format_date(self.env, self.promised_on)))
        if missing:
            raise UserError(((self.line_ids & lines) or self.line_ids.filtered(lambda line: line.item_id in missing))[:1]._taken())

    def _still_open(self):
        """What is open of that which was promised; what is a draft or cancelled is not owed."""
        items = self.line_ids.item_id
        if self.on_balance:
            items = self.profile_id.item_ids.filtered(lambda item: item.currency_id == self.currency_id)
        return items.filtered(lambda item: item.parent_state == "posted" and not item.reconciled and item.amount_residual_currency > 0)

    @api.model
    def _check_given(self, vals):
        """What is no promise at all, whoever sends it."""
        if vals.get("method", "transfer") not in [method for method, _label in METHODS]:
            raise UserError(self.env._("Choose how it will be paid."))
        amounts = [vals.get("amount"), *(command[2].get("amount") for command in vals.get("line_ids") or () if command[0] == Command.CREATE)]
        if not all(isinstance(amount or 0, (int, float)) and abs(amount or 0) < MOST for amount in amounts):
            raise UserError(self.env._("Enter an amount."))

    @api.model
    def _check_far(self, promised_on, today):
        if (promised_on - today).days > FARTHEST_DAYS:
            raise UserError(self.env._("%s is too far ahead for a promise.", format_date(self.env, promised_on)))

    def _check_new(self):
        """Refuse promises that cannot be meant so; each refusal names what to do instead.

        Those of an earlier day, which only the system can load, are history: what is open now says nothing about them.
        """
        for record in self:
            today = record.company_id._collection_today()
            if self.env.su and record.made_on < today:
                continue
            record._check_days(today)
            for line in record.line_ids:
                line._check_item()
            if record.on_balance:
                record._check_balance()

    def _check_days(self, today):
        """Not in the past; far ahead only for credit managers."""
        if self.promised_on < today:
            raise UserError(self.env._("%s lies in the past: ask for a day to come.", format_date(self.env, self.promised_on)))
        most = self.company_id.collection_promise_max_days
        if (self.promised_on - today).days > most and not (
                self.env.su or self.env.user.has_group("account_credit_collection.group_manager")):
            raise UserError(self.env._(
                "%(day)s is more than %(days)s days ahead. Agree on an earlier day, or ask a credit manager.",
                day=format_date(self.env, self.promised_on), days=most))

    def _check_balance(self):
        # sudo: the ledger, of which a collector sees the sum here only
        owed = self.env["collection.reader"].sudo()._read_open_amounts(self.company_id, self.profile_id.partner_id)
        whole = float(owed.get(self.currency_id.id, 0))
        if self.currency_id.compare_amounts(self.amount, whole) > 0:
            raise UserError(self.env._("%(promised)s is more than the %(open)s that is open.",
                                       promised=self.currency_id.format(self.amount), open=self.currency_id.format(whole)))
