from datetime import timedelta
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import occasion
from .collection_occasion import MONTHS

# field: (icon, hosts whose pages are taken)
NETWORKS = {
    "social_linkedin": ("fa-linkedin", ("linkedin.com",)),
    "social_x": ("fa-twitter", ("x.com", "twitter.com")),
    "social_facebook": ("fa-facebook", ("facebook.com", "fb.com")),
    "social_instagram": ("fa-instagram", ("instagram.com",)),
}
LINK = Markup('<a href="%s" target="_blank" rel="noopener noreferrer" class="btn btn-secondary btn-sm me-2" title="%s"><i class="fa %s me-1"></i>%s</a>')
STAFF = "base.group_user"
MOST_YEARS = 120  # nobody is older


class ResPartner(models.Model):
    """What a good relation needs to remember: special days, pages elsewhere, the last word."""

    _inherit = "res.partner"

    birth_month = fields.Selection(MONTHS, "Month", groups=STAFF, help="Of the birthday; of a company, of its founding day.")
    birth_day = fields.Integer("Day", groups=STAFF, aggregator=None)
    birth_year = fields.Integer("Year", groups=STAFF, aggregator=None, help="0 = not known.")
    customer_since = fields.Date("Customer since", groups=STAFF, help="Empty: since the first invoice of each company.")
    social_linkedin = fields.Char("LinkedIn", groups=STAFF)
    social_x = fields.Char("X", groups=STAFF)
    social_facebook = fields.Char("Facebook", groups=STAFF)
    social_instagram = fields.Char("Instagram", groups=STAFF)
    social_links = fields.Html("Pages elsewhere", compute="_compute_social_links", sanitize=False, groups=STAFF)
    no_greetings = fields.Boolean("No greetings", groups=STAFF, help="Nothing goes to this contact on special days; on a company: to none of its contacts.")
    touch_last_on = fields.Date("Last touch", compute="_compute_touches", groups=STAFF)
    touch_count = fields.Integer("Touches in 12 months", compute="_compute_touches", groups=STAFF)
    relation_hint = fields.Char("Good to know", compute="_compute_relation_hint", groups=STAFF)

    # ------------------------------------------------------------------ special days

    @api.constrains("birth_month", "birth_day", "birth_year")
    def _check_birth(self):
        for partner in self:
            if not partner.birth_month and not partner.birth_day:
                continue
            if not occasion.is_day(int(partner.birth_month or 0), partner.birth_day):
                raise ValidationError(self.env._("%s: give a day and a month that there are, or none of both.", partner.display_name))
            year, now = partner.birth_year, self.env.company._collection_today().year
            oldest = 1000 if partner.is_company else now - MOST_YEARS
            if year and not oldest <= year <= now:
                raise ValidationError(self.env._("%(name)s: %(year)s cannot be the year. Leave it at 0 when you do not know it.",
                                                 name=partner.display_name, year=year))

    # ------------------------------------------------------------------ pages elsewhere

    @api.depends(*NETWORKS)
    def _compute_social_links(self):
        for partner in self:
            links = [LINK % (partner[name], self._fields[name].string, icon, self._fields[name].string)
                     for name, (icon, _hosts) in NETWORKS.items() if partner[name] and _is_page(partner[name], name)]
            partner.social_links = Markup("").join(links) or False

    @api.constrains(*NETWORKS)
    def _check_social(self):
        """A link that somebody of the office will click leads where it says, and nowhere else."""
        for partner in self:
            for name, (_icon, hosts) in NETWORKS.items():
                if partner[name] and not _is_page(partner[name], name):
                    raise ValidationError(self.env._("%(link)s is no page of %(network)s. Paste one that begins with https://%(host)s/.",
                                                     link=partner[name], network=self._fields[name].string, host=hosts[0]))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_with_https(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_with_https(vals))

    # ------------------------------------------------------------------ touches and hint

    @api.depends_context("company")
    def _compute_touches(self):
        company = self.env.company.root_id
        since = company._collection_today() - timedelta(days=365)
        found = self.env["collection.touch"]._last_touches(company, self.commercial_partner_id, since)
        for partner in self:
            partner.touch_last_on, partner.touch_count = found.get(partner.commercial_partner_id._origin.id, (False, 0))

    @api.depends_context("company", "lang")
    def _compute_relation_hint(self):
        """For everybody of the office: of the own company only, and without amounts."""
        customers = self.commercial_partner_id
        hints = self.env["credit.profile"]._relation_hints(self.env.company.root_id, customers) if customers.ids else {}
        for partner in self:
            partner.relation_hint = hints.get(partner.commercial_partner_id._origin.id, False)

    def action_log_touch(self):
        """Write down that one was in touch."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_touch_wizard_action")
        return dict(action, context={"default_contact_id": self.id, "dialog_size": "medium"})

    def action_open_touches(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_touch_action")
        return dict(action, domain=[("partner_id", "in", self.commercial_partner_id.ids)], context={})


class SaleOrder(models.Model):
    _inherit = "sale.order"

    relation_hint = fields.Char("Good to know", compute="_compute_relation_hint", groups=STAFF)

    @api.depends("partner_invoice_id", "partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_relation_hint(self):
        self.relation_hint = False
        for company, orders in self.grouped(lambda order: order.company_id.root_id).items():
            customers = {order: (order.partner_invoice_id or order.partner_id).commercial_partner_id._origin for order in orders}
            hints = self.env["credit.profile"]._relation_hints(company, self.env["res.partner"].union(*customers.values()))
            for order, customer in customers.items():
                order.relation_hint = hints.get(customer.id, False)


def _with_https(vals):
    """Links as people paste them: without a scheme, with the old one, with blanks around them."""
    found = {}
    for name in NETWORKS.keys() & vals.keys():
        link = (vals[name] or "").strip()
        scheme, colon, rest = link.partition("://")
        found[name] = f"https://{rest}" if colon and scheme.lower() in ("http", "https") else link if not link or colon else f"https://{link}"
    return {**vals, **found} if found else vals


def _is_page(link, name):
    """Whether a link is a page of the network over https, without a login, a port or a blank in it."""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").removesuffix(".")
    known = any(host == one or host.endswith(f".{one}") for one in NETWORKS[name][1])
    return parts.scheme == "https" and known and port is None and "@" not in parts.netloc and not any(sign.isspace() or sign in "<>\"'\\" for sign in link)
