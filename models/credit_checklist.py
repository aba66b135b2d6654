from odoo import api, fields, models
from odoo.exceptions import ValidationError

QUESTION_KINDS = [
    ("text", "Text"), ("number", "Number"), ("amount", "Amount"), ("date", "Date"), ("yesno", "Yes or no"),
    ("choice", "Choice"), ("file", "File"),
]
QUESTION_STEPS = [("company", "Company"), ("need", "What you need"), ("documents", "Documents")]


class CreditChecklist(models.Model):
    """What one kind of customer is asked when it applies for credit."""

    _name = "credit.checklist"
    _description = "Credit Checklist"
    _order = "sequence, id"

    name = fields.Char("The applicant is", required=True, translate=True, help="How the applicant calls itself, e.g. “A company”.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", domain=[("parent_id", "=", False)],
                                 help="Empty: for every company.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    is_company = fields.Boolean("Organisation", default=True, help="Off for a natural person, such as a sole trader.")
    scorecard_id = fields.Many2one("credit.scorecard", ondelete="restrict", index="btree_not_null")
    ladder_id = fields.Many2one("credit.ladder", ondelete="restrict", index="btree_not_null",
                                help="The path along which a limit grows, where the class of the score names none.")
    reference_count = fields.Integer("Trade references", default=2)
    bank_reference = fields.Boolean("Bank reference", default=True)
    question_ids = fields.One2many("credit.question", "checklist_id", "Questions", copy=True)

    _reference_count_range = models.Constraint(
        "CHECK(reference_count BETWEEN 0 AND 5)", "Ask for at most five trade references.")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for checklist in self:
            checklist.currency_id = (checklist.company_id or self.env.company).currency_id

    def _asked_at(self, amount):
        """The questions asked of who requests ``amount``: financial statements only above an amount."""
        self.ensure_one()
        return self.question_ids.filtered(lambda question: question._is_asked_at(amount))


class CreditQuestion(models.Model):
    """One question of a checklist."""

    _name = "credit.question"
    _description = "Question of a Credit Checklist"
    _order = "checklist_id, sequence, id"

    checklist_id = fields.Many2one("credit.checklist", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="checklist_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="checklist_id.currency_id")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code = fields.Char("Technical name", required=True, help="Short and without blanks; unique in its checklist.")
    name = fields.Char("Question", required=True, translate=True)
    help = fields.Char("Explanation", translate=True)
    kind = fields.Selection(QUESTION_KINDS, required=True, default="text")
    step = fields.Selection(QUESTION_STEPS, required=True, default="company")
    required = fields.Boolean()
    above_amount = fields.Monetary("Asked from", help="Asked only when at least this limit is requested; 0: always.")
    max_length = fields.Integer("Longest answer", default=200)
    choice_ids = fields.One2many("credit.question.choice", "question_id", "Choices", copy=True)

    _code_uniq = models.UniqueIndex("(checklist_id, code)", "Two questions of a checklist have the same technical name.")
    _code_plain = models.Constraint("CHECK(code ~ '^[a-z][a-z0-9_]*$')",
                                    "The technical name of a question is made of small letters, digits and underscores.")
    _max_length_range = models.Constraint("CHECK(max_length BETWEEN 1 AND 4000)", "An answer has 1 to 4,000 characters.")
    _above_amount_positive = models.Constraint("CHECK(above_amount >= 0)", "A question is asked from an amount of 0 or more.")

    @api.constrains("kind", "step")
    def _check_file_step(self):
        for question in self:
            if (question.kind == "file") != (question.step == "documents"):
                raise ValidationError(self.env._(
                    "“%s”: files are asked for in the step “Documents”, and nothing else is.", question.name))

    def _is_asked_at(self, amount):
        self.ensure_one()
        return self.active and self.currency_id.compare_amounts(amount or 0, self.above_amount) >= 0


class CreditQuestionChoice(models.Model):
    """One of the answers a question offers."""

    _name = "credit.question.choice"
    _description = "Choice of a Credit Question"
    _order = "question_id, sequence, id"

    question_id = fields.Many2one("credit.question", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="question_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char("Technical name", required=True)

    _code_uniq = models.UniqueIndex("(question_id, code)", "Two choices of a question have the same technical name.")
