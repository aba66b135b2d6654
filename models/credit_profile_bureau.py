from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

CONSENT = {"bureau_consent", "bureau_consent_on", "bureau_consent_source"}


class CreditProfile(models.Model):
    """Whether a credit bureau may be told how the customer pays: since when, and where it said so (R-111)."""

    _inherit = "credit.profile"

    bureau_consent = fields.Boolean("Bureaus may be told", readonly=True, copy=False, tracking=True)
    bureau_consent_on = fields.Date("Consent of", readonly=True, copy=False, help="The day on which the consent was given, or taken back.")
    bureau_consent_source = fields.Char("Consent by", readonly=True, copy=False, tracking=True, help="Where it stands: an application, a contract, a letter.")

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_guarded(CONSENT & set().union(*vals_list) | self._guarded_defaults(CONSENT))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(CONSENT & set(vals))
        return super().write(vals)

    def _take_consent(self, given, day, source):
        """Note that the customer gave its consent, or took it back."""
        # sudo: checked by who calls; the fields are written here only
        self.sudo().write({"bureau_consent": given, "bureau_consent_on": day, "bureau_consent_source": source})

    def action_bureau_consent(self):
        """Ask for the day and the source."""
        self._check_consent()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_bureau_consent_wizard_action")
        return dict(action, context={"default_profile_ids": self.ids})

    def _check_consent(self):
        self.check_access("write")
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Consents are noted by collectors and credit managers."))
        if not self:
            raise UserError(self.env._("Choose at least one customer."))

    def _start_credit(self, application):
        """The consent of an application comes along with its credit; one that was given otherwise stays."""
        if application.bureau_consent and not self.bureau_consent:
            day = application.consent_on and application.company_id._collection_date(application.consent_on)
            self._take_consent(True, day or application.company_id._collection_today(), self.env._("Credit application %s", application.reference))
        return super()._start_credit(application)

    def _take_over_choices(self, other):
        """Of two customers that become one, a consent that was taken back stays taken back."""
        super()._take_over_choices(other)
        if self.bureau_consent and other.bureau_consent_on and not other.bureau_consent:
            self._take_consent(False, other.bureau_consent_on, other.bureau_consent_source)

    def _bureau_stopped(self):
        """Nothing is told of who is insolvent, deceased, represented by a lawyer, or no longer contacted."""
        return bool(self._contact_stop())
