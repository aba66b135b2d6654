from odoo import fields, models

TEAMS = [("sales", "Sales"), ("logistics", "Logistics"), ("service", "Service"), ("finance", "Finance")]
# how a dispute ends; "paid" is what payments make of it, never a person
OUTCOMES = [("credit_note", "Credit note"), ("rejected", "Rejected"), ("replaced", "Replaced or corrected"), ("written_off", "Written off"),
            ("withdrawn", "Withdrawn by the customer"), ("paid", "Paid after all")]
CHOICES = OUTCOMES[:-1]


class CollectionDisputeReason(models.Model):
    """Why customers do not pay: who clears it up, until when, and with which evidence."""

    _name = "collection.dispute.reason"
    _description = "Reason of a Dispute"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char("Reason", required=True, translate=True)
    code = fields.Char("Technical name", required=True)
    team = fields.Selection(TEAMS, "Cleared up by", required=True, default="finance")
    owner_id = fields.Many2one("res.users", ondelete="restrict", domain=[("share", "=", False)],
                               help="Gets the task. Empty: for sales, the salesperson of the invoice.")
    sla_days = fields.Integer("Working days", required=True, default=5, help="To clear it up; then it is escalated.")
    evidence = fields.Char("Evidence needed", translate=True)
    default_outcome = fields.Selection(CHOICES, "Usual outcome", required=True, default="rejected")
    our_fault = fields.Boolean("Our fault", help="Days in such a dispute do not count as days late of the customer.")

    _code_uniq = models.UniqueIndex("(code)", "Two reasons have the same technical name.")
    _days_positive = models.Constraint("CHECK(sla_days >= 0)", "The working days must not be negative.")
