from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

from ..engine import settlement
from ..engine.money import exact
from .collection_job import CONCURRENCY_ERRORS
from .collection_reason import describe
from .collection_settlement import COLLECTOR, MONEY


class CollectionSettlement(models.Model):
    """What was taken is booked: charges waived, the discount as credit notes, so that every item of the offer is settled.

    The system books, in the name of nobody who happens to pay or to match; the entries name who offered and who approved.
    """

    _inherit = "collection.settlement"

    # ------------------------------------------------------------------ when

    @api.model
    def _cron_book(self):
        """Each offer in a transaction of its own: one that cannot be booked stops no other."""
        waiting = self.search([("state", "=", "taken"), ("booked_on", "=", False)])
        for number, record in enumerate(waiting, 1):
            record._book_or_ask()
            self.env["ir.cron"]._commit_progress(1, remaining=len(waiting) - number)
        left = waiting.filtered(lambda record: not record.booked_on)
        # sudo: a fact of the job
        self.env["collection.heartbeat"].sudo()._beat("settlement", ", ".join(f"settlement {record.id}" for record in left))

    def action_book(self):
        """Book at once what is taken, for instance after a missing account was set."""
        self._check_group(COLLECTOR)
        self.check_access("read")
        for record in self:
            if record.state != "taken" or record.booked_on:
                raise UserError(self.env._("%(offer)s is “%(state)s”: there is nothing to book.", offer=record.name, state=record._state_label()))
            record._book_or_ask()

    def _book_or_ask(self):
        """Book it whole or not at all; what goes wrong is a person's to see to, and is tried again every night."""
        self.ensure_one()
        # the system books; sudo is that of the superuser
        system = self.with_user(SUPERUSER_ID).with_context(lang=self.sudo().company_id.partner_id.lang or self.env.lang)
        error = self.env["credit.profile"]._attempt(system._book)
        if isinstance(error, CONCURRENCY_ERRORS):  # somebody works on it: soon once more
            self._wake_booking()
        elif error and not system.booked_on:
            why = str(error) if isinstance(error, UserError) else type(error).__name__
            if why != system.book_error:
                system.book_error = why
                system._ask(system.env._("taken, to be booked"), note=why)

    # ------------------------------------------------------------------ what

    def _book(self):
        """Give up what is still open, no more than was offered, charges first, then item by item."""
        self.ensure_one()
        self.lock_for_update()
        if self.state != "taken" or self.booked_on:
            return
        released = self._release()
        groups = self._groups()
        parts = self._decide_shares([exact(sum(items.mapped("amount_residual_currency"))) for _move, items in groups])
        self._drop_unbilled(self.line_ids.item_id, self._why())
        for (move, items), part in zip(groups, parts):
            if part:
                self._give_up(move.with_company(move.company_id), items, float(part))
        self.write({"booked_on": self.company_id._collection_today(), "booked_amount": float(sum(parts)), "book_error": False})
        self._drop_tasks()
        self._match(released)
        if released.filtered(lambda line: not line.reconciled):
            self._ask(self.env._("more was paid than the offer asks"), note=self.env._(
                "Paid when the offer was taken already. It is on account now: pay it back, or use it for something else."))
        left = self.currency_id.round(sum(self._pay_items().mapped("amount_residual_currency")))
        if left > 0:
            self._ask(self.env._("something is still open"), note=self.env._(
                "More was open than the offer gives up: %s is left. Ask for it, or credit it.", self.currency_id.format(left)))

    def _release(self):
        """Money that came when the offer was taken already goes back on account, where it would eat up what is given up: journal items."""
        items, credits = self._pay_items(), self._answers().grouped("credit_move_id")
        missing = exact(self.conceded) - exact(sum(items.mapped("amount_residual_currency")))
        amounts = [exact(sum(partials.mapped("debit_amount_currency"))) for partials in credits.values()]
        released = self.env["account.move.line"]
        for place in reversed(self._decide_too_much(amounts)):
            if missing > 0:
                line, partials = list(credits.items())[place]
                missing -= amounts[place]
                released += line
                partials.unlink()
        return released

    def _answers(self):
        """The matches of money since the offer was made, in the order in which it came."""
        partials = self.line_ids.item_id.matched_credit_ids
        return partials.filtered(lambda one: (
            one.id > self.seen_partial and one.credit_move_id.id > self.seen_item and one.credit_move_id.date >= self.made_on
            and one.credit_move_id.parent_state == "posted" and one.credit_move_id.journal_id.type in MONEY
        )).sorted(lambda one: (one.credit_move_id.date, one.id))

    def _decide_too_much(self, amounts):
        """One engine call: the place to hook which payments an offer did not ask for."""
        return settlement.too_much(exact(self.amount), amounts)

    def _groups(self):
        """The documents of the offer with their items: charges first, then the oldest."""
        items = self._pay_items().filtered(lambda item: not item.reconciled)
        groups = items.grouped("move_id")
        return sorted(groups.items(), key=lambda pair: not pair[0].collection_charge_id)  # stable: _pay_items has the rest of the order

    def _decide_shares(self, open_amounts):
        """One engine call: the place to hook another way to spread what is given up."""
        return settlement.shares(exact(self.conceded), open_amounts)

    def _give_up(self, move, items, amount):
        if move.collection_charge_id:
            booked = self._waive_charge(move.collection_charge_id, amount, self._why())
        elif move.move_type == "out_invoice":
            booked = self._credit_invoice(move, amount, self._why(), self._customer_env(move)._("Settlement %s", self.name))
        else:
            booked = self._write_off(items, amount)
        booked.collection_settlement_id = self
        for one in booked:
            one._message_log(body=self._signed())

    def _write_off(self, items, amount):
        """What is no invoice, such as an opening balance, is written off, at the items' own rate."""
        rest, entries = exact(amount), self.env["account.move"]
        for item, part in zip(items, settlement.shares(rest, [exact(item.amount_residual_currency) for item in items])):
            if part:
                entry = item._make_write_off(float(part), self._why(), self._why())
                item._post_write_off(entry)
                entries += entry
        return entries

    def _why(self):
        return self.env._("Settlement %s", self.name)

    def _signed(self):
        """Who stands for it, in the chatter of each entry."""
        if self.approved_by:
            return describe(self.env, "settlement_signed_approved", {
                "number": self.name, "maker": self.made_by.name, "manager": self.approved_by.name, "why": self.approve_reason})
        return describe(self.env, "settlement_signed", {"number": self.name, "maker": self.made_by.name})

    # ------------------------------------------------------------------ taking back

    def _take_back(self, reason):
        """Reverse what was booked: the items are owed again. Only after a person said so, since the customer was told it is settled."""
        self.lock_for_update()
        if self.state != "taken" or not self.booked_on:
            raise UserError(self.env._("%(offer)s is “%(state)s”: nothing is booked.", offer=self.name, state=self._state_label()))
        system = self.with_user(SUPERUSER_ID)  # as it was booked
        system._end(reason, "taken_back")  # first: its entries go on purpose now
        system.ended_by = self.env.uid
        for move in system.move_ids.filtered(lambda move: move.state == "posted" and not move.reversal_move_ids):
            system._reverse(move.with_company(move.company_id), reason)
        system._drop_tasks()
