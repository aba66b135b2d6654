import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .credit_application import OPEN_STATES, UNDECIDED_STATES


class CreditApplication(models.Model):
    """Who the applicant is to us: only a person of the office ties an application to a customer (R-76)."""

    _inherit = "credit.application"

    partner_id = fields.Many2one("res.partner", "Customer", index="btree_not_null", ondelete="restrict", readonly=True, copy=False,
                                 tracking=True)
    profile_id = fields.Many2one("credit.profile", "Customer's credit", index="btree_not_null", ondelete="restrict", readonly=True, copy=False)
    duplicate_ids = fields.Many2many("res.partner", compute="_compute_duplicates", string="Customers that look the same")
    duplicate_application_ids = fields.Many2many("credit.application", compute="_compute_duplicates",
                                                 string="Other applications that look the same")

    @api.depends("vat", "country_id", "email_normalized", "company_registry", "name", "company_id", "partner_id")
    def _compute_duplicates(self):
        for application in self:
            application.duplicate_ids = application._find_partners()
            application.duplicate_application_ids = application._find_applications()

    def _find_partners(self):
        """Customers with the same tax ID, e-mail, company number, or name and country."""
        clues = Domain.OR(self._clues("res.partner"))
        if clues.is_false():
            return self.env["res.partner"]
        companies = Domain("company_id", "=", False) | Domain("company_id", "child_of", self.company_id.id)
        found = self.env["res.partner"].search(clues & companies)
        return found.filtered(self._is_alike).commercial_partner_id

    def _find_applications(self):
        """Other applications under way for the same company."""
        clues = Domain.OR(self._clues("credit.application"))
        own = Domain("id", "!=", self._origin.id or 0) & Domain("company_id", "=", self.company_id.id) & Domain("state", "in", OPEN_STATES)
        return self.search(clues & own).filtered(self._is_alike) if not clues.is_false() else self.browse()

    def _clues(self, model):
        """Domains that find candidates; numbers may be written with any blanks and dots, so _is_alike looks again."""
        clues = [Domain("vat", "=ilike", _spread(key)) for key in tax_keys(self.vat, self.country_id.code)]
        if self.email_normalized:
            clues.append(Domain("email_normalized", "=", self.email_normalized))
        if _plain(self.company_registry):
            clues.append(Domain("company_registry", "=ilike", _spread(_plain(self.company_registry))))
        if self.name and self.country_id:
            clues.append(Domain("name", "=ilike", _literal(self.name.strip())) & Domain("country_id", "=", self.country_id.id))
        return clues

    def _is_alike(self, other):
        same_tax = tax_keys(self.vat, self.country_id.code) & tax_keys(other.vat, other.country_id.code)
        return bool(
            same_tax
            or self.email_normalized and self.email_normalized == other.email_normalized
            or _plain(self.company_registry) and _plain(self.company_registry) == _plain(other.company_registry)
            or self.name and self.country_id == other.country_id and _plain(self.name) == _plain(other.name))

    # ------------------------------------------------------------------ match or create

    def action_match_partner(self):
        """Choose which customer this is."""
        self.ensure_one()
        self._check_staff()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_match_wizard_action")
        return dict(action, context={"default_application_id": self.id})

    def action_create_partner(self):
        """Make a new customer of it: a person says that it is none of those that look the same."""
        self._check_staff()
        for application in self.filtered(lambda one: not one.partner_id):
            application._match(application._create_partner())

    def action_open_profile(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_profile_action")
        return dict(action, res_id=self.profile_id.id, views=[(False, "form")], view_mode="form", context={})

    def _match(self, partner):
        """Tie the application to a customer. What was signed before anyone knew whose it is takes effect now."""
        self.ensure_one()
        if self.partner_id and self.state not in UNDECIDED_STATES:
            raise UserError(self.env._("%s is decided: its customer cannot be changed any more.", self.display_name))
        commercial = partner.commercial_partner_id
        company = partner.company_id.root_id
        if company and company != self.company_id:
            raise UserError(self.env._("%(customer)s belongs to %(company)s.", customer=commercial.name, company=company.name))
        record = self.sudo()  # sudo: the customer is set by methods only
        profile = self.env["credit.profile"].sudo().search(
            [("company_id", "=", self.company_id.id), ("partner_id", "=", commercial.id)], limit=1)
        record.write({"partner_id": commercial.id, "profile_id": profile.id})
        if record.state in ("submitted", "review"):
            self._score()
        if record.state == "signed":
            self._grant()

    def _create_partner(self):
        """The customer as the application describes it."""
        self.ensure_one()
        # sudo: a collector need not be allowed to make contacts. A tax ID that looks wrong must not stop a signature.
        Partner = self.env["res.partner"].sudo().with_context(no_vat_validation=True)
        partner = Partner.create(self._prepare_partner())
        if self.contact_name and self.checklist_id.is_company:
            Partner.create({"parent_id": partner.id, "name": self.contact_name, "function": self.contact_function,
                            "email": self.email, "phone": self.phone, "lang": self.lang})
        return self.env["res.partner"].browse(partner.id)

    def _prepare_partner(self):
        copied = ("name", "street", "street2", "zip", "city", "vat", "company_registry", "website", "email", "phone", "lang")
        return {**{name: self[name] for name in copied}, "country_id": self.country_id.id, "is_company": self.checklist_id.is_company,
                "user_id": False}


def tax_keys(vat, country_code=None):
    """How a tax ID may be written: letters and digits only, with and without the country's prefix."""
    key = re.sub(r"[^0-9A-Z]", "", (vat or "").upper())
    if len(key) < 5:
        return set()
    prefix = (country_code or "").upper()
    return {key, key[len(prefix):]} if prefix and key.startswith(prefix) else {key}


def _plain(text):
    return re.sub(r"[\W_]", "", (text or "").casefold())


def _spread(key):
    """A pattern for letters and digits with anything between them."""
    return "%" + "%".join(key) + "%"


def _literal(text):
    """``text`` for a comparison that knows wildcards."""
    return re.sub(r"([%_\\])", r"\\\1", text)
