from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import plaintext2html
from odoo.tools.pdf import merge_pdf

LETTER_REPORT = "account_credit_collection.action_report_collection_letter"
STATEMENT_REPORT = "account_credit_collection.action_report_collection_statement"


class CollectionChannel(models.AbstractModel):
    """Letters, statements and calls: a person finishes them."""

    _inherit = "collection.channel"

    @api.model
    def _perform_letters(self, actions):
        """Make the letters of actions in one go; each is kept as a file of its action."""
        self._attach(actions, LETTER_REPORT)

    @api.model
    def _attach_statements(self, actions):
        """Make the statements that levels ask for, in one go."""
        self._attach(actions, STATEMENT_REPORT)

    @api.model
    def _attach(self, actions, report):
        """Render one PDF per action in one call; the hash tells what content the file shows."""
        streams = self._render_pdf(report, actions)
        actions.attachment_ids.sudo().unlink()
        files = self.env["ir.attachment"].sudo().create([{
            "name": action.with_context(lang=action._reader_lang())._file_name(report == LETTER_REPORT), "raw": streams[action.id],
            "mimetype": "application/pdf", "res_model": action._name, "res_id": action.id} for action in actions])
        for action, file in zip(actions, files):
            action.write({"attachment_ids": [(6, 0, file.ids)], "attachment_hash": action.payload_hash})

    @api.model
    def _render_pdf(self, report, actions):
        """One PDF per action from one run of the PDF engine: ``{id: bytes}``."""
        streams = self.env["ir.actions.report"].sudo()._render_qweb_pdf_prepare_streams(report, {}, res_ids=actions.ids)
        return {action.id: streams[action.id]["stream"].getvalue() for action in actions}

    @api.model
    def _perform_call(self, action):
        """A task to call, with the script; doing it completes the contact."""
        profile = action.profile_id
        text = action.with_context(lang=profile._responsible().lang)
        message = text.level_id._message_for("call", action.behaviour)
        activity = profile._task(
            "account_credit_collection.mail_activity_collection_call",
            text.env._("Call %(who)s about %(amount)s", who=action.recipient_id.name, amount=text.amount_text),
            note=plaintext2html(message.script) if message.script else False,
            date_deadline=profile.company_id._collection_today())
        return {"activity_id": activity.id}

    @api.model
    def _print_letters(self, actions):
        """One PDF of all letters, for a person to post; a reprint is marked on the rows (R-14)."""
        actions = self.env["collection.outbox"]._recheck(actions)
        damaged = actions.filtered(lambda action: not all(file._is_whole() for file in action.attachment_ids.sudo()))  # sudo: files of a row
        posted = damaged.filtered(lambda action: action.state == "sent")
        if posted:
            raise UserError(self.env._("The file of %s is damaged: what was posted cannot be printed again.", posted[0].display_name))
        outdated = damaged | actions.filtered(lambda action: action.attachment_hash != action.payload_hash)
        if outdated:
            ready, _broken = self._prepare_messages(outdated)
            for action, texts in ready.items():
                action.write(texts)
            self._perform_letters(outdated)
        if not actions:
            raise UserError(self.env._("No letter to print: the selected ones are paid, called off or not yet made."))
        batch = self.env["ir.sequence"].next_by_code("collection.letter") or fields.Datetime.now().strftime("%Y%m%d%H%M%S")
        for action in actions:
            action.write({"letter_batch": action.letter_batch or batch, "print_count": action.print_count + 1})
        pdf = merge_pdf([attachment.raw for attachment in actions.attachment_ids.sudo()])
        file = self.env["ir.attachment"].sudo().create({  # sudo: nobody may write a row, and who may print was asked
            "name": self.env._("Letters %s.pdf", batch), "raw": pdf, "mimetype": "application/pdf",
            "res_model": actions._name, "res_id": actions[0].id})
        return {"type": "ir.actions.act_url", "url": f"/web/content/{file.id}?download=true", "target": "new"}
