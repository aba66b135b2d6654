import json
from typing import NamedTuple

from odoo import api, models
from odoo.tools import split_every

REPORT = "account_credit_collection.report_collection_account"
BATCH = 50  # statements from one run of the PDF engine


class Queued(NamedTuple):
    """What became of statements to mail, by customer: queued, without an address, or mailed today already."""

    sent: models.Model
    missing: models.Model
    repeated: models.Model


class CollectionChannel(models.AbstractModel):
    """Statements of account that a person sends: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_statements(self, profiles, data, again=False):
        """Queue a mail with the statement to each customer that has an address, the same one on one day only once: ``Queued``."""
        recipients = self.env["collection.reader"]._read_recipients(profiles.partner_id.ids)
        addressed = profiles.filtered(lambda one: recipients[one.partner_id.id].via("email").address)
        marks = {one.id: self._statement_mark(one, recipients[one.partner_id.id].via("email").address, data) for one in addressed}
        fresh = addressed if again else addressed.filtered(lambda one: one.statement_mark != marks[one.id])
        fresh._write_snapshot([{"statement_mark": marks[one.id]} for one in fresh])  # first: a second click waits here, and then finds it
        for batch in split_every(BATCH, fresh.ids):
            some = profiles.browse(batch)
            files = self._statement_files(some, data)
            for profile in some:
                who = recipients[profile.partner_id.id].via("email")
                self._queue_statement(profile, who, files[profile.id], data)
        return Queued(fresh, profiles - addressed, addressed - fresh)

    @api.model
    def _statement_mark(self, profile, address, data):
        """What makes a statement the same as another one."""
        return f"{profile.company_id._collection_today().isoformat()} {address} {json.dumps(data, sort_keys=True)}"

    @api.model
    def _queue_statement(self, profile, who, content, data):
        lang = who.lang or profile._statement_lang()
        last = self.env["collection.statement"]._read_terms(profile.company_id, data).last
        name = f"{profile.with_context(lang=profile._statement_lang())._statement_name(last)}.pdf"
        subject = self._queue("collection_mail_template_statement", profile, lang, who.address, [(name, content)])
        if subject:
            profile._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject),
                                 message_type="email_outgoing")

    @api.model
    def _statement_files(self, profiles, data):
        """One PDF per customer from one run of the PDF engine: ``{profile id: bytes}``."""
        # sudo: the customers' own documents; who may see these customers was asked before
        streams = self.env["ir.actions.report"].sudo()._render_qweb_pdf_prepare_streams(REPORT, dict(data), res_ids=profiles.ids)
        return {profile.id: streams[profile.id]["stream"].getvalue() for profile in profiles}
