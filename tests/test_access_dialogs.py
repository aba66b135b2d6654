from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import CollectionCommon

MODULE = "account_credit_collection"


@tagged("post_install", "-at_install")
class TestAccessDialogs(CollectionCommon):
    """What is typed into a dialog or sent instead of it opens nothing of another company or of another's customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_data = cls.setup_other_company(name="Third Ltd")
        cls.second = cls.second_data["company"]
        cls.outsider = cls._person("outsider", "group_manager", cls.second)
        cls.viewer = cls._person("viewer", "group_viewer", cls.company)
        cls.collector = cls._person("own collector", "group_collector", cls.company)
        cls.colleague = cls._person("colleague", "group_collector", cls.company)
        cls.collector.group_ids += cls.env.ref(f"{MODULE}.group_own_portfolio")

    @classmethod
    def _person(cls, login, group, company):
        return new_test_user(cls.env(su=True), login=login, groups=f"{MODULE}.{group}", company_id=company.id, company_ids=company.ids)

    def _opening(self):
        """An opening balance of the second company: 50 of its own customer."""
        partner = self.env["res.partner"].create({"name": "Theirs"})
        move = self.env(su=True)["account.move"].with_company(self.second).create({
            "move_type": "entry", "journal_id": self.second_data["default_journal_misc"].id, "line_ids": [
                Command.create({"partner_id": partner.id, "account_id": self.second_data["default_account_receivable"].id, "debit": 50, "no_followup": True}),
                Command.create({"account_id": self.second_data["default_account_revenue"].id, "credit": 50})]})
        move.action_post()
        return move.line_ids.filtered("debit")

    def _profiles_here(self, partner):
        return self.env["credit.profile"].sudo().search([("company_id", "=", self.company.id), ("partner_id", "=", partner.id)])

    def test_opening_balances_of_one_company_make_no_customer_in_another(self):
        item = self._opening()
        item.no_followup = True
        Wizard = self.env["collection.opening.wizard"].with_user(self.outsider)
        with self.assertRaises(AccessError) as refusal:
            Wizard.create({"company_id": self.company.id, "item_ids": [Command.set(item.ids)]}).action_include()
        self.assertNotIn(self.company.name, str(refusal.exception))
        self.assertTrue(item.no_followup)
        self.assertFalse(self._profiles_here(item.partner_id))
        Wizard.create({"company_id": self.second.id}).action_include()
        self.assertFalse(item.no_followup)

    def test_only_opening_balances_are_brought_in(self):
        item = self._item(self._invoice(10, 50))
        wizard = self.env["collection.opening.wizard"].create({"company_id": self.company.id, "item_ids": [Command.set(item.ids)]})
        with self.assertRaises(UserError):
            wizard.action_include()

    def test_a_viewer_brings_in_no_opening_balance(self):
        with self.assertRaises(AccessError):
            self.env["collection.opening.wizard"].with_user(self.viewer).sudo().create({}).sudo(False).action_include()

    def test_a_foreign_company_is_refused_without_its_name(self):
        for name in ("collection.run.wizard", "credit.limit.import.wizard", "collection.snapshot.wizard"):
            wizard = self.env[name].with_user(self.outsider).sudo().create({"company_id": self.company.id}).sudo(False)
            wizard.invalidate_recordset()
            with self.subTest(name), self.assertRaises(AccessError) as refusal:
                getattr(wizard, "action_build" if "snapshot" in name else "action_preview")()
            self.assertNotIn(self.company.name, str(refusal.exception))

    def test_terms_of_a_foreign_template_are_not_copied(self):
        template = self.env["collection.plan.template"].sudo().create({"name": "Theirs", "company_id": self.second.id, "annual_rate": 7.77})
        self._invoice(10, 100)
        Wizard = self.env["collection.plan.wizard"].with_user(self.colleague)
        values = {"profile_id": self._profile().id, "template_id": template.id}
        with self.assertRaises(AccessError):
            Wizard.create(values)
        with self.assertRaises(AccessError):
            Wizard.onchange(values, ["template_id"], {"template_id": {}, "annual_rate": {}})

    def test_the_first_stage_of_a_foreign_ladder_is_not_told(self):
        ladder = self.env["credit.ladder"].sudo().create({
            "name": "Theirs", "company_id": self.second.id, "stage_ids": [Command.create({"name": "First", "amount": 77})]})
        application = self.env["credit.application"].create({"name": "Ours", "company_id": self.company.id, "requested_limit": 100, "email": "x@y.example"})
        Wizard = self.env["credit.decision.wizard"].with_user(self.colleague)
        for link in ({"ladder_id": ladder.id}, {"stage_id": ladder.stage_ids.id}):
            values = {"application_id": application.id, **link}
            with self.subTest(link, by="create"), self.assertRaises(AccessError):
                Wizard.create(values)
            with self.subTest(link, by="onchange"), self.assertRaises(AccessError):
                Wizard.onchange(values, list(link), {"start_limit": {}})

    def test_the_ceiling_of_somebody_elses_customer_is_not_told(self):
        self._invoice(10, 100)
        profile = self._profile()
        Wizard, spec = self.env["credit.limit.wizard"].with_user(self.collector), {"cap": {}, "profile_ids": {}}
        with self.assertRaises(AccessError):
            Wizard.onchange({"profile_ids": [Command.set(profile.ids)]}, ["profile_ids"], spec)
        profile.collector_id = self.collector
        self.assertTrue(Wizard.onchange({"profile_ids": [Command.set(profile.ids)]}, ["profile_ids"], spec))

    def test_an_unassigned_application_of_a_colleagues_customer_is_the_colleagues(self):
        self._invoice(10, 100)
        profile = self._profile()
        application = self.env["credit.application"].create({"name": "Ours", "company_id": self.company.id, "requested_limit": 100, "email": "x@y.example"})
        application.sudo().write({"user_id": False, "profile_id": profile.id})
        mine = self.env["credit.application"].with_user(self.collector)
        for owner, seen in ((self.colleague, False), (self.collector, True), (self.env["res.users"], True)):
            profile.collector_id = owner
            with self.subTest(owner.login):
                self.assertEqual(bool(mine.search([("id", "=", application.id)])), seen)
        profile.collector_id = self.colleague
        application.user_id = self.collector
        self.assertTrue(mine.search([("id", "=", application.id)]), "who handles it sees it")
        application.sudo().write({"user_id": False, "profile_id": False})
        self.assertTrue(mine.search([("id", "=", application.id)]), "a new applicant is everybody's")

    def test_who_only_looks_writes_to_no_customer(self):
        self._invoice(10, 100)
        hold = self.env["credit.hold"].sudo().create({"profile_id": self._profile().id, "outcome": "hold"})
        word = {"body": "Pay", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        for outside in ({"partner_ids": self.customer.ids}, {"outgoing_email_to": "ann@customer.example"}):
            with self.subTest(outside), self.assertRaises(AccessError):
                hold.with_user(self.viewer).message_post(**word, **outside)
            self.assertTrue(hold.with_user(self.colleague).message_post(**word, **outside))
        hold.message_subscribe(self.customer.ids)
        with self.assertRaises(AccessError):
            hold.with_user(self.viewer).message_post(**word)
        self.assertTrue(hold.with_user(self.viewer).message_post(body="Ask Ann first", subtype_xmlid="mail.mt_note", partner_ids=self.colleague.partner_id.ids))
