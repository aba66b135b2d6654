from odoo import http
from odoo.http import request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CollectionCharges(http.Controller):
    """The proof sheet of a charge as a workbook, for those who may see the charge."""

    @http.route("/collections/charges/<int:charge_id>/proof.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def proof(self, charge_id, **_kwargs):
        charge = request.env["collection.charge"].search([("id", "=", charge_id)])
        if not charge:
            raise request.not_found()
        name = f"{charge._proof_name()}.xlsx"
        return request.make_response(charge.sudo()._proof_workbook(), headers=[  # sudo: rates and rules of a charge that may be read
            ("Content-Type", XLSX), ("Content-Disposition", http.content_disposition(name)), ("Cache-Control", "no-store")])
