from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_occasion import CHANNELS
from ..models.collection_reason import describe, jsonable

PREVIEW_DAYS = 30
MOST = 500  # rows of a preview


class CollectionOccasionPreview(models.TransientModel):
    """Who would be greeted in the next days, as things stand now: a look before a special day is armed."""

    _name = "collection.occasion.preview"
    _description = "Preview of Greetings"
    _inherit = ["collection.items.dialog"]
    _order = "leaves_on, id"

    occasion_id = fields.Many2one("collection.occasion", "Special day", readonly=True, ondelete="cascade")
    profile_id = fields.Many2one("credit.profile", "Customer", readonly=True, ondelete="cascade")
    contact_id = fields.Many2one("res.partner", readonly=True, ondelete="cascade")
    day = fields.Date(readonly=True)
    leaves_on = fields.Date("Leaves on", readonly=True)
    years = fields.Integer(readonly=True)
    channel = fields.Selection(CHANNELS, "How", readonly=True)
    code = fields.Char(readonly=True)
    detail = fields.Json(readonly=True)
    sends = fields.Boolean("Greeted", readonly=True)
    reason = fields.Char("As things stand", compute="_compute_reason")

    @api.depends("code", "detail")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            row.reason = describe(self.env, row.code, row.detail)

    @api.model
    def _open(self, occasion):
        """The rows of one special day, for the customers that the user may see."""
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            raise UserError(self.env._("Only those who see customers' credit may see whom we greet."))
        rows = self.create(self._prepare_rows(occasion))
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_occasion_preview_action")
        return dict(action, domain=[("id", "in", rows.ids)], name=self.env._("%(day)s: the next %(days)s days", day=occasion.name, days=PREVIEW_DAYS))

    @api.model
    def _prepare_rows(self, occasion):
        company = occasion.company_id or self.env.company.root_id
        today = company._collection_today()
        profiles = self.env["credit.profile"].search([("company_id", "=", company.id)])
        wishes = sorted(occasion.sudo()._wishes(company, profiles.sudo(), today, PREVIEW_DAYS).values(),  # sudo: the profiles are those of the user
                        key=lambda wish: (wish.leaves, wish.contact))[:MOST]
        return self._judge_wishes(occasion, company, wishes, today)

    @api.model
    def _judge_wishes(self, occasion, company, wishes, today):
        Greeting = self.env["collection.greeting"].sudo()  # sudo: the same look as the job's
        facts, _addresses = Greeting._read_greeting_facts(company, [(wish.profile, wish.contact, occasion.channel) for wish in wishes], today)
        rules = Greeting._rules(company, self.env["credit.profile"].sudo().union(*(wish.profile for wish in wishes)), today)
        rows = []
        for wish in wishes:
            verdict = Greeting._decide_greeting(facts[wish.profile, wish.contact, occasion.channel], rules[wish.profile.id], today, today)
            rows.append({"occasion_id": occasion.id, "profile_id": wish.profile.id, "contact_id": wish.contact, "day": wish.on, "leaves_on": wish.leaves,
                         "years": wish.years, "channel": occasion.channel, "code": verdict.code, "detail": jsonable(verdict.detail), "sends": verdict.sends})
        return rows
