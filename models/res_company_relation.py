from odoo import fields, models


class ResCompany(models.Model):
    """When greetings leave, and what keeps them."""

    _inherit = "res.company"

    collection_greeting_from = fields.Float("Greetings from", default=9.0)
    collection_greeting_to = fields.Float("Greetings until", default=17.0)
    collection_greeting_most_late = fields.Integer("No greeting while late by more than (days)", default=14,
                                                   help="The oldest overdue item counts. -1 = greet whatever is overdue.")
    collection_greeting_counts = fields.Boolean("Greetings count as contacts", help="They then use up the contact limit and keep reminders at a distance.")
    collection_greeting_once = fields.Boolean("One greeting across companies", default=True,
                                              help="A contact whom another of our companies greets for the same day is not greeted again.")

    _collection_greeting_sane = models.Constraint(
        "CHECK(collection_greeting_from >= 0 AND collection_greeting_from < collection_greeting_to AND collection_greeting_to <= 24"
        " AND collection_greeting_most_late >= -1)", "Greetings need hours between 0 and 24, and days of -1 or more.")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_greeting_from = fields.Float(related="company_id.collection_greeting_from", readonly=False)
    collection_greeting_to = fields.Float(related="company_id.collection_greeting_to", readonly=False)
    collection_greeting_most_late = fields.Integer(related="company_id.collection_greeting_most_late", readonly=False)
    collection_greeting_counts = fields.Boolean(related="company_id.collection_greeting_counts", readonly=False)
    collection_greeting_once = fields.Boolean(related="company_id.collection_greeting_once", readonly=False)
