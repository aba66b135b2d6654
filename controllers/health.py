from odoo import http
from odoo.http import request
from odoo.tools import consteq


class CollectionHealth(http.Controller):

    @http.route("/collections/health", type="http", auth="public", methods=["GET"], save_session=False)
    def health(self, token="", **_kwargs):
        """200 when the jobs run, 503 when one is late or failing; the secret is a system parameter (R-25)."""
        secret = request.env["ir.config_parameter"].sudo().get_param("account_credit_collection.health_token")
        if not secret or not consteq(secret.encode(), token.encode()):
            return request.not_found()
        problems = request.env["collection.heartbeat"].sudo()._problems()
        body = "\n".join(f"{job} {problem}" for job, problem in problems) or "ok"
        return request.make_response(body, status=503 if problems else 200,
                                     headers=[("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
