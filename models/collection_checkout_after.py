from datetime import timedelta

from odoo import api, fields, models

LOOK_BACK = timedelta(days=2)  # older ones are the night's
OPEN = ("planned", "ready", "retry", "waiting")


class CreditProfile(models.Model):
    """What follows when a customer paid online: at once what must not wait for the night."""

    _inherit = "credit.profile"

    def _call_off_paid(self):
        """End contacts of which nothing is open any more. What leaves at this moment is checked where it leaves."""
        # sudo: contacts are written by methods only, and whoever pays sees none
        rows = self.env["collection.action"].sudo().search([("profile_id", "in", self.ids), ("state", "in", OPEN)])
        rows = rows.filtered(lambda row: row.line_ids and all(item.reconciled for item in row.line_ids.item_id)).try_lock_for_update(allow_referencing=True)
        rows.activity_id.unlink()
        rows._stop("settled")
        rows.run_id._close_held()

    def _follow_payment(self):
        """The customer's standing, and what was held because of it."""
        for company, profiles in self.grouped("company_id").items():
            profiles._refresh(company, company._collection_today())
        self.env["credit.hold"].search([("profile_id", "in", self.ids), ("state", "=", "held")])._recheck()


class CreditHold(models.Model):
    _inherit = "credit.hold"

    def _recheck(self):
        """Check again what waits: what is within credit now is settled, and who sells it is asked to go on with it."""
        for hold in self:
            document = hold._document()
            if document:
                document._credit_hold()
            if hold.state == "obsolete":
                hold._tell_free(document)

    def _tell_free(self, document):
        user = self.salesperson_id
        user = user if user.active and self.company_id in user.company_ids.root_id else self.profile_id._responsible()
        document.activity_schedule("mail.mail_activity_data_todo", user_id=user.id,
                                   summary=self.env._("Paid: %s is off credit hold and can go on", document.display_name))


class PaymentTransaction(models.Model):
    """Whatever page an online payment was made on, the same follows from it."""

    _inherit = "payment.transaction"

    is_collection_followed = fields.Boolean(readonly=True, help="What follows from the payment for its customer is done.")

    def _post_process(self):
        """Contacts at once; the rest soon, in a transaction of its own, so that nobody's payment waits for it, nor fails with it."""
        super()._post_process()
        paid = self.filtered(lambda one: one.state == "done" and one.payment_id)
        if paid:
            paid._paying_profiles()._call_off_paid()
            self.env["collection.thanks"]._wake()

    def _paying_profiles(self):
        """The accounts of those who paid."""
        # sudo: whoever pays sees no profiles
        found = self.env["credit.profile"].sudo().search([("partner_id", "in", self.partner_id.commercial_partner_id.ids)])
        pairs = {(one.partner_id.commercial_partner_id, one.company_id.root_id) for one in self}
        return found.filtered(lambda profile: (profile.partner_id, profile.company_id) in pairs)

    @api.model
    def _follow_payments(self):
        """Do what follows from the online payments of the last days, customer by customer; return what failed, as ids."""
        paid = self.search([("state", "=", "done"), ("payment_id", "!=", False), ("is_collection_followed", "=", False),
                            ("last_state_change", ">=", fields.Datetime.now() - LOOK_BACK)])
        problems = []
        for profile in paid._paying_profiles():
            error = profile._attempt(profile._follow_payment)
            if error:
                problems.append(f"profile {profile.id}")
            self.env["ir.cron"]._commit_progress()
        paid.is_collection_followed = True  # what failed is the night's
        return problems
