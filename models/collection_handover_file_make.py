import logging
import secrets

from odoo import api, fields, models
from odoo.tools import split_every

from .collection_handover_file import JOB, MAY
from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)
BATCH = 40  # invoices from one run of the PDF engine


class CollectionHandoverFile(models.Model):
    """Making a file: the PDFs of invoices first, batch by batch, and each stays with its invoice; then all in one go.

    So a job that is stopped goes on where it was.
    """

    _inherit = "collection.handover.file"

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_make(self):
        """What was asked for; nothing raises out of the job."""
        cron, waiting, problems = self.env["ir.cron"], self.search([("state", "=", "waiting")], order="id"), []
        cron._commit_progress(remaining=len(waiting))
        for file in waiting:
            while file._is_wanted():
                file._try_some()
                if not cron._commit_progress(file.state != "waiting"):
                    self.env.ref(JOB)._trigger()
                    return
            problems += [f"file {file.id}"] if file.exists().state == "failed" else []
        self.env["collection.heartbeat"]._beat("handover_file", ", ".join(problems[:20]))

    def _is_wanted(self):
        """Whether there is work to do; of a case that came back or is closed no file is made, nobody would get it."""
        if self.exists().state != "waiting":
            return False
        if self.handover_id.state in MAY:
            return True
        self.unlink()
        return False

    def _try_some(self):
        """Some of the work, or a file that failed, with the reason for who asked for it."""
        error = self.env["credit.profile"]._attempt(self._make_some)
        if error and not isinstance(error, CONCURRENCY_ERRORS):  # that somebody works on it is nothing against it
            note_failure(_logger, error, "file %s of handover %s failed", self.id, self.handover_id.id)
            self._transition("failed", error=str(error)[:200])

    def _make_some(self):
        """One batch of invoices, or the file itself when no invoice lacks its PDF."""
        missing = self.handover_id._file_invoices_missing() - self._given_up()
        if not missing:
            return self._assemble()
        self._render_invoices(missing[:BATCH])
        total = len(self.handover_id._file_invoices()) or 1
        self.progress = 90 * (total - len(missing[BATCH:])) // total
        return None

    def _make_now(self):
        """All of it, while somebody waits."""
        for ids in split_every(BATCH, self.handover_id._file_invoices_missing().ids):
            self._render_invoices(self.env["account.move"].browse(ids))
        self._assemble()

    # ------------------------------------------------------------------ invoices

    def _given_up(self):
        """Invoices of which no PDF could be made in an earlier batch."""
        return self.handover_id._file_invoices().filtered(lambda move: move.id in (self.given_up or ()))

    def _render_invoices(self, moves):
        """PDFs as core makes them when an invoice is sent, kept where core keeps them: one run of the engine for many, one by one where that fails."""
        for company, some in moves.grouped("company_id").items():
            error = self.env["credit.profile"]._attempt(lambda company=company, some=some: self._render_together(company, some))
            if isinstance(error, OSError):  # a full disk is no invoice's fault: none is given up for it
                raise error
            if error and len(some) == 1:
                self.given_up = [*(self.given_up or ()), some.id]
            elif error:
                for move in some:
                    self._render_invoices(move)

    @api.model
    def _render_together(self, company, moves):
        Send = self.env["account.move.send"].with_company(company)
        data = {move: {"pdf_report": Send._get_default_pdf_report_id(move)} for move in moves.with_company(company)}
        Send._prepare_invoice_pdf_report(data)
        self.env["ir.attachment"].create([values["pdf_attachment_values"] for values in data.values()])
        moves.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])

    # ------------------------------------------------------------------ the archive

    def _assemble(self):
        """The archive from its documents, frozen by its hash: once, whoever else makes it at the same time."""
        self.lock_for_update(allow_referencing=True)
        if self.state != "waiting":
            return
        record = self.handover_id.with_context(lang=self.handover_id._lang())
        self.lacking = ", ".join(dict.fromkeys([*record._file_gone().mapped("document"), *self._given_up().mapped("name"), *record._file_damaged()]))
        documents = record._file_documents(self)
        password = secrets.token_urlsafe(12) if record.company_id.collection_file_password else False
        raw = record._file_archive(self, documents, password)
        self._keep(f"handover-{record.id}-{self.version}.zip", raw)  # nothing from outside is in the name
        self._transition("made", made_at=fields.Datetime.now(), progress=100, password=password, document_count=len(documents),
                         claim=record.claim, open_amount=record._file_open_sum())
        self.handover_id.with_user(self.asked_by or self.env.user).sudo()._log(
            "file", self.env._("Version %(version)s with %(count)s documents (SHA-256 %(hash)s)", version=self.version, count=len(documents), hash=self.file_hash))


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    def _file_invoices(self):
        """The invoices of the case, in the order of their due dates."""
        moves = (self.sudo().line_ids - self._file_gone()).sorted("due").item_id.move_id  # sudo: the documents of the case
        return moves.filtered(lambda move: move.is_sale_document(include_receipts=True))

    def _file_gone(self):
        """Lines of which the ledger has nothing any more: the invoice was rewritten, set back to draft or cancelled."""
        return self.sudo().line_ids.filtered(lambda line: line.item_id.parent_state != "posted")  # sudo: as above

    def _file_damaged(self):
        """Names of documents that are kept, but damaged: an empty page proves nothing, so they are left out and named."""
        facts = self._file_facts()
        pdfs = self._file_invoices().filtered(lambda move: move.invoice_pdf_report_id and not move.invoice_pdf_report_id._is_whole())
        contracts = facts["applications"].filtered(lambda one: one.contract_hash and not one._is_intact())
        plans = facts["plans"].filtered(lambda plan: plan.document_hash and not plan._is_intact())
        return [*pdfs.mapped("name"), *contracts.mapped("reference"), *plans.mapped("name")]

    def _file_invoices_missing(self):
        """Those without a PDF yet."""
        return self._file_invoices().filtered(lambda move: not move.invoice_pdf_report_id)

    def _file_open_sum(self):
        """What is open of the case's items in the ledger."""
        # sudo: as above
        [[total]] = self.env["account.move.line"].sudo()._read_group(
            [("id", "in", self.sudo().line_ids.item_id.ids), ("parent_state", "=", "posted")], [], ["amount_residual_currency:sum"])
        return self.currency_id.round(total or 0.0)


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "handover_file": "ir_cron_collection_handover_file"}
