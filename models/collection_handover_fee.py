from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class CollectionHandover(models.Model):
    """What the agency charges: kept from what it sends or billed besides, and the costs that the customer paid with its debt.

    Fees and costs are what the books have of them: what is cancelled or reversed there is none any more.
    """

    _inherit = "collection.handover"

    def _fee_taxes(self):
        """The taxes on the fee that are of the company."""
        company = self.company_id
        return self.agency_id.sudo().fee_tax_ids.filtered(lambda tax: tax.company_id in company.parent_ids)  # sudo: taxes of the fee rule

    def _fee_gross(self, fee):
        return self._fee_taxes().compute_all(fee, currency=self.currency_id, partner=self.agency_id.partner_id)["total_included"] if fee else 0.0

    def _expected_fee(self, amount):
        """What the agency's rule makes of ``amount``, without taxes, by how old the debt was when it left; the fixed part once a case."""
        fee = self.agency_id._fee(amount, self.currency_id, self.age_days, not self.fee, self.company_id, self.company_id._collection_today())
        gross = self._fee_gross(fee)
        if self.currency_id.compare_amounts(gross, amount) <= 0:
            return fee
        fee = self.currency_id.round(fee * amount / gross)  # with its taxes no more than what came in
        over = self.currency_id.compare_amounts(self._fee_gross(fee), amount) > 0
        return self.currency_id.round(fee - self.currency_id.rounding) if over else fee

    # ------------------------------------------------------------------ in the books

    def _booked(self, use):
        """Posted entries of a kind that nobody reversed."""
        return self.sudo().move_ids.filtered(lambda move: (  # sudo: what the books have of it, whoever looks
            move.collection_handover_use == use and move.state == "posted" and "posted" not in move.reversal_move_ids.mapped("state")))

    def _fee_booked(self):
        """What the agency kept, and what it billed besides, with taxes. The bill of what it kept is no second fee."""
        kept = -sum(self._receivables(self._booked("fee")).mapped("amount_currency"))
        bills = self.move_ids.filtered(lambda move: move.collection_handover_use == "bill" and move.state != "cancel")
        return self.currency_id.round(kept + sum(bill.currency_id._convert(
            bill.amount_total - sum(bill.reversal_move_ids.filtered(lambda note: note.state == "posted").mapped("amount_total")),
            self.currency_id, self.company_id, bill.invoice_date or bill.date) for bill in bills))

    def _receivables(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    # ------------------------------------------------------------------ booking it

    def _fee_account(self):
        account = self.company_id.collection_handover_fee_account_id
        if not account:
            raise UserError(self.env._("No account for agencies' fees is set. Choose it in the settings of Collections."))
        return account

    def _book_kept_fee(self, fee, gross, on, by, receivable):
        """What the agency kept settles the customer's items: against an expense with its taxes, or against the agency's bill to come."""
        agency = self.agency_id.partner_id
        if by == "expense":
            debit = {"account_id": self._fee_account().id, "partner_id": agency.id, "amount_currency": fee, "tax_ids": [Command.set(self._fee_taxes().ids)]}
        else:
            payable = agency.with_company(self.company_id).property_account_payable_id
            debit = {"account_id": payable.id, "partner_id": agency.id, "amount_currency": gross, "tax_ids": []}
        credit = {"account_id": receivable.id, "partner_id": self.partner_id.id, "amount_currency": -gross, "tax_ids": []}
        return self._book("fee", self.env._("%(handover)s: fee of %(agency)s", handover=self.name, agency=self.agency_id.name), on, debit, credit)

    def _book(self, use, name, on, *lines):
        """A posted entry of two lines and their taxes, and of nothing else: its receivable journal item."""
        company = self.company_id
        journal = company._write_off_place()[1] if company.collection_write_off_account_id else self._general_journal(company)
        entry = self.env["account.move"].with_company(company).create({
            "move_type": "entry", "journal_id": journal.id, "date": on, "ref": name, "currency_id": self.currency_id.id,
            "collection_handover_id": self.id, "collection_handover_use": use,
            "line_ids": [Command.create({"name": name, "currency_id": self.currency_id.id, **line}) for line in lines]})
        if len(entry.line_ids.filtered(lambda line: not line.tax_repartition_line_id)) != len(lines):  # core balances what does not add up
            raise UserError(self.env._("The taxes on the fee of %s do not add up. Check them on the agency.", self.agency_id.name))
        entry.action_post()
        return self._receivables(entry)

    def _general_journal(self, company):
        Journal = self.env["account.journal"]
        journal = Journal.search([*Journal._check_company_domain(company), ("type", "=", "general")], limit=1)
        if not journal:
            raise UserError(self.env._("%s has no journal for miscellaneous entries.", company.display_name))
        return journal

    def _draft_bill(self, fee, on, use):
        """The agency's bill, for an accountant to compare with the paper and post."""
        account = self.company_id.collection_handover_fee_account_id
        return self.env["account.move"].with_company(self.company_id).create({
            "move_type": "in_invoice", "partner_id": self.agency_id.partner_id.id, "invoice_date": on, "currency_id": self.currency_id.id,
            "ref": self.reference or self.name, "collection_handover_id": self.id, "collection_handover_use": use,
            "invoice_line_ids": [Command.create({
                "name": self.env._("Fee, %(handover)s, %(customer)s", handover=self.name, customer=self.partner_id.display_name), "quantity": 1,
                "price_unit": fee, "tax_ids": [Command.set(self._fee_taxes().ids)], **({"account_id": account.id} if account else {})})]})

    # ------------------------------------------------------------------ costs

    def _costs_items(self):
        """The costs that were booked when they came in."""
        return self._receivables(self._booked("costs"))

    def _costs_left(self):
        """What is claimed of costs and has not come in."""
        return max(0.0, self.currency_id.round(self.costs - sum(self._costs_items().mapped("amount_currency"))))

    def _costs_paid(self):
        return self.currency_id.round(sum(item.amount_currency - item.amount_residual_currency for item in self._costs_items()))

    def _expected_costs(self, amount, line):
        """What of ``amount`` is more than the items take, up to the costs claimed."""
        spare = self.currency_id.round(amount - self._matched_part(line) - self.open_amount)
        return min(self._costs_left(), max(0.0, spare))

    def _check_costs(self, costs, amount):
        compare = self.currency_id.compare_amounts
        if compare(costs, 0) < 0 or compare(costs, min(amount, self._costs_left())) > 0:
            raise UserError(self.env._("Of what came in, no more than %s is for costs.", self.currency_id.format(min(amount, self._costs_left()))))

    def _book_costs(self, costs, on, receivable):
        """Costs are claimed besides the books: what came in for them is an income, and no credit of the customer."""
        account = self.company_id.collection_handover_costs_account_id
        if not account:
            raise UserError(self.env._("No account for the costs of handovers is set. Choose it in the settings of Collections."))
        common = {"partner_id": self.partner_id.id, "tax_ids": []}
        return self._book("costs", self.env._("%(handover)s: costs", handover=self.name), on,
                          {**common, "account_id": receivable.id, "amount_currency": costs}, {**common, "account_id": account.id, "amount_currency": -costs})
