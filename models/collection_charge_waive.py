from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..engine import waiver
from .collection_charge import MANAGER


class CollectionCharge(models.Model):
    """What is forgiven: a line, a whole charge, or whatever is paid for in time; and what is cancelled to be charged anew."""

    _inherit = "collection.charge"

    def _check_waive(self, lines):
        """Collectors forgive as much as they may write off, for a customer at a time; credit managers any amount."""
        self._check_group()
        if self.env.su or self.env.user.has_group(MANAGER):
            return
        for profile, some in lines.grouped("profile_id").items():
            company = profile.company_id
            amount = sum(line.currency_id._convert(line.amount, company.currency_id, company, company._collection_today()) for line in some)
            if company.currency_id.compare_amounts(amount, company.collection_write_off_max) > 0:
                raise UserError(self.env._("Collectors may waive up to %(most)s for %(customer)s. Ask a credit manager.",
                                           most=company.currency_id.format(company.collection_write_off_max), customer=profile.display_name))

    def _waive(self, reason, lines=None):
        """Forgive ``lines``, by default all: drafts lose them, bills get a credit note that is matched with them.

        The days stay taken: they are not charged again. Returns the credit notes.
        """
        notes = self.env["account.move"]
        for charge in self.sudo():  # sudo: the ledger of charges is written by methods only
            mine = (charge.line_ids if lines is None else lines.sudo() & charge.line_ids)._billable()
            if not mine:
                continue
            if charge.state == "posted":
                notes |= charge._credit_lines(mine, reason)
            else:
                mine.state = "waived"
                charge._sum_up()
            charge.write({"waive_reason": reason, "waived_by": self.env.uid, "waive_until": False})
            charge._settle()
            charge.message_post(body=self.env._("Waived: %(what)s. %(reason)s", what=", ".join(mine.mapped("text")), reason=reason))
        return notes

    def _settle(self):
        """The state that follows from the lines."""
        for charge in self:
            charge._sum_up()
            if charge.state in ("draft", "posted") and not charge.line_ids._billable():
                charge._transition("waived")
            elif charge.state == "waived" and charge.line_ids.filtered(lambda line: line.state == "posted"):
                charge._transition("posted")

    # ------------------------------------------------------------------ credit notes

    def _credit_lines(self, lines, reason):
        """A posted credit note over lines of the ledger, taxed as the bill was; the last one takes what is left to the cent."""
        self.ensure_one()
        rest = self.line_ids._billable() - lines
        if rest:
            note = self._make_line_note(lines, reason)
        else:
            note = self.move_id._make_part_credit_note(self._uncredited(), reason, self.env._("Waived: %s", self.name), f"charge,{self.id}")
        lines.credit_move_id = note
        note.action_post()
        return note

    def _uncredited(self):
        """What of the bill no posted credit note took off yet, taxes included."""
        return self.currency_id.round(self.move_id.amount_total - sum(self._credit_notes().mapped("amount_total")))

    def _make_line_note(self, lines, reason):
        bill = self.move_id
        today = self.company_id._collection_today()
        sign = 1 if bill.move_type == "out_invoice" else -1
        commands = [Command.create({
            "product_id": line.product_id.id, "name": self.env._("Waived: %s", line.name), "quantity": 1, "account_id": line.account_id.id,
            "price_unit": sign * self.currency_id.round(sum(some.mapped("amount"))), "tax_ids": [Command.set(line.tax_ids.ids)],
            "analytic_distribution": line.analytic_distribution}) for line, some in lines.grouped("invoice_line_id").items()]
        return self.env["account.move"].create({
            "move_type": "out_refund" if sign > 0 else "out_invoice", "partner_id": bill.partner_id.id, "journal_id": bill.journal_id.id,
            "company_id": bill.company_id.id, "currency_id": bill.currency_id.id, "fiscal_position_id": bill.fiscal_position_id.id,
            "invoice_date": today, "invoice_date_due": today, "invoice_payment_term_id": False, "ref": reason, "invoice_origin": bill.name,
            "reversed_entry_id": bill.id, "invoice_line_ids": commands})

    def _credit_part(self, amount, why):
        """Credit ``amount``, taxes included, of posted charges, as of interest that is not earned any more; returns the credit note."""
        self.ensure_one()
        charge = self.sudo()  # sudo: as in _waive
        amount = min(amount, charge._uncredited())
        if charge.currency_id.compare_amounts(amount, 0) <= 0:
            return self.env["account.move"]
        note = charge.move_id._make_part_credit_note(amount, why, why, f"charge part,{charge.id}")
        note.action_post()
        return note

    def _follow_note(self, note):
        """A credit note on the bill was posted or set back, here or by an accountant: the ledger says so."""
        for charge in self:
            mine = charge.line_ids.filtered(lambda line: line.credit_move_id == note)
            if note.state != "posted":
                mine.filtered(lambda line: line.state == "waived").write({"state": "posted", "credit_move_id": False})
            elif mine:
                mine.filtered(lambda line: line.state == "posted").state = "waived"
            elif charge.currency_id.compare_amounts(charge._uncredited(), 0) <= 0:
                charge.line_ids.filtered(lambda line: line.state == "posted").write({"state": "waived", "credit_move_id": note.id})
            charge._settle()

    # ------------------------------------------------------------------ cancelling

    def action_reverse(self):
        """Credit the whole bill and give its days free: the next run charges them as it should have been."""
        self._check_group(MANAGER)
        for charge in self.sudo():  # sudo: as in _waive
            if charge.state == "posted" and charge.currency_id.compare_amounts(charge._uncredited(), 0) > 0:
                reason = self.env._("%s cancelled", charge.name)
                note = charge.move_id._make_part_credit_note(charge._uncredited(), reason, reason, f"charge,{charge.id}")
                charge.line_ids._billable().write({"state": "reversed", "credit_move_id": note.id})
                charge._transition("reversed")
                charge._sum_up()
                note.action_post()
            elif charge.state == "draft":
                charge._cancel()
        return True

    # ------------------------------------------------------------------ waived if paid by

    def _promise_waiver(self, until, reason):
        """Forgive these charges if the invoices they are on are paid by a day; the bill says so."""
        for charge in self.sudo():  # sudo: as in _waive
            charge.write({"waive_until": until, "waive_reason": reason, "waived_by": self.env.uid})
            if charge.move_id:
                charge.message_post(body=self.env._("Waived if the invoices are paid by %(day)s. %(reason)s", day=format_date(self.env, until), reason=reason))

    @api.model
    def _judge_waivers(self, profiles, today):
        """Nightly: forgive what was paid for in time, and let lapse what was not."""
        waiting = self.search([("profile_id", "in", profiles.ids), ("waive_until", "!=", False), ("state", "in", ("draft", "posted"))])
        if not waiting:
            return
        items = waiting.line_ids.item_id
        entries = self.env["collection.reader"]._read_charge_entries(items.ids)
        for charge in waiting:
            owed = tuple((item.currency_id.compare_amounts(item.amount_residual_currency, 0) > 0,
                          max((entry.on for entry in entries.get(item.id, ())), default=None)) for item in charge.line_ids.item_id)
            until = charge.company_id._promise_last_day(charge.waive_until)
            outcome = charge._decide_waiver(owed, until, today)
            if outcome == waiver.WAIVE:
                charge._waive(charge.waive_reason or self.env._("Paid in time"))
            elif outcome == waiver.LAPSED:
                charge.waive_until = False
                charge.message_post(body=self.env._("Not paid by %s: the charge stands.", format_date(self.env, until)))

    def _decide_waiver(self, owed, until, today):
        return waiver.judge(owed, until, today)


class CollectionChargeLine(models.Model):
    _inherit = "collection.charge.line"

    credit_move_id = fields.Many2one("account.move", "Credit note", index="btree_not_null", ondelete="set null", readonly=True)
