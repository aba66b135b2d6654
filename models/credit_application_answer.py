from odoo import api, fields, models
from odoo.tools.misc import format_date, formatLang

VALUE_FIELDS = frozenset({"value_text", "value_number", "value_date", "value_yes", "choice_id"})


class CreditApplicationAnswer(models.Model):
    """The answer to one question of the checklist."""

    _name = "credit.application.answer"
    _description = "Answer of a Credit Application"
    _inherit = ["credit.application.part"]
    _order = "application_id, sequence, id"

    application_id = fields.Many2one("credit.application", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="application_id.currency_id")
    question_id = fields.Many2one("credit.question", required=True, index=True, ondelete="restrict")
    sequence = fields.Integer(related="question_id.sequence", store=True)
    kind = fields.Selection(related="question_id.kind")
    given = fields.Boolean("Answered", help="A number of 0 and a no are answers too, once they were given.")
    value_text = fields.Char()
    value_number = fields.Float(digits=(16, 2))
    value_date = fields.Date()
    value_yes = fields.Boolean()
    choice_id = fields.Many2one("credit.question.choice", ondelete="restrict", domain="[('question_id', '=', question_id)]")
    value = fields.Char("Answer", compute="_compute_value")

    _question_uniq = models.UniqueIndex("(application_id, question_id)", "This question has been answered already.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{"given": bool(VALUE_FIELDS & set(vals)), **vals} for vals in vals_list])

    def write(self, vals):
        return super().write({"given": True, **vals} if VALUE_FIELDS & set(vals) else vals)

    @api.depends("kind", "given", "value_text", "value_number", "value_date", "value_yes", "choice_id", "currency_id")
    @api.depends_context("lang")
    def _compute_value(self):
        for answer in self:
            answer.value = answer._to_text()

    def _to_text(self):
        if not self._is_given():
            return ""
        if self.kind == "number":
            return formatLang(self.env, self.value_number, digits=0 if self.value_number == int(self.value_number) else 2)
        if self.kind == "amount":
            return formatLang(self.env, self.value_number, currency_obj=self.currency_id)
        if self.kind == "date":
            return format_date(self.env, self.value_date)
        if self.kind == "yesno":
            return self.env._("Yes") if self.value_yes else self.env._("No")
        return self.choice_id.name if self.kind == "choice" else self.value_text

    def _is_given(self):
        """Whether there is an answer; a question laid out by the office has none yet."""
        words = {"text": self.value_text, "date": self.value_date, "choice": self.choice_id}
        return bool(words[self.kind]) if self.kind in words else self.given


class CreditApplication(models.Model):
    _inherit = "credit.application"

    def _missing_answers(self):
        """The required questions, references and documents that are not there yet."""
        self.ensure_one()
        asked = self.checklist_id._asked_at(self.requested_limit).filtered("required")
        files = asked.filtered(lambda question: question.kind == "file")
        found = self.sudo()  # sudo: what is missing shows nothing of what is there
        answered = found.answer_ids.filtered(lambda answer: answer._is_given()).question_id
        return ((asked - files - answered) + (files - found.document_ids.question_id)).mapped("name")

    def action_fill_questions(self):
        """Lay out the questions this applicant is asked, for the office to fill in."""
        self._check_staff()
        for application in self:
            asked = application.checklist_id._asked_at(application.requested_limit).filtered(lambda question: question.kind != "file")
            self.env["credit.application.answer"].create([
                {"application_id": application.id, "question_id": question.id}
                for question in asked - application.answer_ids.question_id])
