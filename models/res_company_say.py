from odoo import fields, models


class ResCompany(models.Model):
    """What customers may say by themselves on the page of their account."""

    _inherit = "res.company"

    collection_say_promises = fields.Integer(
        "Promises online", default=2,
        help="So many times in a row a customer promises the same invoices by itself; then it has to talk to us. 0 = never.")

    _collection_say_promises_positive = models.Constraint(
        "CHECK(collection_say_promises BETWEEN 0 AND 20)", "A customer promises the same invoices 0 to 20 times in a row.")
