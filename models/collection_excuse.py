from odoo import api, fields, models

from ..engine import answers
from .collection_call import OUTCOMES


class CollectionExcuse(models.Model):
    """What customers say instead of a date, what to ask back, and what to do about it."""

    _name = "collection.excuse"
    _description = "Excuse"
    _order = "sequence, id"

    name = fields.Char("The customer says", required=True, translate=True)
    code = fields.Char(help="A short word by which other programs know it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    ask = fields.Text("Question to ask", translate=True)
    outcome = fields.Selection(OUTCOMES, "Leads to", help="The outcome that is proposed when this was said.")
    dispute_reason_id = fields.Many2one("collection.dispute.reason", "Reason of the dispute", ondelete="restrict")
    answer_ids = fields.One2many("collection.excuse.answer", "excuse_id", "Answers", copy=True)
    use_count = fields.Integer("Heard", compute="_compute_use_count", help="In how many calls it was said.")

    _code_uniq = models.UniqueIndex("(code) WHERE code IS NOT NULL", "Another excuse has this code.")

    def _compute_use_count(self):
        heard = dict(self.env["collection.call"]._read_group(
            [("excuse_id", "in", self.ids), ("voided", "=", False)], ["excuse_id"], ["__count"]))
        for excuse in self:
            excuse.use_count = heard.get(excuse, 0)


class CollectionExcuseAnswer(models.Model):
    """An answer to an excuse, and what came of it: whether the promise it brought was kept."""

    _name = "collection.excuse.answer"
    _description = "Answer to an Excuse"
    _order = "sequence, id"
    _rec_name = "text"

    excuse_id = fields.Many2one("collection.excuse", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    text = fields.Text("Answer", required=True, translate=True)
    used = fields.Integer(compute="_compute_success", help="In how many calls it was given.")
    judged = fields.Integer("Promises after it", compute="_compute_success", help="Promises made in these calls that fell due.")
    kept = fields.Integer("Of them kept", compute="_compute_success")
    rate = fields.Float("Kept (%)", compute="_compute_success", digits=(5, 0))

    def _compute_success(self):
        """Over all calls there are; two customers' calls count the same."""
        Call = self.env["collection.call"].sudo()  # sudo: sums over customers of all collectors, nothing of any one of them
        found = {answer: {} for answer in self}
        for answer, state, count in Call._read_group(
                [("answer_id", "in", self.ids), ("voided", "=", False)], ["answer_id", "promise_state"], ["__count"]):
            found[self.browse(answer.id)][state] = count
        for answer in self:
            states = found.get(answer, {})
            answer.used = sum(states.values())
            answer.kept = states.get("kept", 0)
            answer.judged = sum(states.get(state, 0) for state in ("kept", "partly", "broken"))
            answer.rate = 100 * answer.kept / answer.judged if answer.judged else 0.0

    def _to_engine(self):
        self.ensure_one()
        return answers.Answer(self.id, self.judged, self.kept)

    def _decide_order(self, least):
        """One engine call: answers of one excuse, best first."""
        return self.browse(answers.order([answer._to_engine() for answer in self], least))

    def _decide_rate(self, least):
        """The share of promises kept in percent, None with too few cases."""
        found = answers.rate(self._to_engine(), least)
        return None if found is None else round(100 * found)

    @api.depends("text")
    def _compute_display_name(self):
        for answer in self:
            answer.display_name = (answer.text or "").split("\n")[0][:80]
