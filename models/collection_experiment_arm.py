from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..engine import experiment
from .collection_experiment_member import ARMS
from .collection_reason import describe


class CollectionExperimentArm(models.Model):
    """An arm of an experiment with its figures, which follow from its customers."""

    _name = "collection.experiment.arm"
    _description = "Arm of an Experiment"
    _order = "experiment_id, sequence"
    _rec_name = "arm"
    _log_access = False

    experiment_id = fields.Many2one("collection.experiment", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(readonly=True)
    arm = fields.Selection(ARMS, required=True, readonly=True)
    member_count = fields.Integer("Customers", compute="_compute_figures")
    left_count = fields.Integer("Treated otherwise meanwhile", compute="_compute_figures",
                                help="Given a policy of their own, excluded or archived since they entered. They count in the arm that they drew.")
    judged_count = fields.Integer("Seen through", compute="_compute_figures")
    cured_count = fields.Integer("Paid in time", compute="_compute_figures")
    cure_rate = fields.Float("Paid in time (%)", compute="_compute_figures", digits=(5, 1), help="Customers that paid in time / customers seen through × 100.")
    amount = fields.Monetary("Was overdue", compute="_compute_figures", help="Of customers seen through, when they entered.")
    paid_amount = fields.Monetary("Came in", compute="_compute_figures")
    paid_rate = fields.Float("Came in (%)", compute="_compute_figures", digits=(5, 1), help="Came in / was overdue × 100.")
    difference = fields.Float("Against what is in force (points)", compute="_compute_difference", digits=(5, 1))
    low = fields.Float("At least", compute="_compute_difference", digits=(5, 1))
    high = fields.Float("At most", compute="_compute_difference", digits=(5, 1))
    verdict = fields.Char("What it tells", compute="_compute_difference")
    cured_text = fields.Char(compute="_compute_texts")
    paid_text = fields.Char(compute="_compute_texts")

    _arm_uniq = models.UniqueIndex("(experiment_id, arm)", "An experiment has an arm once.")

    @api.model
    def _make(self, record):
        """The arms of an experiment that starts."""
        arms = [arm for arm, _label in ARMS if record._shares_of().of(arm)]
        self.create([{"experiment_id": record.id, "company_id": record.company_id.id, "sequence": number, "arm": arm} for number, arm in enumerate(arms)])

    @api.depends("experiment_id.member_ids.is_judged", "experiment_id.member_ids.cured_on", "experiment_id.member_ids.paid_amount",
                 "experiment_id.member_ids.left_code")
    def _compute_figures(self):
        """Of those who were overdue, by the arm they drew, whatever became of them later."""
        figures, Member = {}, self.env["collection.experiment.member"]
        counted = [("experiment_id", "in", self.experiment_id.ids), "|", ("left_code", "=", False), ("left_code", "!=", "not_overdue")]
        left = {(record, arm): count for record, arm, count in Member._read_group(
            [*counted, ("left_code", "!=", False)], ["experiment_id", "arm"], ["__count"])}
        for record, arm, judged, *rest in Member._read_group(
                counted, ["experiment_id", "arm", "is_judged"],
                ["__count", "cured_on:count", "amount:sum", "paid_amount:sum"]):
            figures[record, arm, judged] = rest
        for row in self:
            judged, waiting = (figures.get((row.experiment_id, row.arm, flag), (0, 0, 0.0, 0.0)) for flag in (True, False))
            row.judged_count, row.cured_count, row.amount, row.paid_amount = judged
            row.member_count = judged[0] + waiting[0]
            row.left_count = left.get((row.experiment_id, row.arm), 0)
            row.cure_rate = 100.0 * row.cured_count / row.judged_count if row.judged_count else 0.0
            row.paid_rate = 100.0 * row.paid_amount / row.amount if row.amount else 0.0

    @api.depends("judged_count", "cured_count", "amount", "paid_amount")
    @api.depends_context("lang")
    def _compute_texts(self):
        """The figures in sentences, for telephones."""
        for row in self:
            money = row.currency_id.format
            row.cured_text = self.env._("Paid in time: %(cured)s of %(judged)s customers seen through", cured=row.cured_count, judged=row.judged_count)
            row.paid_text = self.env._("Came in: %(paid)s of %(amount)s", paid=money(row.paid_amount), amount=money(row.amount))

    @api.depends("judged_count", "cured_count", "left_count")
    @api.depends_context("lang")
    def _compute_difference(self):
        champions = {row.experiment_id: row for row in self.experiment_id.arm_ids if row.arm == experiment.CHAMPION}
        for row in self:
            champion = champions.get(row.experiment_id)
            found = row._decide_difference(champion) if champion and row != champion else None
            row.difference, row.low, row.high = (float(100 * part) for part in found) if found else (0.0, 0.0, 0.0)
            row.verdict = row._verdict(found, row.left_count + champion.left_count) if champion and row != champion else False

    def _decide_difference(self, champion):
        """One engine call: how much more often this arm pays in time, with its uncertainty."""
        return experiment.difference(self.cured_count, self.judged_count, champion.cured_count, champion.judged_count)

    def _verdict(self, found, left):
        """The difference in words, with its uncertainty; ``left`` customers were treated otherwise than drawn."""
        if not found:
            return describe(self.env, "experiment_nobody")
        code = "experiment_unclear" if not found.certain else "experiment_more" if found.rate > 0 else "experiment_less"
        low, high = (-found.high, -found.low) if code == "experiment_less" else (found.low, found.high)
        figures = {"points": abs(found.rate), "low": low, "high": high}
        text = describe(self.env, code, {name: formatLang(self.env, float(100 * share), digits=1) for name, share in figures.items()})
        return describe(self.env, "experiment_left", {"verdict": text, "count": left}) if left else text
