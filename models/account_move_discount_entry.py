from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import frozendict

from ..engine.money import exact
from .account_move_discount import ON_TOTAL


class AccountMove(models.Model):
    """What a discount is in the books, in core's three ways for the tax, whole or of a part payment."""

    _inherit = "account.move"

    def _get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line(self):
        """Core reads the terms as they are now and takes the invoice as unpaid: ours go by what was told and is open."""
        if not self._discount_kept():
            return super()._get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line()
        item = self._discount_item()
        found = {name: defaultdict(dict) for name in ("term_lines", "tax_lines", "base_lines")}
        if item.discount_amount_currency:
            given = item.amount_residual_currency - item.discount_amount_currency
            for name, lines in self._discount_parts(given, item.amount_residual - item.discount_balance).items():
                found[name][item] = lines
        return found

    def _discount_parts(self, amount, balance):
        """The lines of a discount: what it takes off the price and the taxes, or off the price only."""
        account = self.company_id.account_journal_early_pay_discount_loss_account_id
        if not account:
            raise UserError(self.env._("%s has no account for cash discounts. Choose one in the settings of Invoicing.", self.company_id.display_name))
        spread = self._discount_spread(account)
        if self._discount_kept()["tax"] == ON_TOTAL and self.invoice_line_ids.tax_ids:
            return self._parts_with_taxes(amount, balance, account, spread)
        key = frozendict({"account_id": account.id})
        return {"term_lines": {key: {
            "name": self._discount_name(), "partner_id": self.commercial_partner_id.id, "currency_id": self.currency_id.id,
            "amount_currency": amount, "balance": balance, "analytic_distribution": spread}}}

    def _parts_with_taxes(self, amount, balance, account, spread):
        """The discount as a credit over the same share of each line, reckoned by core; the price takes the last cent."""
        Tax = self.env["account.tax"]
        share = float(exact(amount) / exact(self.amount_total))
        lines = [{**base, "is_refund": True, "price_unit": base["price_unit"] * share,
                  "tax_ids": base["tax_ids"].filtered(lambda tax: tax.amount_type != "fixed")}
                 for base in map(self._prepare_product_base_line_for_taxes_computation,
                                 self.line_ids.filtered(lambda line: line.display_type == "product"))]
        Tax._add_tax_details_in_base_lines(lines, self.company_id)
        Tax._round_base_lines_tax_details(lines, self.company_id)
        Tax._add_accounting_data_in_base_lines_tax_details(lines, self.company_id)
        parts = {"base_lines": self._price_parts(lines, account, spread), "tax_lines": self._tax_parts(Tax._prepare_tax_lines(lines, self.company_id))}
        largest = max(parts["base_lines"].values(), key=lambda line: line["amount_currency"])
        for name, total in (("amount_currency", amount), ("balance", balance)):
            largest[name] += total - sum(line[name] for some in parts.values() for line in some.values())
        return {kind: {key: self._rounded_part(line) for key, line in some.items()} for kind, some in parts.items()}

    def _price_parts(self, lines, account, spread):
        parts = {}
        for line in lines:
            details = line["tax_details"]
            key = frozendict({
                "tax_ids": [Command.set(line["tax_ids"].ids)], "tax_tag_ids": [Command.set(line["tax_tag_ids"].ids)], "partner_id": line["partner_id"].id,
                "currency_id": line["currency_id"].id, "account_id": account.id, "analytic_distribution": line["analytic_distribution"] or spread})
            part = parts.setdefault(key, {"name": self._discount_name(), "amount_currency": 0.0, "balance": 0.0})
            part["amount_currency"] += details["total_excluded_currency"] + details["delta_total_excluded_currency"]
            part["balance"] += details["total_excluded"] + details["delta_total_excluded"]
        return parts

    def _tax_parts(self, found):
        parts = {}
        for line in found["tax_lines_to_add"]:
            tax = self.env["account.tax.repartition.line"].browse(line["tax_repartition_line_id"]).tax_id
            key = frozendict({name: line[name] for name in (
                "account_id", "partner_id", "currency_id", "analytic_distribution", "tax_repartition_line_id", "tax_ids", "tax_tag_ids", "group_tax_id")})
            parts[key] = {"name": self.env._("Early Payment Discount (%s)", tax.name), "amount_currency": -line["amount_currency"], "balance": -line["balance"]}
        return parts

    def _rounded_part(self, line):
        return {**line, "amount_currency": self.currency_id.round(line["amount_currency"]), "balance": self.company_currency_id.round(line["balance"])}

    def _discount_name(self):
        return self.env._("Early Payment Discount")

    def _discount_spread(self, account):
        return self.env["account.analytic.distribution.model"]._get_distribution({
            "account_prefix": account.code, "company_id": self.company_id.id, "partner_id": self.commercial_partner_id.id,
            "partner_category_id": self.partner_id.category_id.ids})

    # ------------------------------------------------------------------ booked on its own

    def _book_discount(self, amount, day):
        """An entry of the discount that a payment of ``day`` is owed, set off against the item; return it.

        Where core books a payment itself, as its wizard does, the discount is part of that entry instead.
        """
        item, amount = self._discount_item(), float(amount)
        rest = item.amount_residual_currency
        # at the rate of the item: a discount makes no exchange difference
        balance = item.amount_residual if not item.currency_id.compare_amounts(amount, rest) else item.company_currency_id.round(item.amount_residual * amount / rest)
        # sudo: whoever sets off a payment, a customer online too, gives the discount by the terms
        system = self.sudo().with_context(skip_invoice_sync=True)  # as core does for its own: the taxes are worked out
        parts = [{**key, **line} for lines in system._discount_parts(amount, balance).values() for key, line in lines.items()]
        off = {"account_id": item.account_id.id, "name": self._discount_name(), "partner_id": item.partner_id.id, "currency_id": item.currency_id.id,
               "amount_currency": -amount, "balance": -balance}
        journal = system._discount_journal()
        entry = system.create({
            "move_type": "entry", "journal_id": journal.id, "company_id": self.company_id.id, "currency_id": self.currency_id.id, "ref": self.name,
            "date": self._unlocked_day(day, journal), "line_ids": [Command.create(line) for line in (off, *parts)]})
        entry.action_post()
        (item.sudo() + entry.line_ids.filtered(lambda line: line.account_id == item.account_id)).reconcile()
        return entry

    def _discount_journal(self):
        Journal = self.env["account.journal"]
        journal = Journal.search([*Journal._check_company_domain(self.company_id), ("type", "=", "general")], limit=1)
        if not journal:
            raise UserError(self.env._("%s has no journal for miscellaneous entries.", self.company_id.display_name))
        return journal

    def _unlocked_day(self, day, journal):
        locked = self.company_id.sudo()._get_violated_lock_dates(day, self._discount_kept()["tax"] == ON_TOTAL, journal)
        return locked[-1][0] + timedelta(days=1) if locked else day
