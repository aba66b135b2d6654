from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from .collection_handover import COLLECTOR, MANAGER


class CollectionHandover(models.Model):
    """What nobody brings in is written off: credit notes, which bring the tax down, or entries that carry it, as the company says."""

    _inherit = "collection.handover"

    def action_write_off(self):
        """Ask why the rest is given up."""
        return self._decision("write_off")

    def action_undo_write_off(self):
        return self._decision("undo_write_off")

    def _check_write_off(self):
        """Collectors within what they may write off, credit managers within the approval matrix.

        Who wanted it handed over does not give it up alone; where a rule wanted it, that is who approved it.
        """
        self._check_group(COLLECTOR)
        self.check_access("read")
        company, system = self.company_id, self.sudo()  # sudo: a figure of the ledger
        own = system.currency_id._convert(system._still_open(), company.currency_id, company, company._collection_today())
        if not self.env.user.has_group(MANAGER):
            if company.currency_id.compare_amounts(own, company.collection_write_off_max) > 0:
                raise UserError(self.env._("Collectors may write off up to %s. Ask a credit manager.",
                                           company.currency_id.format(company.collection_write_off_max)))
        elif company.currency_id.compare_amounts(own, company.collection_write_off_max) > 0:
            self.env["credit.authority"]._require(company, own, system.proposed_by or system.approved_by)

    def _write_off(self, reason):
        """Give up all that is open of what is claimed; the case closes by itself. What is disputed stays."""
        self._check_write_off()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        system = self._locked("handed").with_user(SUPERUSER_ID).with_context(lang=self.sudo().company_id.partner_id.lang or self.env.lang)  # sudo: as below
        amount, claimed = system._still_open(), system._claimed()
        items = system.line_ids.item_id.filtered(lambda item: item.parent_state == "posted" and item in claimed)
        system._drop_unbilled(items, system.name)
        groups = sorted(items.grouped("move_id").items(), key=lambda pair: (not pair[0].collection_charge_id, pair[0].id))
        system.end_reason = reason
        self._log("write_off", reason, amount=amount)
        for move, some in groups:
            for booked in system._give_up(move.with_company(move.company_id), {item: claimed[item] for item in some}):
                booked.write({"collection_handover_id": system.id, "collection_handover_use": "write_off"})
                booked._message_log(body=system.env._("%(handover)s, written off by %(user)s: %(why)s", handover=system.name, user=self.env.user.name, why=reason))
        system._judge(system.company_id._collection_today())
        system.write({"ended_by": self.env.uid} if system.state == "closed" else {"end_reason": False})

    def _give_up(self, move, amounts):
        """The posted documents that take ``{item: amount}`` off items of one document."""
        charge, amount = move.collection_charge_id, self.currency_id.round(sum(amounts.values()))
        if charge:
            return self._waive_charge(charge, amount, self.name)
        if move.move_type == "out_invoice" and self.company_id.collection_handover_write_off == "credit_note":
            words = self._customer_env(move)._("Written off, %s", self.name)
            return self._credit_invoice(move, amount, self.name, words, collection_handover_use="write_off")
        entries = self.env["account.move"]
        for item, part in amounts.items():
            entry = item._make_write_off(part, self.name, self.name)
            item._post_write_off(entry)
            entries += entry
        return entries

    # ------------------------------------------------------------------ taking back

    def _undo_write_off(self, reason):
        """Reverse what was written off: it is owed again, and the case goes on. A credit manager only."""
        self._check_group(MANAGER)
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        system = self._locked("handed", "closed").with_user(SUPERUSER_ID)  # sudo: as it was booked
        booked = system.move_ids.filtered(lambda move: (
            move.collection_handover_use == "write_off" and move.state == "posted" and not move.reversal_move_ids))
        if not booked:
            raise UserError(self.env._("Nothing of %s is written off.", self.name))
        self._log("write_off", reason, amount=-abs(sum(booked.mapped("amount_total"))))
        for move in booked:
            system._reverse(move.with_company(move.company_id), reason)
        system._judge(system.company_id._collection_today())
        system.write({"ended_by": False, "end_reason": False})
