import base64
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.tools import formatLang, mute_logger

from .credit_application_mail import BUTTON, SECRET
from .credit_form import STEPS
from .upload import MAX_FILES, MAX_TOTAL, FileError

ABANDONED = timedelta(hours=48)  # an application nobody sent is deleted after that
MAX_UNSENT = 2 * 1024 ** 3  # bytes of files in unsent applications, all together
# Nothing is told to followers, no partner is looked for, while an outsider types.
SILENT = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True, "tracking_disable": True}


class CreditApplication(models.Model):
    """What the public form does to an application. The controllers have checked link and input; nothing here is public."""

    _inherit = "credit.application"

    mail_status_button = fields.Html(compute="_compute_mail_status_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.mail_status_button")

    @api.depends_context("lang")
    def _compute_mail_status_button(self):
        for application in self:
            application.mail_status_button = BUTTON % (application._link_url("/credit/application"), self.env._("See where it stands"))

    # ------------------------------------------------------------------ writing

    @api.model
    def _create_from_portal(self, company, checklist, nonce, form, values):
        """A draft from the first step of the form, None when this very form was sent before."""
        # sudo: a visitor has no rights; company, state and source are set here, whatever was posted
        applications = self.sudo().with_context(**SILENT)
        if applications.search_count([("nonce", "=", nonce)], limit=1):
            return None
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                application = applications.create({
                    "company_id": company.id, "checklist_id": checklist.id, "source": "portal", "nonce": nonce,
                    "lang": self.env.lang, "user_id": False, **_model_values(form, values)})
        except IntegrityError:  # the same form, sent twice at the very same moment
            return None
        application._save_answers(form, values)
        return application

    def _save_step(self, form, values):
        """Take one step's values; ``form`` are its fields, ``values`` what they say."""
        self.ensure_one()
        application = self.sudo().with_context(**SILENT)  # sudo: the visitor's link was checked
        application.write({**_model_values(form, values), "lang": self.env.lang})
        application._save_answers(form, values)

    def _save_answers(self, form, values):
        """One answer for each question; an emptied one is removed, and so is what is not asked at this amount."""
        given = {field.extra["question"]: values[field.name] for field in form if "question" in field.extra}
        asked = self.checklist_id._asked_at(self.requested_limit)
        old = {answer.question_id: answer for answer in self.answer_ids}
        for question, value in given.items():
            answer = old.get(question)
            if value in (None, False, "") or question not in asked:
                (answer or self.answer_ids.browse()).unlink()
            elif answer:
                answer.write(_answer_values(question, value))
            else:
                self.answer_ids.create({"application_id": self.id, "question_id": question.id, **_answer_values(question, value)})

    def _save_references(self, values):
        """The references named in the form; one that was asked already stays as it is."""
        for slot, reference in self._reference_slots().items():
            if reference and reference.state != "new":
                continue
            row = {name: values.get(f"{slot}_{name}") or False for name in ("name", "email", "phone")}
            row["contact_name"] = values.get(f"{slot}_contact") or False
            if not row["name"]:
                reference.unlink()
            elif reference:
                reference.write(row)
            else:
                reference.create({"application_id": self.id, "kind": "bank" if slot == "bank" else "trade", "consent": False, **row})

    def _reference_slots(self):
        """The places for references in the form, each with the reference that fills it or none."""
        none = self.reference_ids.browse()
        trade = self.reference_ids.filtered(lambda one: one.kind == "trade").sorted("id")
        slots = {f"trade{number}": trade[number - 1:number] for number in range(1, max(self.checklist_id.reference_count, len(trade)) + 1)}
        bank = self.reference_ids.filtered(lambda one: one.kind == "bank").sorted("id")[:1]
        if bank or self.checklist_id.bank_reference:
            slots["bank"] = bank or none
        return slots

    def _add_document(self, question, name, judged):
        """Keep a judged file; raises FileError when there are too many or too much."""
        self.ensure_one()
        application = self.sudo().with_context(**SILENT)  # sudo: the visitor's link was checked
        documents = application.document_ids
        if len(documents) >= MAX_FILES:
            raise FileError("file_count")
        if sum(documents.mapped("size")) + len(judged.raw) > MAX_TOTAL:
            raise FileError("file_total")
        if application._unsent_bytes() + len(judged.raw) > MAX_UNSENT:
            raise FileError("file_full")
        return documents.create({
            "application_id": self.id, "question_id": question.id, "original_name": name, "unsafe": judged.unsafe,
            "file": base64.b64encode(judged.raw)})

    @api.model
    def _unsent_bytes(self):
        """What files of unsent applications take in all; a flood of them must not fill the disk."""
        [(total,)] = self.env["credit.application.document"]._read_group(
            [("application_id.state", "=", "draft"), ("application_id.source", "=", "portal")], [], ["size:sum"])
        return total or 0

    def _submit_from_portal(self, consents):
        """Hand the application in with what the applicant agreed to (R-111)."""
        self.ensure_one()
        application = self.sudo()  # sudo: the visitor's link was checked
        application.write({
            "privacy_version": application.company_id.credit_privacy_version, "consent_on": fields.Datetime.now(),
            "bureau_consent": consents.get("bureau", False), "terms_consent": consents.get("terms", False)})
        application.reference_ids.filtered(lambda one: one.state == "new").write({"consent": bool(consents.get("ask_references"))})
        application._submit()

    # ------------------------------------------------------------------ reading

    def _form_texts(self, form):
        """What the fields of a step show: the values stored, as the visitor writes them."""
        answers = {answer.question_id: answer for answer in self.answer_ids}
        texts = {}
        for field in form:
            if "question" in field.extra:
                answer = answers.get(field.extra["question"])
                texts[field.name] = self._answer_text(answer) if answer else ""
            elif field.model_field:
                texts[field.name] = self._value_text(field, self[field.model_field])
        return texts

    def _value_text(self, field, value):
        if field.rule.kind == "amount":
            return formatLang(self.env, value, digits=2) if value else ""
        if isinstance(value, models.BaseModel):
            return str(value.id or "")
        return str(value or "")

    def _answer_text(self, answer):
        if not answer._is_given():
            return ""
        kind = answer.kind
        if kind in ("number", "amount"):
            return formatLang(self.env, answer.value_number, digits=2 if kind == "amount" or answer.value_number % 1 else 0)
        if kind == "yesno":
            return "yes" if answer.value_yes else "no"
        return str({"choice": answer.choice_id.id, "date": answer.value_date}.get(kind, answer.value_text) or "")

    def _reference_texts(self):
        texts = {}
        for slot, reference in self._reference_slots().items():
            for name, value in (("name", reference.name), ("contact", reference.contact_name), ("email", reference.email), ("phone", reference.phone)):
                texts[f"{slot}_{name}"] = value or ""
        return texts

    def _unanswered(self, step):
        """The required questions of a step that are asked at this amount and have no answer yet."""
        asked = self.checklist_id._asked_at(self.requested_limit).filtered(lambda one: one.required and one.step == step)
        answered = self.answer_ids.filtered(lambda answer: answer._is_given())
        return asked - (self.document_ids if step == "documents" else answered).question_id

    def _missing_steps(self):
        """``[(step, what is missing)]``: why this cannot be handed in yet; empty when it can."""
        missing = [(step, name) for step in STEPS for name in self._unanswered(step).mapped("name")]
        if not self.requested_limit:
            missing.insert(0, (STEPS[1], self._fields["requested_limit"]._description_string(self.env)))
        return missing

    def _next_step(self):
        """Where an unsent application goes on."""
        if not self.requested_limit:
            return STEPS[1]
        return STEPS[3] if self.reference_ids or not self.checklist_id.reference_count else STEPS[2]

    # ------------------------------------------------------------------ tidying

    @api.autovacuum
    def _gc_abandoned(self):
        """Applications begun in the form and never sent go, with their files, two days after the last step."""
        old = self.search([("state", "=", "draft"), ("source", "=", "portal"), ("submitted_on", "=", False),
                           ("write_date", "<", fields.Datetime.now() - ABANDONED)], limit=1000)
        old.unlink()
        return len(old), 0


class CreditApplicationReference(models.Model):
    _inherit = "credit.application.reference"

    def _answer_from_portal(self, values, ip):
        """The referee's words as facts; what was left empty stays unknown."""
        facts = {name: float(value) if name in ("high_credit", "owing", "past_due") else value
                 for name, value in values.items() if name != "answered_name" and value not in (None, False, "")}
        self._answer(facts, values["answered_name"], ip)


def _model_values(form, values):
    """Posted values as the model's fields take them."""
    converted = {}
    for field in form:
        if field.model_field and "question" not in field.extra:
            value = values[field.name]
            converted[field.model_field] = _plain(field.rule.kind, value)
    return converted


def _plain(kind, value):
    if value in (None, ""):
        return 0 if kind in ("amount", "year", "number") else False
    if kind == "choice":
        return int(value)
    return float(value) if kind in ("amount", "number") else value


def _answer_values(question, value):
    empty = {"value_text": False, "value_number": 0, "value_date": False, "value_yes": False, "choice_id": False}
    kind = question.kind
    if kind in ("number", "amount"):
        return {**empty, "value_number": float(value)}
    if kind == "yesno":
        return {**empty, "value_yes": value == "yes"}
    return {**empty, {"choice": "choice_id", "date": "value_date"}.get(kind, "value_text"): int(value) if kind == "choice" else value}
