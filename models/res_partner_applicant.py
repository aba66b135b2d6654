import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, is_html_empty, mute_logger

from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

# What core writes down by itself wherever a partner turns up.
PASSING = frozenset({"mail.message", "mail.followers", "mail.notification", "mail.mail"})
# Our own picture of a customer, made by jobs; it goes with the customer.
PICTURE = ("collection.greeting", "collection.touch", "collection.snapshot", "collection.experiment.member", "collection.forecast",
           "collection.simulation.result", "credit.segment.move", "credit.external.score")
BY_HAND = {"collection.touch": [("is_automatic", "=", False)]}
WRITTEN = ("comment", "email", "email_outgoing", "sms")


class ResPartner(models.Model):
    """A customer that was made of a credit application goes with the last of them, if nothing else came of it (R-108)."""

    _inherit = "res.partner"

    is_applicant = fields.Boolean("Known by a credit application only", readonly=True, copy=False, groups=NO_ACCESS)

    @api.model
    def _forget_applicants(self):
        """Nightly: those whose applications are gone, also when they could not go at first; returns those that cannot go."""
        # sudo: the purge takes what nobody may delete by hand
        named = self.env["credit.application"].sudo()._search([("partner_id", "!=", False)])
        left = self.sudo().with_context(active_test=False).search([
            ("is_applicant", "=", True), ("parent_id", "=", False), ("id", "not in", named.subselect(SQL.identifier(named.table, "partner_id")))])
        stuck = self.browse()
        for partner in left:
            error = self.env["credit.profile"]._attempt(partner._forget_unused)
            stuck += partner if error or partner.exists().is_applicant else self.browse()
            self.env["ir.cron"]._commit_progress()
        return stuck

    def _forget_unused(self):
        """Delete those of whom nothing came; who is in use stays, and a note says why, for a person to look at."""
        for partner in self.sudo().exists():  # sudo: as above
            family = self.sudo().with_context(active_test=False).search([("id", "child_of", partner.id)])
            if not partner.is_applicant or partner.parent_id or family._is_named_in("credit.application"):
                continue
            used = family._used_by()
            if used:
                family.is_applicant = False
                partner._message_log(body=self.env._("The credit application it was made of is deleted. It stays, since there is more: %s.", used))
            else:
                family._forget()

    def _forget(self):
        """Delete partners with their standing; what still refers to them keeps them until the next night."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                for model in PICTURE:
                    # sudo: as above
                    self.env[model].sudo().with_context(active_test=False).search(self._domain_about(model)).unlink()
                self._known_standing().unlink()
                self.sorted("id", reverse=True).unlink()
        except Exception as error:  # a foreign key of whatever addon: somebody still needs them
            self.env.invalidate_all(flush=False)
            note_failure(_logger, error, "applicants: partners %s stay", self.ids)

    # ------------------------------------------------------------------ whether anything else came of it

    def _used_by(self):
        """What else there is about these partners, in words; None when there is nothing."""
        _ = self.env._
        if not all(partner.is_applicant for partner in self):
            return _("a contact that was added")
        if any(partner.user_id or not is_html_empty(partner.comment) for partner in self):
            return _("a salesperson, or notes")
        for model in self._models_naming():
            if self._is_named_in(model):
                return self.env["ir.model"]._get(model).name
        return _("messages, files or tasks") if self._is_worked_on() else None

    @api.model
    def _models_naming(self):
        """Models with a link to a customer whose rows nobody makes for an application alone."""
        passing = PASSING | {"credit.application", "credit.profile"}
        return [name for name in sorted(self.env.registry)
                if name not in passing and (name not in PICTURE or name in BY_HAND) and self._links_of(name)]

    @api.model
    def _links_of(self, name):
        """Stored links of a model to customers: ``[(field, model)]``."""
        model = self.env[name]
        if model._abstract or model._transient or not model._auto:
            return []
        return [(field.name, field.comodel_name) for field in model._fields.values()
                if field.store and field.type in ("many2one", "many2many") and field.comodel_name in ("res.partner", "credit.profile")]

    def _domain_about(self, name):
        """The rows of a model about these partners or their standing."""
        ids = {"res.partner": self.ids, "credit.profile": self._known_standing().ids}
        about = Domain.OR([(field, "in", ids[model])] for field, model in self._links_of(name))
        return about & Domain("id", "not in", self.ids) if name == "res.partner" else about

    def _is_named_in(self, name):
        domain = self._domain_about(name) & Domain(BY_HAND.get(name, []))
        return bool(self.env[name].sudo().with_context(active_test=False).search_count(domain, limit=1))  # sudo: as above

    def _known_standing(self):
        # sudo: as above
        return self.env["credit.profile"].sudo().with_context(active_test=False).search([("partner_id", "in", self.ids)])

    def _is_worked_on(self):
        """Whether a person wrote to them or about them, keeps a file or has something to do."""
        about = {"res.partner": self.ids, "credit.profile": self._known_standing().ids}
        written = Domain("message_type", "in", WRITTEN) & Domain("author_id", "not in", self.ids)
        for model, way, rest in (("mail.message", "model", written), ("ir.attachment", "res_model", Domain.TRUE),
                                 ("mail.activity", "res_model", Domain("automated", "=", False))):
            where = Domain.OR(Domain(way, "=", name) & Domain("res_id", "in", ids) for name, ids in about.items())
            if self.env[model].sudo().search_count(where & rest, limit=1):  # sudo: whether there is anything
                return True
        return False
