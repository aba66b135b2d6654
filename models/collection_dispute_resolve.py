from odoo import models
from odoo.exceptions import UserError

from .collection_dispute import check_numbers

MANAGER = "account_credit_collection.group_manager"
BOOKED = ("credit_note", "written_off")


class CollectionDispute(models.Model):
    """How a dispute ends: credited, rejected, replaced, written off or withdrawn, and how that is taken back."""

    _inherit = "collection.dispute"

    def _resolve(self, outcome, amount, drop_rest=False, why=None, our_fault=None):
        """End a dispute about ``amount`` in the name of ``env.user``; return the entry made for it, if any.

        The rest stays in dispute, or ends as well with ``drop_rest``. A credit note of a user who may not post
        stays a draft: the dispute closes when it is posted.
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("write")
        self.lock_for_update()  # two who resolve at once must not credit twice
        self._check_resolve(amount, outcome)
        system = self.sudo()  # sudo: amounts and states are written by methods only
        if our_fault is not None:
            system.our_fault = our_fault
        move = self.env["account.move"]
        if outcome == "credit_note":
            move = self._make_credit_note(amount, why)
        elif outcome == "written_off":
            move = self._write_off(amount, why)
        else:
            system._clear(amount, outcome)
        rest = self._undecided()
        if drop_rest and self.currency_id.compare_amounts(rest, 0) > 0:
            system._clear(rest, outcome)
        if self.state == "closed":
            system.write({"closed_by": self.env.uid, "outcome_reason": why, "outcome": outcome})
        elif why:
            self.message_post(body=why)
        self._judge_promises()
        return move

    def _undecided(self):
        """What is still contested, without what draft credit notes take off as soon as they are posted."""
        notes = self.sudo().move_ids.filtered(  # sudo: as in _resolve; one that is set off already is credited, not waiting
            lambda move: move.move_type == "out_refund" and move.state == "draft" and not move.line_ids.matched_debit_ids)
        return self.currency_id.round(self.open_amount - sum(notes.mapped("amount_total")))

    def _check_resolve(self, amount, outcome):
        check_numbers(self.env, [{"amount": amount}])
        if self.state != "open":
            raise UserError(self.env._("%s is closed already.", self.display_name))
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter an amount of more than zero."))
        if self.currency_id.compare_amounts(amount, self.open_amount) > 0:
            raise UserError(self.env._("%(amount)s is more than the %(open)s that is still contested.",
                                       amount=self.currency_id.format(amount), open=self.currency_id.format(self.open_amount)))
        if self.currency_id.compare_amounts(amount, self._undecided()) > 0:
            raise UserError(self.env._("A draft credit note waits to be posted: %s. Post it or delete it first.", self.move_text))
        if outcome in BOOKED:
            self._check_posted()

    def _check_posted(self):
        if self.sudo().item_id.parent_state != "posted":  # sudo: a fact of an item that is booked on
            raise UserError(self.env._("%s is not posted: there is nothing to credit or to write off.", self.document))

    # ------------------------------------------------------------------ credit note

    def _make_credit_note(self, amount, why=None):
        """A credit note of ``amount``, taxes included, on the contested invoice; posted when the user may."""
        invoice = self.item_id.move_id
        if invoice.move_type != "out_invoice":
            raise UserError(self.env._("%s is no invoice, so there is no credit note for it. Write it off instead.", self.document))
        ref = self.env._("%(document)s, %(reason)s", document=self.document, reason=why or self.reason or self.reason_id.name)
        note = invoice._make_part_credit_note(amount, ref, self._credit_line_name(), f"dispute,{self.id}")
        self._mark_made(note)
        if self._may_post(note):
            note.action_post()
        return note

    def _mark_made(self, move):
        """What a credit note or an entry was made for; it decides what becomes of the dispute."""
        move.sudo().collection_dispute_id = self  # sudo: set by methods only

    def _may_post(self, move):
        """Whether the user posts the credit note; a place to hook an approval."""
        return move.has_access("write") and self.env.user.has_group("account.group_account_invoice")

    def _credit_line_name(self):
        """In the customer's language, since the customer reads it."""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        return env._("%(reason)s, %(document)s", reason=self.reason or self.with_env(env).reason_id.name, document=self.document)

    # ------------------------------------------------------------------ write-off

    def _write_off(self, amount, why=None):
        """An entry that takes ``amount`` off the item, within what the user may write off."""
        self._check_write_off(self.item_id._write_off_balance(amount) + self._written_off())
        name = self.env._("Written off: %s", why or self.reason or self.reason_id.name)
        move = self.item_id._make_write_off(amount, name, self.document)
        self._mark_made(move)
        self.item_id._post_write_off(move)
        return move

    def _written_off(self):
        """What is written off of the whole document already, whoever did it, company currency."""
        # sudo: the limit is one for all, also for what others wrote off
        disputes = self.sudo().search([("item_id", "in", self.sudo().item_id.move_id.line_ids.ids)])
        return disputes._standing_write_offs()._written_off_amount()

    def _standing_write_offs(self):
        """What is booked and not taken back; a reversal that is a draft, or scheduled, took nothing back yet."""
        return self.move_ids.filtered(
            lambda move: move.move_type == "entry" and move.state == "posted" and "posted" not in move.reversal_move_ids.mapped("state"))

    def _check_write_off(self, balance):
        root = self.company_id
        most = root.collection_write_off_max
        if not self.env.user.has_group(MANAGER) and root.currency_id.compare_amounts(balance, most) > 0:
            raise UserError(self.env._("Collectors may write off up to %s. Ask a credit manager.", root.currency_id.format(most)))

    # ------------------------------------------------------------------ taking back

    def _reopen(self):
        """Take back what was decided and written off; a credit note is the accountant's to take back."""
        self.ensure_one()
        if not self.item_id:
            raise UserError(self.env._("The item of %s is no more: open a new dispute.", self.display_name))
        written = self._standing_write_offs()
        if written:
            self._check_write_off(written._written_off_amount())
            today = self.item_id.company_id._open_date(written[:1].journal_id)
            written._reverse_moves([{"date": today, "ref": self.env._("Taken back: %s", move.ref)} for move in written], cancel=True)
        system = self.sudo()  # sudo: as in _resolve
        kept = system.kept_amount if self.company_id.collection_dispute_payments == "proportional" else 0.0
        system.write({"decided_amount": 0.0, "kept_amount": kept, "decided_on": False, "resting_amount": 0.0})
        system._settle()
        if self.state == "closed":
            self._check_posted()  # of a cancelled invoice nothing was settled: no payment brings it back
            raise UserError(self.env._("Nothing of %(document)s is open to contest any more. Take back first what settled it: %(moves)s",
                                       document=self.document, moves=self.move_text or self.env._("a payment")))
        self._judge_promises()
