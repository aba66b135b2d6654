# Planted bugs for house.yml: the mark above a line names the rule that must find it, or the one that must not.
# ok: the-engine-knows-no-odoo
from datetime import date

# ruleid: the-engine-knows-no-odoo
import requests

# ok: the-engine-knows-no-odoo
from dateutil.relativedelta import relativedelta

# ruleid: the-engine-knows-no-odoo
from markupsafe import Markup

# ruleid: the-engine-knows-no-odoo
from odoo import SUPERUSER_ID, fields, http, models

# ruleid: the-engine-knows-no-odoo
from odoo.http import request

# ruleid: the-engine-knows-no-odoo
from odoo.tools import SQL, safe_eval

# ok: the-engine-knows-no-odoo
from .forms import PAGE

# ruleid: public-route-without-limit
FORM = {"type": "http", "auth": "public", "methods": ["GET", "POST"]}
# ok: public-route-without-limit
SMALL = {"type": "http", "auth": "public", "methods": ["GET", "POST"], "max_content_length": 1000}
# ok: public-route-without-limit
SHOW = {"type": "http", "auth": "public", "methods": ["GET"]}
# ruleid: public-route-without-limit
OPEN = {**PAGE, "methods": ["POST"]}
# ok: public-route-without-limit
PLAIN = {**PAGE, "methods": ["POST"], "max_content_length": 1000}
# ok: public-route-without-limit
POST = {**PLAIN, "methods": ["POST"], "captcha": "a"}


class Door(http.Controller):

    # ruleid: route-without-csrf, public-route-without-limit
    @http.route("/a", auth="public", methods=["POST"], csrf=False)
    def a(self, token, **post):
        # ruleid: create-from-request
        request.env["x"].create(post)
        # ruleid: create-from-request
        request.env["x"].create({"name": "A", **post})
        # ruleid: create-from-request
        request.env["x"].write(request.params)
        # ok: create-from-request
        request.env["x"].create({"name": post["name"]})
        # ruleid: token-compared-in-plain
        if token == "secret":
            # ruleid: redirect-to-anywhere
            return request.redirect(post["next"], local=False)
        # ok: redirect-to-anywhere
        return request.redirect(post["next"])

    # ok: public-route-without-limit
    @http.route("/b", auth="public", methods=["GET"])
    def b(self):
        return request.not_found()

    # ruleid: public-route-without-limit
    @http.route("/c", **{**SHOW, "methods": ["POST"]})
    def c(self):
        return request.not_found()

    # ruleid: public-route-without-limit
    @http.route("/d", **PAGE)
    def d(self):
        return request.not_found()

    # ruleid: public-route-without-limit
    @http.route("/e", **{**PAGE, "save_session": False})
    def e(self):
        return request.not_found()

    # ruleid: public-route-without-limit
    @http.route("/f", methods=["GET", "POST"], **PAGE)
    def f(self):
        return request.not_found()

    # ok: public-route-without-limit
    @http.route("/g", **{**SHOW, "save_session": False})
    def g(self):
        return request.not_found()

    # ok: public-route-without-limit
    @http.route("/h", **{**PLAIN, "max_content_length": 9})
    def h(self):
        return request.not_found()

    # ruleid: route-without-csrf
    @http.route("/h/b", **{**PLAIN, "csrf": False})
    def hb(self):
        return request.not_found()

    # ok: public-route-without-limit
    @http.route("/i", **POST)
    def i(self):
        return request.not_found()

    # ok: public-route-without-limit
    @http.route("/j", auth="user", methods=["POST"])
    def j(self):
        return request.not_found()


class Thing(models.Model):
    _name = "thing"

    def action_do(self):
        # ruleid: public-method-with-sudo
        self.sudo().write({"state": "done"})

    def action_as_the_system(self):
        # ruleid: public-method-with-sudo
        self.with_user(SUPERUSER_ID)._follow()

    def action_checked_too_late(self):
        # ruleid: public-method-with-sudo
        self.sudo().write({"state": "done"})
        self._check_group()

    def action_checked_sometimes(self):
        if self.state == "draft":
            self._check_group()
        # ruleid: public-method-with-sudo
        self.sudo().write({"state": "done"})

    def action_of_ours(self):
        done = super().action_of_ours()
        # ruleid: public-method-with-sudo
        self.sudo()._follow()
        return done

    def unlink(self):
        # ruleid: public-method-with-sudo
        self.sudo()._follow()
        return super().unlink()

    def action_checked(self):
        self._check_group()
        # ok: public-method-with-sudo
        self.sudo().write({"state": "done"})

    def write(self, vals):
        done = super().write(vals)
        # ok: public-method-with-sudo
        self.sudo()._follow()
        return done

    def _do(self):
        # ok: public-method-with-sudo
        self.sudo().write({"state": "done"})
        # ruleid: sudo-of-the-environment
        self.env(su=True)["x"].unlink()
        # ruleid: sudo-of-the-environment
        self.env(user=SUPERUSER_ID)["x"].unlink()

    def _send(self, template, mail):
        # ruleid: sends-by-itself
        template.send_mail(self.id, force_send=True)
        # ok: sends-by-itself
        template.send_mail(self.id)
        # ruleid: sends-by-itself
        mail.process_email_queue()
        # ruleid: sends-by-itself
        mail.send()
        # ruleid: sends-by-itself
        self.env["mail.mail"].sudo().create({}).send()
        # ok: sends-by-itself
        requests.Session().send(mail)
        # ruleid: commit-outside-the-outbox
        self.env.cr.commit()

    def _show(self, name):
        # ruleid: markup-of-built-text
        first = Markup(f"<b>{name}</b>")
        # ruleid: markup-of-built-text
        second = Markup("<b>%s</b>" % name)
        # ruleid: markup-of-built-text
        third = Markup("<b>" + name)
        # ok: markup-of-built-text
        fourth = Markup("<b>%s</b>") % name
        return first + second + third + fourth

    def _ask(self, cr, name):
        # ruleid: sql-of-built-text
        cr.execute(f"SELECT 1 FROM {name}")
        # ruleid: sql-of-built-text
        cr.execute(SQL("SELECT 1 FROM %s" % name))
        # ok: sql-of-built-text
        cr.execute(SQL("SELECT 1 FROM %s", SQL.identifier(name)))
        # ruleid: waits-for-an-advisory-lock
        cr.execute(SQL("SELECT pg_advisory_xact_lock(1)"))
        # ok: waits-for-an-advisory-lock
        cr.execute(SQL("SELECT pg_try_advisory_xact_lock(1)"))

    def _day(self):
        # ruleid: day-of-the-server
        first = fields.Date.today()
        # ruleid: day-of-the-server
        second = date.today()
        # ok: day-of-the-server
        third = self.env.company._collection_today() + relativedelta(months=1)
        # ruleid: evaluates-text
        return safe_eval("a + b", {"a": first, "b": second, "c": third})
