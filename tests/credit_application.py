import base64
import io

from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools.pdf import PdfFileReader

from .common import CollectionCommon

PNG = base64.b64encode(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))


class CreditApplicationCommon(CollectionCommon):
    """A scorecard whose numbers can be checked by hand, and the verbs of an application."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.reason = cls.env.ref("account_credit_collection.credit_refusal_reason_means")
        cls.scorecard = cls.env["credit.scorecard"].create({
            "name": "Test", "tolerance": 3, "rounding": 500,
            "factor_ids": [
                cls._factor("years_in_business", "Years", 50, [(None, 0.2), (5, 0.6), (10, 1.0)]),
                cls._factor("trade_manner", "Suppliers", 50, [(None, 1.0), (15, 0.5), (45, 0.0)])],
            "class_ids": [Command.create({"name": name, "low": low, "risk_factor": risk})
                          for name, low, risk in (("A", 80, 1.0), ("B", 60, 0.8), ("C", 0, 0.5))],
        })
        cls.checklist = cls.env["credit.checklist"].create({
            "name": "A test company", "scorecard_id": cls.scorecard.id, "company_id": cls.company.id,
            "question_ids": [
                Command.create({"code": "trade", "name": "What do you do?", "kind": "text", "required": True}),
                Command.create({"code": "accounts", "name": "Annual accounts", "kind": "file", "step": "documents", "required": True,
                                "above_amount": 25000})],
        })
        cls.ladder = cls.env["credit.ladder"].create({
            "name": "Test", "company_id": cls.company.id,
            "stage_ids": [Command.create({"name": name, "amount": amount, "sequence": place})
                          for place, (name, amount) in enumerate((("Start", 5000), ("Middle", 7500), ("Top", 20000)))]})
        cls.checklist.ladder_id = cls.ladder
        cls.env["credit.authority"].sudo().search([("company_id", "=", cls.company.id)]).unlink()
        cls.authority = cls.env["credit.authority"].sudo().create(
            {"company_id": cls.company.id, "user_id": cls.env.uid, "amount": 50000, "own_amount": 1000})
        cls.colleague = cls._colleague("colleague")

    @classmethod
    def _colleague(cls, login, group="group_collector"):
        return new_test_user(cls.env(su=True), login=login, groups=f"account.group_account_invoice,account_credit_collection.{group}",
                             company_id=cls.company.id, company_ids=cls.company.ids)

    @classmethod
    def _factor(cls, source, name, weight, bands):
        return Command.create({"source": source, "name": name, "weight": weight, "band_ids": [
            Command.create({"is_lowest": low is None, "low": low or 0, "points": points}) for low, points in bands]})

    # ------------------------------------------------------------------ verbs

    def _apply(self, user=None, submit=True, **values):
        """An application a colleague entered, so that the person of the test may decide it."""
        application = self.env["credit.application"].with_user(user or self.colleague).create({
            "name": "Fabrikam", "company_id": self.company.id, "checklist_id": self.checklist.id, "country_id": self.belgium.id, "lang": "en_US",
            "contact_name": "Ann Applicant", "email": "ann@fabrikam.example", "vat": "BE0477472701", "requested_limit": 20000,
            "founded_year": self.today.year - 6, "answer_ids": [Command.create({
                "question_id": self.checklist.question_ids[0].id, "value_text": "Doors"})], **values})
        if submit:
            application.action_submit()
        return application.with_env(self.env)

    def _review(self, **values):
        application = self._apply(**values)
        application.action_review()
        return application

    def _decide(self, application, **values):
        wizard = self.env["credit.decision.wizard"].create({"application_id": application.id, **values})
        wizard.action_decide()
        return application

    def _approved(self, cap=20000, **values):
        return self._decide(self._review(**values), approved_cap=cap)

    def _sign(self, application, name="Ann Applicant"):
        application.with_user(self.env.ref("base.public_user"))._sign(name, "Director", "192.0.2.7", "Firefox")

    def _refer(self, application, manner="prompt", high=30000, **values):
        reference = self.env["credit.application.reference"].create({
            "application_id": application.id, "name": "Supplier", "email": "ledger@supplier.example", **values})
        reference._answer({"manner_of_payment": manner, "high_credit": high}, "Sam", "192.0.2.9")
        return reference

    def _mails(self, address):
        return self.env["mail.mail"].sudo().search([("email_to", "ilike", address)], order="id")

    def _text(self, raw):
        return "".join(page.extract_text() for page in PdfFileReader(io.BytesIO(raw)).pages)
