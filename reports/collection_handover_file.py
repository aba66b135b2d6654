"""What stands in the file of a handover: the papers of the case, each with its hash, in an archive."""
import csv
import hashlib
import io
import json
import re
import zipfile
from typing import NamedTuple

import pyzipper

from odoo import api, fields, models
from odoo.tools.mail import html2plaintext

from ..models.credit_application_contract import EVIDENCE_REPORT as SIGNATURE
from .collection_agreement import EVIDENCE as ACCEPTANCE
from .xlsx import csv_text

COVER, RECORD = (f"account_credit_collection.report_handover_{name}" for name in ("cover", "record"))
AGREED = ("active", "completed", "defaulted", "cancelled")  # plans that were accepted, whatever became of them


class Document(NamedTuple):
    """A file of the archive. Its path is ours, so that unpacking it never leaves its folder; the title is for people."""

    path: str
    title: str
    raw: bytes


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    # ------------------------------------------------------------------ what belongs to the case

    def _file_facts(self):
        """The records that the file tells of: only what has to do with the invoices of the case (R-115)."""
        self.ensure_one()
        env, items = self.sudo().env, self.sudo().line_ids.item_id  # sudo: who makes the file was checked; it is about this customer only
        own = [("profile_id", "=", self.profile_id.id)]
        actions = env["collection.action"].search([*own, ("sent_on", "!=", False), ("line_ids.item_id", "in", items.ids)], order="sent_on, id")
        promises = env["collection.promise"].search([
            *own, "|", ("line_ids.item_id", "in", items.ids), "&", "&", ("on_balance", "=", True), ("currency_id", "=", self.currency_id.id),
            ("made_on", ">=", min(items.mapped("date"), default=False))], order="made_on, id")
        disputes = env["collection.dispute"].search([*own, ("item_id", "in", items.ids)], order="opened_on, id")
        calls = env["collection.call"].search([*own, ("voided", "=", False)], order="called_at, id")
        return {
            "items": items, "actions": actions, "promises": promises, "disputes": disputes,
            "calls": calls.filtered(lambda call: self._file_is_about(call, items, promises, disputes, actions)),
            "plans": env["collection.plan"].search([*own, ("accepted_on", "!=", False), ("line_ids.item_id", "in", items.ids)], order="id"),
            "charges": items.move_id.collection_charge_id | env["collection.charge.line"].search(
                [("item_id", "in", items.ids), ("charge_id.state", "=", "posted")]).charge_id,
            "applications": env["credit.application"].search([*own, ("signed_on", "!=", False)], order="signed_on"),
        }

    @api.model
    def _file_is_about(self, call, items, promises, disputes, actions):
        """Whether a call was about the case: what it came to says so; one that came to nothing, while the case was due already."""
        if call.promise_id or call.dispute_id or call.item_ids:
            return bool(call.promise_id & promises or call.dispute_id & disputes or call.item_ids & items)
        due = [item.date_maturity or item.date for item in items]
        return bool(call.done_action_ids & actions or due and call.day >= min(due))

    # ------------------------------------------------------------------ documents

    def _file_documents(self, file):
        """All documents of the file, in the language of the environment."""
        facts = self._file_facts()
        parts = (self._file_papers(facts), self._file_statement(facts), self._file_pdfs(), self._file_contracts(facts), self._file_plans(facts),
                 self._file_interest(facts))
        return [document for part in parts for document in part]

    def _file_papers(self, facts):
        """The cover sheet, the record of what was done, the workbook, and the last letter."""
        stream = io.BytesIO()
        self._file_workbook(facts, stream)
        papers = [Document("cover.pdf", self.env._("Cover sheet"), self._file_render(COVER)),
                  Document("record.pdf", self.env._("Record of contacts, promises, disputes and plans"), self._file_render(RECORD)),
                  Document("claim.xlsx", self.env._("The claim as a workbook"), stream.getvalue())]
        letter = self.sudo()._document_raw()  # sudo: the kept paper of the case
        return papers + ([Document("letter-before-action.pdf", self.env._("Last letter before the handover"), letter)] if letter else [])

    def _file_render(self, report):
        # sudo: as in _file_facts
        return self.env["ir.actions.report"].sudo()._render_qweb_pdf(report, self.ids)[0]

    def _file_statement(self, facts):
        """What is open of the case, on paper and as a workbook: the rest of the account is nobody else's."""
        # sudo: as in _file_facts
        profile, stream, data = self.sudo().profile_id.with_context(lang=self.env.lang), io.BytesIO(), {"items": facts["items"].ids}
        self.env["collection.statement"].sudo()._write_workbook(profile, data, stream)
        pdf = self.env["collection.channel"].sudo()._statement_files(profile, data)[profile.id]
        return [Document("statement/statement.pdf", self.env._("Statement of account"), pdf),
                Document("statement/statement.xlsx", self.env._("Statement of account as a workbook"), stream.getvalue())]

    def _file_pdfs(self):
        """The invoices as they were sent."""
        found = [(number, move) for number, move in enumerate(self._file_invoices(), 1)
                 if move.invoice_pdf_report_id and move.invoice_pdf_report_id._is_whole()]
        return [Document(f"invoices/{number:04d}-{_plain(move.name)}.pdf", move.name, move.invoice_pdf_report_id.raw) for number, move in found]

    def _file_contracts(self, facts):
        """What was signed, with the proof of who signed it, and the terms as they are today."""
        documents = []
        for number, one in enumerate(facts["applications"], 1):
            if one._is_intact():
                documents.append(Document(f"contract/{number}-contract.pdf", self.env._("Contract %s", one.reference), one._contract_raw()))
                documents.append(Document(f"contract/{number}-signature.pdf", self.env._("Who signed %s", one.reference), one._render(SIGNATURE)))
        company = self.sudo().company_id.with_context(lang=self.env.lang)  # sudo: as in _file_facts
        terms = [html2plaintext(text) for text in (company.credit_terms, company.credit_late_terms, company.invoice_terms) if text]
        text = "\n\n".join(filter(str.strip, terms))
        return documents + ([Document("contract/terms.txt", self.env._("Terms, as they are today"), text.encode())] if text else [])

    def _file_plans(self, facts):
        """Payment plans that were accepted, with the proof."""
        documents = []
        for number, plan in enumerate(facts["plans"], 1):
            if plan.document_hash and plan._is_intact():
                documents.append(Document(f"plans/{number}-agreement.pdf", self.env._("Payment plan %s", plan.name), plan._document_raw()))
                documents.append(Document(f"plans/{number}-acceptance.pdf", self.env._("Who accepted %s", plan.name), plan._render(ACCEPTANCE)))
        return documents

    def _file_interest(self, facts):
        """How interest and charges come about, with the rates used; of a bill that is not claimed only where it is about nothing else."""
        documents = []
        own = facts["charges"].filtered(lambda one: one.state == "posted" and (one.move_id & facts["items"].move_id or one.line_ids.item_id <= facts["items"]))
        for number, charge in enumerate(own, 1):
            reader = charge.with_context(lang=self.env.lang)
            documents.append(Document(f"interest/{number}-proof.pdf", self.env._("Proof of %s", charge.name), reader._proof_file()[1]))
            documents.append(Document(f"interest/{number}-proof.xlsx", self.env._("Proof of %s as a workbook", charge.name), reader._proof_workbook()))
        return documents

    # ------------------------------------------------------------------ the archive

    def _file_archive(self, file, documents, password):
        """The ZIP of the documents with their list; protected with AES where there is a password."""
        stream = io.BytesIO()
        with self._file_zip(stream, password) as archive:
            for document in documents + self._file_manifests(file, documents):
                # what is packed already is not packed once more
                packed = document.path.endswith((".pdf", ".xlsx"))
                archive.writestr(document.path, document.raw, compress_type=zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
        return stream.getvalue()

    @api.model
    def _file_zip(self, stream, password):
        if not password:
            return zipfile.ZipFile(stream, "w")
        archive = pyzipper.AESZipFile(stream, "w", encryption=pyzipper.WZ_AES)
        archive.setpassword(password.encode())
        return archive

    def _file_manifests(self, file, documents):
        """The list of the documents with their hashes, for people and for programs, and what the claim comes to."""
        rows = [{"path": one.path, "title": one.title, "bytes": len(one.raw), "sha256": hashlib.sha256(one.raw).hexdigest()} for one in documents]
        head = {"handover": self.name, "version": file.version, "made_on": fields.Date.to_string(self.company_id._collection_today()),
                "currency": self.currency_id.name, **self._file_totals(), "lacking": file.lacking or "", "files": rows}
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, ["path", "title", "bytes", "sha256"])
        writer.writeheader()
        writer.writerows({**row, "title": csv_text(row["title"])} for row in rows)
        return [Document("manifest.json", "", json.dumps(head, ensure_ascii=False, indent=2).encode()),
                Document("manifest.csv", "", text.getvalue().encode("utf-8-sig"))]

    def _file_totals(self):
        """What the case comes to, as texts; open is what the ledger has, without what is not in it any more."""
        exact = lambda amount: f"{amount:.{self.currency_id.decimal_places}f}"  # noqa: E731
        return {"invoices": len(self.line_ids), "claimed": exact(self.claim), "principal": exact(self.principal), "charges": exact(self.charges),
                "costs": exact(self.costs), "open": exact(self._file_open_sum())}


def _plain(text):
    """A number of a document as part of a file name: letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text or "")[:40].strip("-") or "invoice"
