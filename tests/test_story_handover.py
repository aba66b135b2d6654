import hashlib
import io
import json
import logging
import time

import pyzipper
from pypdf import PdfReader

from odoo.tests import tagged

from .handover import HandoverCommon

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestStoryHandover(HandoverCommon):
    """A hopeless debt leaves in order: the record."""

    def test_story_handover(self):
        """Proposed, approved by somebody else, announced, handed over, partly recovered less the fee, the rest written off to the cent."""
        invoice, charge = self._taxed(1000), self._charge(40)  # 1,210.00 and 40.00
        record = self._proposed(invoice, charge)
        self.assertRecordValues(record, [{"state": "proposed", "principal": 1210, "charges": 40, "claim": 1250, "age_days": 200}])
        self.assertEqual(self._pauses(invoice, charge), [None, None], "a proposal silences nobody")

        record._approve(self.agency, 25, None)
        self.assertRecordValues(record, [{"state": "approved", "claim": 1275, "approved_by": self.env.uid}])
        self.assertEqual(self._pauses(invoice, charge), ["handover_approved"] * 2)

        record.action_announce()
        mail = self.env["mail.mail"].search([("subject", "ilike", record.name)])
        self.assertEqual((len(mail), mail.email_to, mail.state), (1, "northwind@customer.example", "outgoing"))
        self.assertIn("1,275.00", mail.body_html)
        self.assertEqual((record.state, (record.deadline - self.today).days, self._pauses(invoice)), ("announced", 14, ["handover_announced"]))

        self._over(record)
        record._hand_over("NC-77")
        self.assertEqual((record.state, self._pauses(invoice, charge)), ("handed", ["handed_over"] * 2))
        self.assertEqual(self.env["credit.profile"]._account_handed(self._items(invoice)), {self._item(invoice).id: "Northern Collect"})

        # 25 % of 400.00 and 21 % tax on it are kept: 121.00; 279.00 comes in
        self.agency.fee_tax_ids = self.fee_tax
        self.assertEqual(record._expected_fee(400), 100)
        self._sends(record, 400, 100)
        self.assertEqual([self._balance(self.fee_account), invoice.amount_residual, charge.amount_residual], [100, 810, 40])
        self.assertRecordValues(record, [{"recovered_agency": 400, "recovered": 400, "fee": 121, "open_amount": 850, "state": "handed"}])

        record._write_off("Nothing to seize")
        self.assertEqual([invoice.amount_residual, charge.amount_residual], [0, 0])
        self.assertRecordValues(record, [{"state": "closed", "outcome": "written_off", "written_off": 850, "open_amount": 0, "recovered": 400}])
        note = record.move_ids.filtered(lambda move: move.reversed_entry_id == invoice)
        # 810.00 is 669.42 and 140.58 of tax
        self.assertRecordValues(note, [{"move_type": "out_refund", "amount_untaxed": 669.42, "amount_tax": 140.58, "state": "posted"}])
        self.assertEqual(record.event_ids.sorted("id").mapped("kind"), ["step", "step", "letter", "step", "recovery", "write_off", "step", "note"])
        self.assertRecordValues(self.agency, [{"handover_count": 1, "handed_amount": 1275, "recovered_amount": 400, "fee_amount": 121}])

    def test_story_handover_file(self):
        """The file of a customer with 200 invoices: really printed, read back, complete; the log says how long it took."""
        invoices = self.env["account.move"]
        for number in range(200):
            invoices |= self._invoice(100 + number, 100 + number, post=False)
        invoices.action_post()
        record = self._approved(*invoices)
        started = time.monotonic()
        file = record.with_context(force_report_rendering=True)._file_make()
        seconds = time.monotonic() - started
        _logger.info("the file of 200 invoices took %.1f s and has %.1f MB", seconds, file.file_size / 1e6)
        self.assertEqual(file.state, "made")
        self.assertFalse(file.lacking)

        archive = pyzipper.AESZipFile(io.BytesIO(file.sudo()._kept_raw()))
        archive.setpassword(file.password.encode())
        content = {name: archive.read(name) for name in archive.namelist()}
        printed = {name: raw for name, raw in content.items() if name.startswith("invoices/")}
        self.assertEqual(len(printed), 200)
        for move in invoices:  # each is the invoice that its name says
            [raw] = [raw for name, raw in printed.items() if name.endswith(f"-{move.name.replace('/', '-')}.pdf")]
            self.assertIn(move.name, PdfReader(io.BytesIO(raw)).pages[0].extract_text())
        manifest = json.loads(content["manifest.json"])
        self.assertEqual({row["path"]: row["sha256"] for row in manifest["files"]},
                         {name: hashlib.sha256(raw).hexdigest() for name, raw in content.items() if not name.startswith("manifest.")})
        # 200 invoices of 100.00 to 299.00
        self.assertEqual((manifest["claimed"], manifest["open"], manifest["invoices"]), ("39900.00", "39900.00", 200))
        cover = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content["cover.pdf"])).pages)
        self.assertIn("39,900.00", cover)
        self.assertEqual(record.event_ids.filtered(lambda event: event.kind == "file").user_id, self.env.user)
