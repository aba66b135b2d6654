from odoo import fields, models

from ..engine import calling, priority


class ResCompany(models.Model):
    """How the worklist is ranked and how calls are followed up."""

    _inherit = "res.company"

    collection_band_a = fields.Integer("Band A from (%)", default=70)
    collection_band_b = fields.Integer("Band B from (%)", default=40)
    collection_band_c = fields.Integer("Band C from (%)", default=15, help="With less a customer is not listed.")
    collection_notice_days = fields.Integer("After a reminder the customer has the word (days)", default=3)
    collection_worklist_minimum = fields.Monetary("Left to reminders below")
    collection_retry_days = fields.Integer("Nobody answers: again after (working days)", default=1)
    collection_retry_count = fields.Integer("Attempts in a row", default=3)
    collection_retry_pause = fields.Integer("Then a pause of (working days)", default=5)
    collection_plan_days = fields.Integer("A plan asked for stops reminders for (working days)", default=5)
    collection_answer_cases = fields.Integer("Answers are compared from (cases)", default=10)

    _collection_bands_ordered = models.Constraint(
        "CHECK(collection_band_a >= collection_band_b AND collection_band_b >= collection_band_c AND collection_band_c > 0 AND collection_band_a <= 100)",
        "The bands of the worklist must go down from A to C, between 1 and 100.")
    _collection_desk_positive = models.Constraint(
        "CHECK(collection_notice_days >= 0 AND collection_worklist_minimum >= 0 AND collection_retry_days > 0 AND collection_retry_count > 0"
        " AND collection_retry_pause > 0 AND collection_plan_days > 0 AND collection_answer_cases > 0)",
        "The figures of the worklist must be positive.")

    def _collection_bands(self):
        self.ensure_one()
        return priority.Bands(self.collection_band_a, self.collection_band_b, self.collection_band_c)

    def _collection_retry(self):
        self.ensure_one()
        return calling.Retry(self.collection_retry_days, self.collection_retry_count, self.collection_retry_pause)
