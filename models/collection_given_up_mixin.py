from odoo import models


class CollectionGivenUpMixin(models.AbstractModel):
    """A record for which debts are given up in the books: charges waived, invoices credited; and taken back again.

    Every entry made for it names it in the field ``_books_link`` of ``account.move``.
    """

    _name = "collection.given.up.mixin"
    _description = "Record for which debts are given up"

    _books_link = None

    def _state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _drop_unbilled(self, items, why):
        """Charges on the items that are not billed yet never are."""
        lines = self.env["collection.charge.line"].search([("item_id", "in", items.ids), ("charge_id.state", "=", "draft")])
        for charge in lines.charge_id:
            charge._waive(why, lines & charge.line_ids)

    def _waive_charge(self, charge, amount, why):
        """As a waiver of charges where all of it is open, else the part of the bill."""
        whole = self.currency_id.compare_amounts(amount, charge._uncredited()) == 0
        return charge._waive(why) if whole else charge._credit_part(amount, why)

    def _credit_invoice(self, invoice, amount, why, words, **values):
        """A posted credit note on the invoice, taxes brought down with it, matched with the items of the record.

        ``words`` is what the customer reads on its line, ``values`` what else the note is to know.
        """
        kind = self._name.removeprefix("collection.")
        note = invoice._make_part_credit_note(amount, why, words, f"{kind},{self.id},{invoice.id}")
        note.write({self._books_link: self.id, **values})  # decides which installment it is matched with
        day = note.company_id._open_date(note.journal_id, bool(note.amount_tax))
        if day > note.invoice_date:  # core moves the date of what is old, not of what is of a locked today
            note.write({"invoice_date": day, "invoice_date_due": day, "date": day})
        note.action_post()
        return note

    def _customer_env(self, invoice):
        """In the language of who reads the invoice."""
        return self.with_context(lang=invoice.partner_id.lang or self.env.lang).env

    def _reverse(self, move, reason):
        """A waiver is cancelled, so that the ledger of charges has it back; everything else is reversed."""
        if move.reversed_entry_id.collection_charge_id:
            move.button_draft()
            move.button_cancel()
            return
        today = self.company_id._collection_today()
        move._reverse_moves([{"date": today, "invoice_date": today, "invoice_date_due": today, "ref": reason,
                              self._books_link: self.id}], cancel=True)
