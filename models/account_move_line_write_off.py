from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountMoveLine(models.Model):
    """Writing off a part of an open item, for a dispute or a settlement."""

    _inherit = "account.move.line"

    def _write_off_balance(self, amount):
        """``amount`` of an item in its company's currency, at the item's own rate: no exchange difference of a write-off."""
        self.ensure_one()
        company, rest = self.company_id, self.amount_residual_currency
        if rest:
            return company.currency_id.round(self.amount_residual * amount / rest)
        return self.currency_id._convert(amount, company.currency_id, company, company.root_id._collection_today())

    def _make_write_off(self, amount, name, ref):
        """A draft entry that takes ``amount`` off the item, on the first day that is not locked."""
        company = self.company_id
        account, journal = company._write_off_place()
        balance = self._write_off_balance(amount)
        common = {"name": name, "partner_id": self.partner_id.id, "currency_id": self.currency_id.id}
        return self.env["account.move"].with_company(company).create({
            "move_type": "entry", "journal_id": journal.id, "company_id": company.id, "ref": ref, "date": company._open_date(journal),
            "currency_id": self.currency_id.id, "line_ids": [
                Command.create({**common, "account_id": account.id, "amount_currency": amount, "balance": balance}),
                Command.create({**common, "account_id": self.account_id.id, "amount_currency": -amount, "balance": -balance})]})

    def _post_write_off(self, entry):
        """Post it and set it off against the item."""
        entry.action_post()
        (self + entry.line_ids.filtered(lambda line: line.account_id == self.account_id)).reconcile()


class ResCompany(models.Model):
    _inherit = "res.company"

    def _write_off_place(self):
        """The account and the journal of write-offs of a company or branch."""
        self.ensure_one()
        account = self.root_id.collection_write_off_account_id
        if not account:
            raise UserError(self.env._("No account for write-offs is set. A credit manager chooses it in the settings of Collections."))
        Journal = self.env["account.journal"]
        journal = Journal.search([*Journal._check_company_domain(self), ("type", "=", "general")], limit=1)
        if not journal:
            raise UserError(self.env._("%s has no journal for miscellaneous entries.", self.display_name))
        return account, journal

    def _open_date(self, journal, taxed=False):
        """Today, or the first day that is not locked for a journal."""
        today = self.root_id._collection_today()
        locked = self._get_violated_lock_dates(today, taxed, journal)
        return locked[-1][0] + timedelta(days=1) if locked else today
