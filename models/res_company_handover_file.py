from odoo import fields, models


class ResCompany(models.Model):
    """What the files for agencies and lawyers are like."""

    _inherit = "res.company"

    collection_file_password = fields.Boolean("Files for agencies are protected by a password", default=True)
    collection_file_jurisdiction = fields.Char("Place of jurisdiction", translate=True, help="As your terms say it, for the cover sheet of files for agencies.")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_file_password = fields.Boolean(related="company_id.collection_file_password", readonly=False)
    collection_file_jurisdiction = fields.Char(related="company_id.collection_file_jurisdiction", readonly=False)
