from odoo import models
from odoo.fields import Command


class AccountMove(models.Model):
    """Credit notes over a part of an invoice, its taxes brought down with it."""

    _inherit = "account.move"

    def _make_part_credit_note(self, amount, ref, line_name, key):
        """A draft credit note of ``amount``, taxes included, on this invoice, to the cent; posting it sets it off.

        ``amount`` is in the currency of the invoice, ``key`` tells apart what the amounts are worked out for. The whole
        invoice is reversed as core does it.
        """
        self.ensure_one()
        today = self.company_id.root_id._collection_today()
        values = {"invoice_date": today, "invoice_date_due": today, "invoice_payment_term_id": False, "ref": ref, "invoice_origin": self.name}
        if self.currency_id.compare_amounts(amount, self.amount_total) == 0:
            note = self._reverse_moves([values])
        else:
            note = self.create({
                **values, "move_type": "out_refund", "partner_id": self.partner_id.id, "journal_id": self.journal_id.id,
                "company_id": self.company_id.id, "currency_id": self.currency_id.id, "fiscal_position_id": self.fiscal_position_id.id,
                "invoice_user_id": self.invoice_user_id.id, "reversed_entry_id": self.id,
                "invoice_line_ids": self._prepare_part_lines(amount, line_name, key)})
        note._add_rounding(amount, line_name)
        return note

    def _prepare_part_lines(self, amount, line_name, key):
        """The invoice's lines, account by account and tax by tax, brought down to ``amount`` by core, to the cent."""
        Tax = self.env["account.tax"]
        base_lines, _tax_lines = self._get_rounded_base_and_tax_lines()

        def by_account(base_line):
            return {"account_id": base_line["account_id"], "analytic_distribution": base_line["analytic_distribution"]}

        lines = Tax._reduce_base_lines_to_target_amount(
            base_lines, self.company_id, "fixed", amount, computation_key=key, grouping_function=by_account)
        Tax._fix_base_lines_tax_details_on_manual_tax_amounts(lines, self.company_id)
        return [Command.create({
            "name": line_name, "quantity": line["quantity"], "price_unit": line["price_unit"], "account_id": line["account_id"].id,
            "tax_ids": [Command.set(line["tax_ids"].ids)], "analytic_distribution": line["analytic_distribution"],
            "extra_tax_data": Tax._export_base_line_extra_tax_data(line)}) for line in lines]

    def _add_rounding(self, amount, line_name):
        """A line of its own for what core's way to bring lines down misses in currencies of three decimals."""
        missing = self.currency_id.round(amount - self.amount_total)
        if missing:
            line = self.invoice_line_ids.sorted("price_subtotal")[-1:]
            self.write({"invoice_line_ids": [Command.create({
                "name": line_name, "quantity": 1, "price_unit": missing, "account_id": line.account_id.id,
                "analytic_distribution": line.analytic_distribution, "tax_ids": [Command.clear()]})]})
