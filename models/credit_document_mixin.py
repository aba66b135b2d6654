from odoo import api, fields, models

from .credit_hold import CREDIT_STATES

CREDIT_FIELDS = {"credit_state", "credit_note"}


class CreditDocumentMixin(models.AbstractModel):
    """A document that goes on within its customer's credit, and the outcome of its check, written by nobody but the check.

    The model adds ``credit_hold_ids``, the holds of the document.
    """

    _name = "credit.document.mixin"
    _description = "Document under a credit check"

    credit_state = fields.Selection(CREDIT_STATES, "Credit", readonly=True, copy=False, groups="base.group_user")
    credit_note = fields.Char("Credit findings", readonly=True, copy=False, groups="base.group_user", help="Codes of what was found, for the sentence below.")
    credit_sentence = fields.Text("Credit reason", compute="_compute_credit_sentence", groups="base.group_user")

    @api.depends("credit_state", "credit_note")
    @api.depends_context("lang", "uid")
    def _compute_credit_sentence(self):
        for document in self:
            document.credit_sentence = self.env["credit.hold"]._sentence_for(document)

    def action_open_credit_hold(self):
        self.ensure_one()
        return self.credit_hold_ids._open()

    def _forget_credit(self):
        """Nothing is asked for any more: what waited for it is settled."""
        noted = self.sudo().filtered("credit_state")  # sudo: the outcome of a check is written by nobody but the check
        if noted:
            noted.credit_hold_ids.filtered(lambda hold: hold.state in ("held", "refused"))._settle()
            noted.write({"credit_state": False, "credit_note": False})

    def _note_credit(self, state, verdict):
        # sudo: the outcome of a check is written by nobody but the check
        self.sudo().write({"credit_state": state, "credit_note": self.env["credit.hold"]._note(verdict)})
