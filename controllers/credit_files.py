from odoo import http
from odoo.http import request

from ..models.credit_field_rules import UnknownFieldError, sentence
from ..models.upload import MAX_FILE, FileError, clean_name, judge
from . import forms, links
from .credit_steps import ROUTE, Page
from .forms import PLAIN

UPLOAD = 26_214_400  # bytes of one post with files


class CreditFiles(http.Controller):
    """Files of an application that is not handed in: one comes, one goes."""

    @http.route(f"{ROUTE}/upload", **{**PLAIN, "max_content_length": UPLOAD})
    @forms.counted
    def upload(self, application_id, token, **_kwargs):
        page = self._page(application_id, token)
        if not page:
            return links.refuse()
        if page.application.state != "draft":
            return links.go(page.url())
        texts, files = forms.posted("file"), request.httprequest.files.getlist("file")
        if set(texts) - {"question"} or len(files) > 1:
            raise UnknownFieldError
        question = self._question(page, forms.first(texts).get("question", ""))
        try:
            self._keep(page, question, files)
        except FileError as refused:
            error = {f"file{question.id or ''}": sentence(request.env, refused.code)}
            return page.show("documents", errors=error, status=400)
        return links.go(page.url("documents"))

    @http.route(f"{ROUTE}/remove", **PLAIN)
    @forms.counted
    def remove(self, application_id, token, **_kwargs):
        page = self._page(application_id, token)
        if not page:
            return links.refuse()
        texts = forms.posted()
        chosen = page.application.document_ids.filtered(lambda one: [str(one.id)] == texts.get("document"))
        if set(texts) != {"document"} or not chosen:
            raise UnknownFieldError
        if page.application.state == "draft":
            chosen.unlink()
        return links.go(page.url("documents"))

    def _page(self, application_id, token):
        application = links.find_linked("credit.application", application_id, token)
        return application and Page(application, token)

    def _question(self, page, chosen):
        """What the file answers; none: something the applicant adds unasked."""
        questions = page.files()["questions"]
        found = questions.filtered(lambda question: str(question.id) == chosen)
        if chosen and not found:
            raise UnknownFieldError
        return found

    def _keep(self, page, question, files):
        if not files or not files[0].filename:
            raise FileError("file_empty")
        raw = files[0].stream.read(MAX_FILE + 1)
        page.application._add_document(question, clean_name(files[0].filename), judge(files[0].filename, raw))
