from odoo import fields, models
from odoo.exceptions import AccessError


class CollectionSubjectWizard(models.TransientModel):
    """One report about one person: all that Collections stores, for the person who asks (Art. 15 GDPR)."""

    _name = "collection.subject.wizard"
    _description = "Report about a Person"
    _inherit = ["collection.items.dialog"]

    partner_id = fields.Many2one("res.partner", "Person", required=True)

    def _check_manager(self):
        """The report shows everything at once: it is a credit manager's to make, and the dialog is the person's own."""
        if not self.env.user.has_group("account_credit_collection.group_manager"):
            raise AccessError(self.env._("Only a credit manager may make the report about a person."))
        self.check_access("read")
        self.partner_id.check_access("read")

    def action_pdf(self):
        """The report on paper."""
        self.ensure_one()
        self._check_manager()
        self._note_made()
        return self.env.ref("account_credit_collection.action_report_collection_subject").report_action(self, config=False)

    def action_xlsx(self):
        """The report as a workbook."""
        self.ensure_one()
        self._check_manager()
        self._note_made()
        return {"type": "ir.actions.act_url", "url": f"/collections/subjects/{self.id}.xlsx", "target": "download"}

    def _note_made(self):
        """Who asked is told to nobody but those who look at the contact."""
        self.partner_id.sudo()._message_log(body=self.env._("A report about all that is stored about this person was made."))  # sudo: a note needs no right

    def _file_name(self, extension):
        return f"{self.env._('Stored about %s', self.partner_id.display_name)}.{extension}".replace("/", "-")

    def _write_workbook(self, stream):
        self._check_manager()
        self.env["collection.subject"]._write_workbook(self.partner_id, stream)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_collection_subject(self):
        """Open the dialog for this person."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_subject_wizard_action")
        return dict(action, context={"default_partner_id": self.id, "dialog_size": "medium"})
