from odoo import models
from odoo.exceptions import UserError

from .collection_handover import MANAGER
from .collection_settlement import MONEY


class CollectionHandover(models.Model):
    """Money that the agency sends, and what it keeps of it. What it kept was paid by the customer all the same."""

    _inherit = "collection.handover"

    def action_recover(self):
        """Ask what came in."""
        self.ensure_one()
        self._check_recover()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_handover_recovery_action")
        return dict(action, context={"default_handover_id": self.id, "dialog_size": "large"})

    def _check_recover(self):
        self._check_group(MANAGER)
        self.check_access("read")

    def _recover(self, amount, fee, kept, on, journal, line, by, costs=0.0):
        """Book ``amount`` that the agency collected, its ``fee`` without taxes, ``kept`` from the payment or billed besides.

        ``line`` is money that is in the books already, matched with the case or with nothing; without one a payment is registered in ``journal``.
        ``costs`` of it are for what is claimed besides the books. Without an amount it is a fee that the agency bills.
        """
        self._check_recover()
        system = self._locked("handed", "closed")
        gross = system._fee_gross(fee)
        system._check_recovery(amount, gross, kept, on)
        system._check_costs(costs, amount)
        net = system.currency_id.round(amount - gross) if kept else amount
        if line:
            system._check_money(line, net)
        elif net:
            system._check_journal(journal)
        line = line.sudo()  # sudo: money for these items, checked above
        account = system._recovery_account(system.currency_id.round(amount - costs - system._matched_part(line)), line)
        money = line or system._register_payment(net, on, journal, account)
        lines, moves = money, money.move_id
        if gross and kept:
            lines += system._book_kept_fee(fee, gross, on, by, account)
        if gross and (by == "bill" or not kept):
            moves |= system._draft_bill(fee, on, "kept_bill" if kept else "bill")
        if costs:
            system._book_costs(costs, on, account)
        kind = "recovery" if amount else "fee"
        self._log(kind, self._say(kind), amount=amount, fee=gross, move_id=moves[:1].id, on=on)
        system._match(lines)
        system._ask_about_rest(lines)
        system._judge(system.company_id._collection_today())

    # ------------------------------------------------------------------ checks

    def _check_recovery(self, amount, gross, kept, on):
        compare = self.currency_id.compare_amounts
        if not self.handed_on:
            raise UserError(self.env._("%s was closed before it was handed over.", self.name))
        if compare(amount, 0) < 0 or not amount and (kept or not gross):
            raise UserError(self.env._("Enter what came in, or a fee that the agency bills."))
        if gross < 0 or kept and compare(gross, amount) > 0:
            raise UserError(self.env._("The fee cannot be more than what came in."))
        if gross:
            self.agency_id.sudo()._check_fee_taxes()  # sudo: as _fee_taxes
        if on > self.company_id._collection_today():
            raise UserError(self.env._("Money is booked when it has come in: choose a day that is not in the future."))

    def _check_money(self, line, net):
        """Money in the books is of the customer or the agency, as much as came in, and matched with nothing else."""
        line.check_access("read")
        line = line.sudo()  # sudo: reading it was checked
        known = (self.partner_id | self.agency_id.partner_id).commercial_partner_id
        found = self.currency_id.round(self._matched_part(line) - line.amount_residual_currency)
        if (line.partner_id.commercial_partner_id not in known or line.company_id.root_id != self.company_id or line.parent_state != "posted"
                or line.account_type != "asset_receivable" or line.currency_id != self.currency_id or found <= 0):
            raise UserError(self.env._("%s is no unmatched payment of the customer or the agency.", line.display_name))
        if self.currency_id.compare_amounts(found, net):
            raise UserError(self.env._("The payment is %(found)s, but %(wanted)s is to come in after the fee. Correct the amount or the fee.",
                                       found=self.currency_id.format(found), wanted=self.currency_id.format(net)))

    def _matched_money(self):
        """Money since the handover that somebody matched with the case before it was booked here as the agency's."""
        system = self.sudo()  # sudo: which entries they are; the dialog shows those that the user may read
        noted = system.event_ids.filtered(lambda event: event.kind == "recovery").move_id
        return system.line_ids.item_id.matched_credit_ids.credit_move_id.filtered(lambda line: (
            line.parent_state == "posted" and line.journal_id.type in MONEY and system.handed_on and line.date >= system.handed_on
            and not line.move_id.collection_handover_id and line.move_id not in noted))

    def _matched_part(self, line):
        """How much of such money the case has already."""
        system = self.sudo()  # sudo: as in _matched_money
        if not line or line not in system._matched_money():
            return 0.0
        partials = line.sudo().matched_debit_ids.filtered(lambda one: one.debit_move_id in system.line_ids.item_id)  # sudo: as above
        return sum(partials.mapped("credit_amount_currency"))

    def _check_journal(self, journal):
        journal.check_access("read")
        if journal.type not in ("bank", "cash") or journal.company_id.root_id != self.company_id:
            raise UserError(self.env._("Choose by which of the company's bank or cash journals the money came in."))

    def _recovery_account(self, amount, line):
        """The receivable account on which money settles items; money on one of them settles nothing on another."""
        claimed = self._open_items()
        accounts = self.env["account.account"].union(*(item.account_id for item in claimed))
        account = line.account_id or accounts[:1] or self.line_ids.item_id.account_id[:1]
        here = sum(amount for item, amount in claimed.items() if item.account_id == account)
        if accounts - account and self.currency_id.compare_amounts(amount, here) > 0:
            raise UserError(self.env._(
                "The invoices are on several accounts: %(open)s is open on %(account)s, but %(amount)s came in. Book it in parts, one for each account.",
                open=self.currency_id.format(here), account=account.display_name, amount=self.currency_id.format(amount)))
        return account

    # ------------------------------------------------------------------ the money

    def _register_payment(self, net, on, journal, account):
        """The customer's payment, as it came by way of the agency: its receivable journal item."""
        if not net:
            return self.env["account.move.line"]
        payment = self.env["account.payment"].with_company(journal.company_id).create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.partner_id.id, "amount": net, "currency_id": self.currency_id.id,
            "date": on, "journal_id": journal.id, "memo": self.env._("%(handover)s: %(agency)s", handover=self.name, agency=self.agency_id.name),
            **({"destination_account_id": account.id} if account else {})})
        payment.action_post()
        if not payment.move_id:
            raise UserError(self.env._("%s books payments with the bank statement only. Book the statement first, then choose the payment here.",
                                       journal.display_name))
        payment.move_id.write({"collection_handover_id": self.id, "collection_handover_use": "recovery"})
        return payment.move_id.line_ids.filtered(lambda one: one.account_id == payment.destination_account_id)

    def _open_items(self):
        """What is claimed and open, with how much: what stays here in part comes last, so that it takes nothing from the others.

        Otherwise invoices before charges, the oldest first.
        """
        claimed = {item: amount for item, amount in self._claimed().items() if item.parent_state == "posted" and not item.reconciled}
        return dict(sorted(claimed.items(), key=lambda pair: (
            self.currency_id.compare_amounts(pair[1], pair[0].amount_residual_currency) < 0, bool(pair[0].move_id.collection_charge_id),
            pair[0].date_maturity or pair[0].date, pair[0].id)))

    def _match(self, lines):
        """Costs that were named come first, then what is claimed."""
        for item in (*self._costs_items().filtered(lambda item: not item.reconciled), *self._open_items()):
            rest = lines.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
            if rest:
                (rest + item).reconcile()

    def _ask_about_rest(self, lines):
        """What nothing was open for is the customer's: a person decides what becomes of it."""
        rest = -self.currency_id.round(sum(lines.mapped("amount_residual_currency")))
        if rest > 0:
            self._ask(self.env._("more came in than is open"), note=self.env._(
                "%s is left as a credit of the customer. Book it as costs, pay it back, or use it for something else.", self.currency_id.format(rest)))
