from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.money import exact, quantize
from .credit_document_mixin import CREDIT_FIELDS
from .credit_hold import Demand

CHECKED = "account_credit_collection.checked_invoices"  # in this transaction


class AccountMove(models.Model):
    """A customer invoice is posted within the customer's credit, whoever posts it; what is over stays a draft on hold."""

    _name = "account.move"
    _inherit = ["account.move", "credit.document.mixin"]

    credit_hold_ids = fields.One2many("credit.hold", "move_id", groups="account_credit_collection.group_viewer")

    def action_post(self):
        """Post what is within credit; the rest stays a draft, and who asked is told."""
        result = super().action_post()
        held = self.filtered(lambda move: move.state == "draft" and move.credit_state in ("held", "refused"))
        return self.env["credit.hold"]._answer(held) if held else result

    def _post(self, soft=True):
        held = self._credit_hold()
        free = self - held
        self.env.cr.cache.setdefault(CHECKED, set()).update(free.ids)
        return super(AccountMove, free)._post(soft) if free or not held else self.browse()

    def _get_alerts(self):
        """Core's warning would say the same as ours, a second time."""
        alerts = super()._get_alerts()
        if self.credit_state in ("held", "refused", "warned", "released"):
            alerts.pop("account_partner_credit_warning", None)
        return alerts

    def write(self, vals):
        if not self.env.su and CREDIT_FIELDS & set(vals):
            raise AccessError(self.env._("The credit check of an invoice is not written by hand."))
        if vals.get("state") == "posted":
            self._refuse_unchecked()
        if vals.get("state") == "cancel":
            self._forget_credit()
        return super().write(vals)

    def _refuse_unchecked(self):
        """Whoever posts past the button is checked as well, and refused where it had to wait."""
        checked = self.env.cr.cache.setdefault(CHECKED, set())
        held = self.filtered(lambda move: move.id not in checked)._credit_hold()
        checked.difference_update(self.ids)
        if held:
            raise UserError(self.env._("%(invoice)s is on credit hold. %(why)s", invoice=held[0].display_name, why=held[0].credit_sentence))

    def _credit_hold(self):
        """Check customer invoices about to be posted; return those that wait. Credit notes are never held."""
        held = self.browse()
        Hold = self.env["credit.hold"]
        invoices = self.filtered(lambda move: move.state == "draft" and move.move_type in ("out_invoice", "out_receipt"))
        invoices -= invoices._charges().move_id  # what is owed for paying late is no new credit
        # sudo: a branch's user posts by the settings of the root, which it need not see
        for company, moves in invoices.grouped(lambda move: move.company_id.sudo().root_id).items():
            demands = moves._to_demands()
            held += Hold._check("move_id", company, demands, "invoice") if demands else held.browse()
            (moves - held).filtered(lambda move, demands=demands: move not in demands)._forget_credit()
        return held

    def _to_demands(self):
        """What invoices add to the credit taken up, company currency: ``{invoice: Demand}``, without those that add nothing."""
        counted, demands = self._counted_before(), {}
        for move in self.filtered("commercial_partner_id"):
            quantum = exact(move.company_currency_id.rounding)
            amount = quantize(move.amount_total_signed, quantum) - counted.get(move, Decimal(0))
            # what differs by the rounding of its lines only is nothing new
            if amount > (quantum * len(move.invoice_line_ids) if move in counted else 0):
                demands[move] = Demand(move, move.commercial_partner_id, amount)
        return demands

    def _counted_before(self):
        """The part of invoices that was credit given before them, company currency: ``{invoice: amount}``. A place to hook."""
        return {}

    def _note_credit(self, state, verdict):
        if state != "passed" or self.credit_state:  # most are posted without a word
            super()._note_credit(state, verdict)
