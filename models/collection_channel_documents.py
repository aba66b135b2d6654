from odoo import api, models
from odoo.fields import Command

MOST_COPIES = 20  # more, and servers refuse the mail for its size: the oldest due go with it


class CollectionChannel(models.AbstractModel):
    """The documents that a customer's payables department needs before its run."""

    _inherit = "collection.channel"

    @api.model
    def _attach_statements(self, actions):
        """The files of mails: the statement, and copies of the invoices asked for."""
        with_statement = actions.filtered(lambda action: action._with_statement())
        if with_statement:
            super()._attach_statements(with_statement)
        for action in actions - with_statement:  # copies of before a part was paid
            action.attachment_ids.sudo().unlink()  # sudo: files of a row belong to the row
        for action in actions.filtered("attach_invoices"):
            self._attach_copies(action)
        for action in actions:
            action.attachment_hash = action.payload_hash

    @api.model
    def _attach_copies(self, action):
        """The PDF of each invoice as core makes it, in the language of the reader."""
        moves = action.line_ids.sorted("due").item_id.move_id.filtered(lambda move: move.is_sale_document())[:MOST_COPIES]
        files = [self._invoice_file(move.with_context(lang=action._reader_lang())) for move in moves]
        # sudo: as above
        copies = self.env["ir.attachment"].sudo().create([{
            "name": name, "raw": content, "mimetype": "application/pdf", "res_model": action._name, "res_id": action.id} for name, content in files])
        action.write({"attachment_ids": [Command.link(copy.id) for copy in copies]})
