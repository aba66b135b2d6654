from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from .bulk import insert_rows

BILL_BATCH = 20


class CollectionCharge(models.Model):
    """From the reckoning to drafts, and from drafts to taxed bills."""

    _inherit = "collection.charge"

    # ------------------------------------------------------------------ drafts

    @api.model
    def _record(self, run, found):
        """Drafts for ``{profile: [Line]}``: one a customer, currency and company that billed, all lines in two statements."""
        groups = defaultdict(list)
        for profile, lines in found.items():
            for line in lines:
                groups[profile, line.row.currency, line.row.company].append(line)
        rules = {profile: rule.id for profile, rule in self.env["credit.profile"].browse(profile.id for profile in found)._charge_rules().items()}
        charges = insert_rows(self, [{
            "name": "/", "run_id": run.id, "company_id": profile.company_id.id, "booking_company_id": company, "profile_id": profile.id,
            "rule_id": rules.get(profile), "currency_id": currency, "date_to": run._until(), "state": "draft",
            "amount": float(sum(line.amount for line in lines))} for (profile, currency, company), lines in groups.items()])
        insert_rows(self.env["collection.charge.line"], [
            values for charge, lines in zip(charges, groups.values()) for values in charge._prepare_lines(lines)])
        charges.invalidate_recordset()
        return charges

    def _prepare_lines(self, lines):
        """The values of ledger lines, each column given."""
        common = {"charge_id": self.id, "company_id": self.company_id.id, "profile_id": self.profile_id.id, "currency_id": self.currency_id.id,
                  "state": "draft"}
        return [{**common, **self._prepare_line(line)} for line in lines]

    def _prepare_line(self, line):
        row, segment = line.row, line.segment
        return {
            "kind": line.kind, "item_id": row.id, "move_id": row.move, "document": row.document or "/", "due": row.due,
            "date_from": segment and segment.start, "date_to": segment and segment.end, "days": segment and segment.days or 0,
            "balance": float(segment.balance) if segment else 0.0, "rate": float(segment.rate) if segment else 0.0,
            "amount": float(line.amount), "code": line.code, "level_id": line.level, "action_id": line.action, "basis": line.basis}

    # ------------------------------------------------------------------ posting

    def action_post(self):
        """Bill drafts, after a last look at what was paid or decided since."""
        self._check_group()
        self.sudo()._bill()  # sudo: the ledger of charges is written by methods only
        return True

    def _bill(self):
        """Bill what still holds; what changed since is reckoned anew and stays a draft for another look."""
        drafts = self.filtered(lambda charge: charge.state == "draft")
        drafts.lock_for_update()
        ready = drafts._reckon_anew()
        for company, charges in ready.grouped("booking_company_id").items():
            charges._check_bill(company)
            charges.with_company(company)._make_bills()
        return ready

    def _reckon_anew(self):
        """The drafts that still hold. The lines of the others are what is to be charged by now, or nothing."""
        held = self.filtered(lambda charge: not charge.run_id or charge.move_id)
        for run, charges in (self - held).grouped("run_id").items():
            held |= charges._compare(run)
        return held

    def _compare(self, run):
        """Those of one run whose lines come out the same again."""
        before = {charge: charge._fingerprint() for charge in self}
        waiting = self.line_ids.filtered(lambda line: line.state == "draft")
        waiting.state = "reversed"  # so that their days are free for the second look
        waiting.flush_recordset()
        found, _counts = self.env["collection.charge.reckoner"]._reckon(
            self.company_id, self.profile_id, run._until(), self.company_id._collection_today())
        same = self.browse()
        for charge in self:
            lines = [line for line in found.get(charge.profile_id.id, ())
                     if (line.row.currency, line.row.company) == (charge.currency_id.id, charge.booking_company_id.id)]
            if charge._fingerprint_of(lines) == before[charge]:
                same |= charge
            else:
                charge._replace_lines(lines)
        (waiting & same.line_ids).state = "draft"
        return same

    def _fingerprint(self):
        return sorted((line.kind, line.item_id.id, line.level_id.id, line.date_from or None, line.date_to or None, f"{line.amount:.4f}")
                      for line in self.line_ids if line.state == "draft")

    def _fingerprint_of(self, lines):
        return sorted((line.kind, line.row.id, line.level or False, line.segment and line.segment.start, line.segment and line.segment.end,
                       f"{float(line.amount):.4f}") for line in lines)

    def _replace_lines(self, lines):
        """What is to be charged by now, instead of what was prepared."""
        self.line_ids.filtered(lambda line: line.state == "reversed").unlink()
        self.env.flush_all()
        insert_rows(self.env["collection.charge.line"], self._prepare_lines(lines))
        self.invalidate_recordset(["line_ids"])
        self._sum_up()
        self.rule_id = self.profile_id._charge_rules().get(self.profile_id) or self.rule_id
        if lines:
            self.changed = True
        else:
            self._transition("reversed" if not self.line_ids else "waived")

    def _check_bill(self, company):
        if not company._charge_journal():
            raise UserError(self.env._("%s has no journal of sales to bill charges in.", company.display_name))
        for kind in set(self.line_ids.mapped("kind")):
            if not company._charge_product(kind):
                raise UserError(self.env._("No product for charges is chosen. A credit manager chooses it in the settings of Collections."))

    def _make_bills(self):
        """One posted bill for each charge. One that was set back is posted again; what comes to nothing needs none."""
        known = self.filtered("move_id")
        known.move_id.filtered(lambda move: move.state == "draft").action_post()
        even = (self - known).filtered(lambda charge: charge.currency_id.is_zero(charge.amount))
        even._mark_charged()
        (self - known - even)._make_bill()

    def _make_bill(self, values=None):
        """The posted bill of each, in the language of the customer; ``values`` of it that were agreed on."""
        for lang, charges in self.grouped(lambda charge: charge.profile_id.partner_id.lang or self.env.lang).items():
            charges.with_context(lang=lang)._book(values or {})

    def _book(self, values):
        """Together: core takes far longer to make invoices one by one."""
        moves = self.env["account.move"].create([{**charge._prepare_bill(), **values} for charge in self])
        for charge, move in zip(self, moves):
            charge._link_lines(move)
            charge.move_id = move
        moves.action_post()
        for charge in self.filtered(lambda charge: charge.move_id.move_type == "out_refund"):
            charge._match_corrections()

    def _match_corrections(self):
        """A credit for what was charged too much settles the charges on the same invoices first."""
        owed = self._on(self.line_ids.item_id).filtered(lambda charge: charge.currency_id == self.currency_id).item_id
        (owed | self.item_id).filtered(lambda item: not item.reconciled and item.account_id == self.item_id.account_id).reconcile()

    def _prepare_bill(self):
        """The bill: an invoice, or a credit note where corrections come to more than what is charged."""
        company, today = self.booking_company_id, self.company_id._collection_today()
        sign = 1 if self.amount > 0 else -1
        partner = self.env["res.partner"].browse(self.profile_id.partner_id.address_get(["invoice"])["invoice"])
        taxes = {kind: self._taxes_of(kind) for kind in set(self.line_ids._billable().mapped("kind"))}
        return {
            "move_type": "out_invoice" if sign > 0 else "out_refund", "company_id": company.id, "journal_id": company._charge_journal().id,
            "partner_id": partner.id, "currency_id": self.currency_id.id, "invoice_date": today, "invoice_payment_term_id": False,
            "invoice_date_due": self._due_day(today), "collection_charge_id": self.id, "invoice_user_id": False, "narration": self._prepare_narration(),
            "invoice_line_ids": [Command.create(self._prepare_bill_line(lines, sign, taxes[lines[0].kind])) for lines in self._bill_groups()]}

    def _due_day(self, today):
        return self.env["collection.reader"]._read_calendars(self.company_id, (), today)[None].next_working_day(
            today.fromordinal(today.toordinal() + self.company_id.collection_charge_days))

    def _prepare_narration(self):
        if self.waive_until:
            return self.env._("This bill is cancelled if the invoices named in it are paid by %s.", format_date(self.env, self.waive_until))
        return self.rule_id.note or False

    def _bill_groups(self):
        """Lines that make one line of the bill: those of an invoice and a kind."""
        return self.line_ids._billable().grouped(lambda line: (line.document, line.kind, line.level_id.id)).values()

    def _prepare_bill_line(self, lines, sign, taxes):
        """A line of the bill; ``sign`` is -1 on a credit note. Taxes are spelled out: core would fall back to those of the income account."""
        net = sign * self.currency_id.round(sum(lines.mapped("amount")))
        return {"product_id": self.booking_company_id._charge_product(lines[0].kind).id, "tax_ids": [Command.set(taxes.ids)],
                "name": lines._bill_sentence(), "quantity": 1, "price_unit": self._gross(net, taxes.filtered("price_include"))}

    def _gross(self, net, taxes):
        """``net`` with ``taxes`` on top: what is charged is without tax, also where a product's price includes it."""
        return taxes.compute_all(net, currency=self.currency_id, handle_price_include=False)["total_included"] if taxes else net

    def _taxes_of(self, kind):
        """The taxes of a kind of charge for this customer."""
        taxes = self.booking_company_id._charge_product(kind).taxes_id._filter_taxes_by_company(self.booking_company_id)
        position = self.env["account.fiscal.position"].with_company(self.booking_company_id)._get_fiscal_position(self.profile_id.partner_id)
        return position.map_tax(taxes)

    def _link_lines(self, move):
        """Which line of the bill a line of the ledger is on."""
        products = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        for lines, line in zip(self._bill_groups(), products.sorted("id")):
            lines.invoice_line_id = line
