from odoo import http
from odoo.http import request

from ..models.credit_field_rules import sentence
from ..models.credit_form import STEPS
from . import forms, links
from .forms import MODULE, POST, SHOW

ROUTE = "/credit/application/<int:application_id>/<string:token>"
STEP = f"{ROUTE}/<any(company,need,references):step>"


class CreditSteps(http.Controller):
    """The later steps of an application, behind its own link: each is saved as it is sent."""

    @http.route([STEP, f"{ROUTE}/<any(documents):step>"], **SHOW)
    def step_form(self, application_id, token, step, **_kwargs):
        application = links.find_linked("credit.application", application_id, token)
        if not application:
            return links.refuse()
        page = Page(application, token)
        if application.state != "draft":
            return links.go(page.url())
        return page.show(step)

    @http.route(STEP, **POST)
    @forms.counted
    def save(self, application_id, token, step, **_kwargs):
        application = links.find_linked("credit.application", application_id, token)
        if not application:
            return links.refuse()
        page = Page(application, token)
        if application.state != "draft":
            return links.go(page.url())
        return page.save(step, forms.posted())

    @http.route(f"{ROUTE}/submit", **POST)
    @forms.counted
    def submit(self, application_id, token, **_kwargs):
        application = links.find_linked("credit.application", application_id, token)
        if not application:
            return links.refuse()
        page = Page(application, token)
        return page.submit(forms.posted()) if application.state == "draft" else links.go(page.url())


class Page:
    """One application as its form shows and takes it."""

    def __init__(self, application, token):
        self.application, self.token = application, token
        self.company, self.checklist = application.company_id, application.checklist_id

    def url(self, step=""):
        return f"/credit/application/{self.application.id}/{self.token}" + (f"/{step}" if step else "")

    # ------------------------------------------------------------------ showing

    def show(self, step, texts=None, errors=None, status=200, **more):
        stored = texts is None
        template = "credit_portal_documents" if step == "documents" else "credit_portal_step"
        return links.answer(f"{MODULE}.{template}", {
            "company": self.company, "res_company": self.company, "application": self.application, "step": step,
            "action": self.url("submit" if step == "documents" else step), "links": {name: self.url(name) for name in STEPS},
            "url": self.url(), "sections": forms.sections(self.form(step)), "texts": self.texts(step) if stored else texts,
            "errors": errors or {}, "checklist": self.checklist, "back": self.back(step),
            **(self.files() if step == "documents" else {}), **more,
        }, status)

    def form(self, step, whole=False):
        """The fields of a step; ``whole``: also questions of other amounts, since this very post may change the amount."""
        amount = None if whole else self.application.requested_limit
        form = request.env["credit.form"].sudo()._step(step, self.checklist, self.company, amount)
        if step != "references":
            return form
        asked = [slot for slot, reference in self.application._reference_slots().items() if reference and reference.state != "new"]
        return [field for field in form if field.name.partition("_")[0] not in asked]

    def texts(self, step):
        if step == "references":
            return self.application._reference_texts()
        if step == "documents":
            return self._consents()
        return self.application._form_texts(self.form(step))

    def _consents(self):
        """What was agreed to before, as long as the notice is still the same."""
        application = self.application
        if not application.consent_on or application.privacy_version != self.company.credit_privacy_version:
            return {}
        ticks = {"privacy": True, "terms": application.terms_consent, "bureau": application.bureau_consent,
                 "ask_references": any(application.reference_ids.mapped("consent"))}
        return {name: "1" for name, given in ticks.items() if given}

    def files(self):
        asked = self.checklist._asked_at(self.application.requested_limit).filtered(lambda question: question.kind == "file")
        documents = self.application.document_ids
        return {"questions": asked, "documents": documents, "others": documents.filtered(lambda one: one.question_id not in asked),
                "upload": self.url("upload"), "remove": self.url("remove")}

    def back(self, step):
        return self.url(STEPS[STEPS.index(step) - 1]) if step != STEPS[0] else ""

    # ------------------------------------------------------------------ saving

    def save(self, step, texts):
        """Take a step or show what is wrong; nothing of a step that is not good is kept."""
        form = self.form(step, whole=True)
        values, errors = forms.read(form, texts, self.company)
        if step == "references":
            errors |= self._judge_references(values, texts)
            return self.show(step, forms.first(texts), errors, 400) if errors else self._save_references(values)
        before = self.application.requested_limit
        after = float(values.get("requested_limit") or before)
        fresh = {field.name for field in form if _asked(field, after) and not _asked(field, before)} - set(texts)
        idle = {field.name for field in form if not _asked(field, after)}
        errors = {name: text for name, text in errors.items() if name not in fresh | idle}
        if errors:
            return self.show(step, forms.first(texts), errors, 400)
        self.application._save_step(form, {**dict.fromkeys(fresh | idle), **values})
        return links.go(self.url(step if fresh else self._after(step)))

    def _after(self, step):
        """The next step; back to the first one when the amount brought up a question there."""
        if step == "need" and self.application._unanswered("company"):
            return "company"
        return STEPS[STEPS.index(step) + 1]

    def _judge_references(self, values, texts):
        """A reference that is begun needs a name and an address; one is needed, or the word that there is none."""
        slots = {name.partition("_")[0] for name in values if name != "no_references"}
        errors, named = {}, False
        for slot in slots:
            row = {name: forms.first(texts).get(f"{slot}_{name}", "").strip() for name in ("name", "contact", "email", "phone")}
            named = named or slot != "bank" and bool(row["name"])
            if any(row.values()) and not row["name"]:
                errors[f"{slot}_name"] = sentence(request.env, "name_needed")
            if slot != "bank" and row["name"] and not row["email"]:
                errors[f"{slot}_email"] = sentence(request.env, "email_needed")
        wanted = self.checklist.reference_count and not self.application.reference_ids.filtered(lambda one: one.state != "new")
        if wanted and not named and not values.get("no_references") and not errors:
            errors["no_references"] = sentence(request.env, "none_named")
        return errors

    def _save_references(self, values):
        self.application.sudo()._save_references(values)
        return links.go(self.url("documents"))

    def submit(self, texts):
        """The last step: what is agreed to; then the application is handed in."""
        values, errors = forms.read(self.form("documents"), texts, self.company)
        missing = self.application._missing_steps()
        if errors or missing:
            return self.show("documents", forms.first(texts), errors, 400, missing=missing)
        self.application._submit_from_portal(values)
        return links.go(self.url())


def _asked(field, amount):
    """Whether a field is asked of who requests that much."""
    return "question" not in field.extra or field.extra["question"]._is_asked_at(amount)
