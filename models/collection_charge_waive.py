from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..engine import waiver
from .collection_charge import MANAGER

LATELY = 30  # days over which what collectors waive is added up


class CollectionCharge(models.Model):
    """What is forgiven: a line, a whole charge, or whatever is paid for in time; and what is cancelled to be charged anew."""

    _inherit = "collection.charge"

    def _check_waive(self, lines):
        """Collectors forgive a customer as much within a month as they may write off, taxes included; credit managers any amount."""
        self._check_group()
        if self.env.su or self.env.user.has_group(MANAGER):
            return
        if any(charge.currency_id.compare_amounts(charge.amount, 0) < 0 for charge in self):
            raise UserError(self.env._("A credit for the customer is waived by a credit manager only."))
        for profile, some in lines.grouped("profile_id").items():
            company = profile.company_id
            amount = some._with_tax(company) + profile.sudo()._waived_lately()  # sudo: the limit is one for all collectors
            if company.currency_id.compare_amounts(amount, company.collection_write_off_max) > 0:
                raise UserError(self.env._("Collectors may waive up to %(most)s a month for %(customer)s. Ask a credit manager.",
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
            mine.write({"waived_on": charge.company_id._collection_today(), "waived_by": self.env.uid})
            if charge.state == "posted" and charge.move_id:
                notes |= charge._credit_lines(mine, reason)
            elif charge.move_id:
                raise UserError(self.env._("The bill of %s is set back to draft: post it, or cancel it, before anything of it is waived.", charge.display_name))
            else:
                mine.state = "waived"
            charge.write({"waive_reason": reason, "waived_by": self.env.uid, "waive_until": False})
            charge._settle()
            charge.message_post(body=self.env._("Waived: %(what)s. %(reason)s", what=", ".join(mine.mapped("text")), reason=reason))
        return notes

    # ------------------------------------------------------------------ credit notes

    def _credit_lines(self, lines, reason):
        """A posted credit note over lines of the ledger, taxed as the bill was; the last one takes what is left to the cent.

        What a correction took off them already is not credited again, so the correction is settled with them.
        """
        self.ensure_one()
        corrections = self._corrections_of(lines)
        rest = self._uncredited_with(corrections)
        if self.currency_id.compare_amounts(rest, 0) <= 0:  # credited already
            (lines | corrections).state = "waived"
            corrections.charge_id._settle()
            return self.env["account.move"]
        if self.line_ids._billable() - lines:
            note = self._make_line_note(lines, reason)
        else:
            note = self.move_id._make_part_credit_note(rest, reason, self.env._("Waived: %s", self.name), f"charge,{self.id}")
        (lines | corrections).credit_move_id = note
        note.action_post()
        return note

    def _corrections_of(self, lines):
        """The credits, billed by themselves, for what these lines charged too much; they go with the lines, or not at all."""
        Line = self.env["collection.charge.line"]
        corrections, covered = Line.browse(), Line.browse()
        for kind, correction in (("interest", "correction"), ("fixed", "fixed_correction")):
            items = lines.filtered(lambda line, kind=kind: line.kind == kind).item_id
            found = Line.search([("kind", "=", correction), ("state", "=", "posted"), ("charge_id", "!=", self.id), ("item_id", "in", items.ids)])
            corrections |= found
            covered |= Line.search([("kind", "=", kind), ("state", "=", "posted"), ("item_id", "in", found.item_id.ids)])
        others = corrections.charge_id.line_ids._billable() - corrections
        if corrections and (others or covered - lines or self.line_ids._billable() - lines):
            raise UserError(self.env._(
                "%(charge)s was corrected by %(correction)s since, together with other charges. Leave it, or credit a part of the bill by hand.",
                charge=self.display_name, correction=", ".join(corrections.charge_id.mapped("name"))))
        return corrections

    def _uncredited_with(self, corrections):
        """What is left of the bill once its corrections are taken off."""
        return self.currency_id.round(self._uncredited() - sum(charge._uncredited() for charge in corrections.charge_id))

    def _make_line_note(self, lines, reason):
        bill = self.move_id
        today = self.company_id._collection_today()
        sign = 1 if bill.move_type == "out_invoice" else -1
        commands = [Command.create({
            "product_id": line.product_id.id, "name": self.env._("Waived: %s", line.name), "quantity": 1, "account_id": line.account_id.id,
            "price_unit": self._gross(sign * self.currency_id.round(sum(some.mapped("amount"))), line.tax_ids.filtered("price_include")), "tax_ids": [Command.set(line.tax_ids.ids)],
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

    # ------------------------------------------------------------------ cancelling

    def action_reverse(self):
        """Credit the whole bill and give its days free: the next run charges them as it should have been."""
        self._check_group(MANAGER)
        for charge in self.sudo():  # sudo: as in _waive
            if charge.state == "posted":
                charge._reverse()
            else:
                charge._cancel()
        return True

    def _reverse(self):
        """Credit what is left of the bill, less what corrections took off; they are forgotten with it."""
        lines = self.line_ids._billable()
        corrections = self._corrections_of(lines)
        rest = self._uncredited_with(corrections) if self.move_id else 0
        (lines | corrections).state = "reversed"
        (self | corrections.charge_id)._transition("reversed")
        (self | corrections.charge_id)._sum_up()
        if self.currency_id.compare_amounts(rest, 0) > 0:
            reason = self.env._("%s cancelled", self.name)
            note = self.move_id._make_part_credit_note(rest, reason, reason, f"charge,{self.id}")
            (lines | corrections).credit_move_id = note
            note.action_post()

    # ------------------------------------------------------------------ waived if paid by

    def _promise_waiver(self, until, reason):
        """Forgive these charges if the invoices they are on are paid by a day; the bill says so."""
        for charge in self.sudo():  # sudo: as in _waive
            charge.write({"waive_until": until, "waive_reason": reason, "waived_by": self.env.uid})
            if charge.move_id:
                lang = charge.profile_id.partner_id.lang or self.env.lang
                charge.move_id.narration = charge.with_context(lang=lang)._prepare_narration()
                charge.mailed_on = False  # sent again: the customer is to know of it
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
    waived_on = fields.Date(readonly=True)
    waived_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    def _with_tax(self, company):
        """What lines come to with their taxes, in the company's currency; taxes are looked up once a charge and kind."""
        today, total = company._collection_today(), 0.0
        for (charge, kind), some in self.sudo().grouped(lambda line: (line.charge_id, line.kind)).items():  # sudo: products and taxes
            taxes = charge._taxes_of(kind)
            total += sum(line.currency_id._convert(charge._gross(line.amount, taxes), company.currency_id, company, today) for line in some)
        return total


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    def _waived_lately(self):
        """What collectors waived for this customer within a month, taxes included, company currency."""
        since = self.company_id._collection_today() - timedelta(days=LATELY)
        lines = self.env["collection.charge.line"].search([("profile_id", "=", self.id), ("state", "=", "waived"), ("waived_on", ">=", since)])
        return lines.filtered(lambda line: not line.waived_by.has_group(MANAGER))._with_tax(self.company_id)
