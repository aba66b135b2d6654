from psycopg2 import IntegrityError

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import mute_logger

LIVE = ("draft", "posted")


class CollectionCharge(models.Model):
    """What is done to bills and their credit notes in the books is done to the ledger of charges."""

    _inherit = "collection.charge"

    def _mark_charged(self):
        """The lines are charged: by the bill that was posted, or because they come to nothing together."""
        for charge in self:
            charge.line_ids.filtered(lambda line: line.state in LIVE).state = "posted"
            charge._transition("posted", posted_on=charge.company_id._collection_today(), name=charge.move_id.name or charge.name, changed=False, problem=False)

    def _follow_bill(self, state):
        """The bill was posted, or set back."""
        if state == "draft":
            back = self.filtered(lambda charge: charge.state in LIVE)
            back.line_ids.filtered(lambda line: line.state in LIVE).state = "draft"
            back._transition("draft")
            return
        for charge in self.filtered(lambda charge: charge.state == "reversed"):
            charge._take_days_back(charge.line_ids.filtered(lambda line: line.state == "reversed"))
        open_ones = self.filtered(lambda charge: charge.state != "waived")
        for charge in open_ones:
            charge._check_bill_amount()
        open_ones._mark_charged()

    def _check_bill_amount(self):
        """A bill that says something else than the ledger is not posted."""
        billed = self.move_id.amount_untaxed * (-1 if self.move_id.move_type == "out_refund" else 1)
        # a cent a line: where a price includes its tax, the net amount is core's
        if abs(billed - self.amount) > self.currency_id.rounding * max(1, len(self.move_id.invoice_line_ids)) + self.currency_id.rounding / 2:
            raise UserError(self.env._(
                "The bill of %(charge)s comes to %(billed)s without tax, the charge to %(charged)s. Put the lines of the bill back, or cancel it and prepare the charge anew.",
                charge=self.display_name, billed=self.currency_id.format(billed), charged=self.currency_id.format(self.amount)))

    def _take_days_back(self, lines):
        """What was cancelled counts again, unless its days were charged anew."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                lines.write({"state": "posted", "credit_move_id": False})
                lines.flush_recordset()
        except IntegrityError as error:
            raise UserError(self.env._("The days of %s were charged anew since it was cancelled. Cancel the new charge first.", self.display_name)) from error
        self._sum_up()
        self._transition("posted")

    def _cancel(self):
        """Their days are free again: what was prepared or billed is as if it had never been. A bill in draft goes with it."""
        live = self.filtered(lambda charge: charge.state in LIVE)
        for charge in live:
            charge.line_ids.filtered(lambda line: line.state != "waived").state = "reversed"
            charge._sum_up()
            charge._transition("reversed")
        bills = live.move_id.filtered(lambda move: move.state == "draft")
        if bills:
            bills.button_cancel()

    def _follow_note(self, note):
        """A credit note on the bill was posted or set back, here or by an accountant."""
        lines = self.env["collection.charge.line"].search([("credit_move_id", "=", note.id)])
        if note.state != "posted":
            self._reopen(lines)
        elif lines:
            lines.filtered(lambda line: line.state == "posted").state = "waived"
        else:
            for charge in self.filtered(lambda charge: charge.currency_id.compare_amounts(charge._uncredited(), 0) <= 0):
                charge.line_ids.filtered(lambda line: line.state == "posted").write({"state": "waived", "credit_move_id": note.id})
        (self | lines.charge_id)._settle()

    def _reopen(self, lines):
        """What a credit note took off is owed again."""
        for charge, some in lines.filtered(lambda line: line.state == "reversed").grouped("charge_id").items():
            charge._take_days_back(some)
        lines.filtered(lambda line: line.state == "waived").write({"state": "posted", "credit_move_id": False})
        for charge in self:  # several credit notes together had taken off all of it
            if charge.move_id.state == "posted" and charge.currency_id.compare_amounts(charge._uncredited(), 0) > 0 and not charge.line_ids._billable():
                charge.line_ids.filtered(
                    lambda line: line.state == "waived" and line.credit_move_id.reversed_entry_id == line.charge_id.move_id
                ).write({"state": "posted", "credit_move_id": False})

    def _settle(self):
        """The state that follows from the lines."""
        for charge in self:
            charge._sum_up()
            if charge.state in LIVE and not charge.line_ids._billable():
                charge._transition("waived")
            elif charge.state == "waived" and charge.line_ids.filtered(lambda line: line.state == "posted"):
                charge._transition("posted")

    # ------------------------------------------------------------------ amounts of the bill

    def _uncredited(self):
        """What of the bill no posted credit note took off yet, taxes included."""
        return self.currency_id.round(self.move_id.amount_total - sum(self._credit_notes().mapped("amount_total")))
