from odoo import models
from odoo.tools.misc import format_date


class CollectionActionLine(models.Model):
    """What paying an item early saves, as messages and the page of a statement say it."""

    _inherit = "collection.action.line"

    def _told_discount(self, today):
        """As core's fields of the item have it; None when there is no discount any more."""
        item = self.item_id.sudo()  # sudo: whoever sees the contact sees what it asks for
        return item._told_discount(today) if item.move_type in ("out_invoice", "out_receipt") and item.parent_state == "posted" else None

    def _discount_text(self, today):
        told = self._told_discount(today)
        if not told:
            return ""
        to_pay, until, saved = told
        money = self.action_id._money
        return self.env._("Pay %(amount)s until %(day)s, saving %(saved)s", amount=money(to_pay, self.currency_id),
                          day=format_date(self.env, until), saved=money(saved, self.currency_id))
