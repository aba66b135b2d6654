from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .credit_application import CreditApplicationCommon


@tagged("post_install", "-at_install")
class TestScore(CreditApplicationCommon):
    """The score proposes, with a reason for each factor, and never decides."""

    def test_is_made_of_what_is_known(self):
        application = self._apply()
        self.assertRecordValues(application, [{"score": 60, "coverage": 50, "class_id": self.scorecard.class_ids[1].id}])
        self._refer(application, "prompt")
        self._refer(application, "slow_60")
        self.assertRecordValues(application, [{"score": 55, "coverage": 100, "class_id": self.scorecard.class_ids[2].id}])

    def test_says_why_in_a_sentence_for_each_factor(self):
        reasons = self._apply().score_ids.mapped("reason")
        self.assertEqual(reasons, ["6 years, from 5 to below 10: 60 % of its weight, 60.0 points of the score",
                                   "Not known: left out, its weight is spread over the others"])

    def test_scoring_again_replaces_what_was_found(self):
        application = self._apply()
        application.action_score()
        self.assertEqual(len(application.score_ids), 2)

    def test_a_bad_score_refuses_nobody(self):
        application = self._review(founded_year=self.today.year)
        self._refer(application, "bad", 0)
        self.assertEqual((application.score, application.class_id.name, application.state), (10, "C", "review"))
        self._decide(application, approved_cap=1000)
        self.assertEqual(application.state, "approved")

    def test_a_known_class_is_kept_within_the_tolerance(self):
        twin = self._customer("Fabrikam")
        for known, expected in (("A", "B"), ("B", "B"), ("C", "C")):
            with self.subTest(known=known):
                self._profile(twin).sudo().write({"risk_class": known})
                application = self._apply(name=f"Known {known}", vat=False, email=f"{known}@known.example")
                application._match(twin)
                self.assertEqual(application.class_id.name, expected, "60 points: B from 60, left C only at 63")

    def test_an_outside_score_counts_while_it_is_valid(self):
        self.scorecard.factor_ids = [self._factor("external_score", "Bureau", 100, [(None, 0.0), (50, 1.0)])]
        application = self._apply()
        line = self.env["credit.external.score"].create({"application_id": application.id, "score": 80})
        application.action_score()
        self.assertEqual(application.score, 86.7)
        line.valid_until = self.today - timedelta(days=1)
        application.action_score()
        self.assertEqual(application.score, 60)

    def test_no_bureau_is_asked_without_consent(self):
        asked = []
        application = self._apply()
        External = type(self.env["credit.external.score"])
        with patch.object(External, "_fetch_manual", lambda lines, one: asked.append(one) or {"score": 40}):
            application.action_score()
            self.assertFalse(asked)
            application.sudo().bureau_consent = True
            application.action_score()
            application.action_score()
        self.assertEqual(len(asked), 1, "asked once while the answer is valid")
        self.assertEqual(application.external_score_ids.score, 40)

    def test_the_choice_of_an_answer_is_scored(self):
        self.checklist.question_ids = [Command.create({"code": "premises", "name": "Where?", "kind": "choice", "choice_ids": [
            Command.create({"code": code, "name": code.title()}) for code in ("owned", "rented")]})]
        question = self.checklist.question_ids[-1]
        self.scorecard.factor_ids = [Command.clear(), Command.create({
            "source": "question", "question_code": "premises", "name": "Premises", "weight": 10, "band_ids": [
                Command.create({"choice_code": "owned", "points": 1}), Command.create({"choice_code": "rented", "points": 0.5})]})]
        application = self._apply(answer_ids=[
            Command.create({"question_id": self.checklist.question_ids[0].id, "value_text": "Doors"}),
            Command.create({"question_id": question.id, "choice_id": question.choice_ids[1].id})])
        self.assertEqual((application.score, application.score_ids.value), (50, "Rented"))

    def test_a_scorecard_with_a_mistake_names_the_factor(self):
        factor = self.scorecard.factor_ids[0]
        for values in ({"weight": 0}, {"band_ids": [Command.create({"low": 5, "points": 0.3})]},
                       {"band_ids": [Command.create({"low": 50, "points": 1.5})]}, {"band_ids": [Command.clear()]}):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, "Years"), self.env.cr.savepoint():
                factor.write(values)

    def test_a_mistake_made_behind_the_scorecards_back_stops_no_applicant(self):
        factor = self.scorecard.factor_ids[0]
        factor.band_ids[1].low = factor.band_ids[2].low
        application = self._apply()
        self.assertEqual((application.state, application.scored_on), ("submitted", False))
        self.assertIn("“Years”: two bands overlap", "".join(application.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "Years"):
            application.action_score()

    def test_classes_begin_at_zero(self):
        with self.assertRaises(ValidationError):
            self.scorecard.class_ids = [Command.delete(self.scorecard.class_ids[-1].id)]

    def test_a_scorecard_is_copied_with_its_factors(self):
        copy = self.scorecard.copy()
        self.assertEqual(copy.factor_ids.band_ids.mapped("points"), self.scorecard.factor_ids.band_ids.mapped("points"))

    def test_f3_the_lowest_term_times_the_risk_factor(self):
        term = self.env["account.payment.term"].create({"name": "30 days", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
        application = self._apply(requested_limit=24000, requested_term_id=term.id, monthly_purchases=24200, net_worth=400000)
        self._refer(application, high=20000)
        self._refer(application, high=25000)
        self.scorecard.class_ids[0].risk_factor = 0.8
        application.action_score()
        detail = application.proposal_detail
        self.assertEqual({term["code"]: float(term["amount"]) for term in detail["terms"]},
                         {"requested": 24000, "purchases": 26620, "net_worth": 40000, "references": 22500})
        self.assertEqual((application.score, detail["binding"], application.proposed_limit), (80, "references", 18000))
        for shown in ("24,200.00", "mean of 2 trade references", "the lowest", "18,000.00"):
            self.assertIn(shown, application.proposal_table)

    def test_terms_last_until_their_last_part(self):
        lines = [Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                 Command.create({"value": "percent", "value_amount": 50, "nb_days": 60})]
        self.assertEqual(self.env["account.payment.term"].create({"name": "Two", "line_ids": lines})._credit_days(), 60)


@tagged("post_install", "-at_install")
class TestReferences(CreditApplicationCommon):
    """Those who know how the applicant pays."""

    def test_each_is_asked_once_with_a_link_of_its_own(self):
        application = self._review(reference_ids=[
            Command.create({"name": "One", "email": "one@supplier.example"}), Command.create({"name": "Two", "email": "two@supplier.example"}),
            Command.create({"name": "Silent", "email": "three@supplier.example", "consent": False}), Command.create({"name": "No address"})])
        application.action_ask_references()
        self.assertEqual(application.reference_ids.mapped("state"), ["asked", "asked", "new", "new"])
        for reference in application.reference_ids[:2]:
            mail = self._mails(reference.email)
            self.assertIn(f"/credit/reference/{reference.id}/", mail.body_html)
            self.assertIn("Fabrikam", mail.subject)
        self.assertFalse(self._mails("three@supplier.example"))
        with self.assertRaises(UserError):
            application.action_ask_references()

    def test_an_answer_stands_as_it_was_given_and_its_link_is_spent(self):
        application = self._review()
        reference = self._refer(application)
        self.assertRecordValues(reference, [{"state": "answered", "answered_name": "Sam", "answered_ip": "192.0.2.9", "as_of": self.today}])
        self.assertEqual(reference.sudo().link_epoch, 1)
        for values in ({"manner_of_payment": "bad"}, {"state": "new"}, {"answered_name": "Me"}):
            with self.subTest(values), self.assertRaises(UserError):
                reference.write(values)
        with self.assertRaises(UserError):
            reference._decline()

    def test_who_was_asked_is_not_taken_out(self):
        application = self._review(reference_ids=[Command.create({"name": "One", "email": "one@supplier.example"}), Command.create({"name": "Two"})])
        application.action_ask_references()
        with self.assertRaises(UserError):
            application.reference_ids[0].unlink()
        application.reference_ids[1].unlink()

    def test_is_reminded_once_and_then_given_up(self):
        application = self._review(reference_ids=[Command.create({"name": "One", "email": "one@supplier.example"})])
        application.action_ask_references()
        References = self.env["credit.application.reference"].sudo()
        for days, mails, state in ((3, 1, "asked"), (8, 2, "asked"), (9, 2, "asked"), (self.company.collection_link_days + 1, 2, "expired")):
            with self.subTest(days=days), freeze_time(self.today + timedelta(days=days, hours=30)):
                References._gc_references()
                self.assertEqual((len(self._mails("one@supplier.example")), application.reference_ids.state), (mails, state))

    def test_nothing_but_facts_is_taken_from_an_answer(self):
        application = self._review()
        reference = self.env["credit.application.reference"].create({"application_id": application.id, "name": "S"})
        reference._answer({"manner_of_payment": "prompt", "application_id": 1, "state": "new", "name": "X"}, "Sam", "192.0.2.9")
        self.assertRecordValues(reference, [{"state": "answered", "name": "S", "application_id": application.id}])

    def test_an_answer_by_phone_is_typed_in(self):
        application = self._review(reference_ids=[Command.create({"name": "Bob's bank", "kind": "trade"})])
        with self.assertRaises(UserError):
            application.reference_ids.action_answered_by_phone()
        application.reference_ids.manner_of_payment = "prompt"
        application.reference_ids.action_answered_by_phone()
        self.assertEqual((application.reference_ids.state, application.coverage), ("answered", 100))
        application.reference_ids.manner_of_payment = "slow_30"  # who typed it may correct it

    def test_waiting_applications_are_found(self):
        application = self._review(reference_ids=[Command.create({"name": "One", "email": "one@supplier.example"})])
        self.assertEqual(application.reference_state, "open")
        application.reference_ids._answer({"manner_of_payment": "prompt"}, "Sam", None)
        self.assertEqual(application.reference_state, "done")
