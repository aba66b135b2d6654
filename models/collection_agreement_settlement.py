from odoo import models

from .collection_settlement import COLLECTOR


class CollectionSettlement(models.Model):
    """A settlement offer as its customer meets it: page and letter, in plain words and the language of the environment."""

    _inherit = "collection.settlement"

    def _link_days(self):
        """The link opens the offer as long as it stands."""
        rest = (self.until - self.company_id._collection_today()).days if self.until else 0
        return super()._link_days() + max(0, rest)

    def _is_standing(self):
        """Whether the customer can take it now, or has and the payment is on its way."""
        return self.state == "offered" and self.company_id._collection_today() <= max(self.until, self.held_until or self.until)

    def _portal_values(self):
        """What the page shows, apart from the offer itself."""
        return {
            "over": self._over(), "done": self.state == "taken" and not self.bounced_on, "summary": self._summary(), "items": self._paper_items(),
            "paid": self.paid_amount, "can_pay": bool(self._pay_choices()), "flying": self._pay_flying(),
        }

    def _over(self):
        """Heading and sentence of an offer that cannot be taken any more; None for one that is open or taken."""
        if self.state == "taken" and self.bounced_on:
            return (self.env._("Your payment did not arrive"), self.env._("The payment for this offer was taken back. Please contact us, so that we can clear it up."))
        if self.state == "taken" or self._is_standing():
            return None
        if self.state == "withdrawn":
            return (self.env._("This offer does not apply any more"), self.env._("We have taken it back. Please contact us if you have a question about it."))
        return (self.env._("This offer has run out"), self.env._(
            "It could be taken until %s. Please contact us if you still want to settle what is open.", self._day(self.until)))

    def _summary(self):
        """What is offered, in a sentence."""
        money = self.currency_id.format
        return self.env._("You owe us %(debt)s. Pay %(amount)s by %(day)s, and we forgo the other %(saved)s.", debt=money(self.debt),
                          amount=money(self.amount), day=self._day(self.until), saved=money(self.debt - self.amount))

    # ------------------------------------------------------------------ the paper

    def action_print(self):
        """The very letter that was sent; of a draft as it would be."""
        self._check_group(COLLECTOR)
        self.check_access("read")
        return self._download() if len(self) == 1 and self.document_hash else self.env.ref(self._document_report).report_action(self)

    def _paper_items(self):
        """The invoices as table rows, oldest due first."""
        return [{"document": line.document, "on": line.item_id.invoice_date or line.item_id.date, "due": line.due, "amount": line.amount}
                for line in self.line_ids.sorted(lambda line: (line.is_charge, line.due or self.until, line.id))]

    def _document_name(self):
        return self._file_name(self.env._("Settlement offer"))

    def _evidence_raw(self):
        return b""
