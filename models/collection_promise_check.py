from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class CollectionPromise(models.Model):
    """What a promise must be when it is taken."""

    _inherit = "collection.promise"

    @api.model
    def _check_free(self, profile, items, currency):
        """An item is promised once at a time, a balance only when nothing of it is."""
        twin = self.env["collection.promise.line"].search([("item_id", "in", items.ids), ("is_open", "=", True)], limit=1)
        if twin:
            raise UserError(self.env._("%(item)s is promised already by %(day)s. Withdraw that promise first, or renew it.",
                                       item=twin.document, day=format_date(self.env, twin.promise_id.promised_on)))
        same = [("profile_id", "=", profile.id), ("currency_id", "=", currency), ("state", "=", "open")]
        other = self.search([*same, ("on_balance", "=", True)] if items else same, limit=1)
        if other and other.on_balance:
            raise UserError(self.env._("The whole balance is promised already by %s. Withdraw that promise first, or renew it.",
                                       format_date(self.env, other.promised_on)))
        if other:
            raise UserError(self.env._("%(item)s is promised already by %(day)s. Withdraw that promise first, or choose the other invoices.",
                                       item=other.subject, day=format_date(self.env, other.promised_on)))

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
