"""Rights, evidence and privacy (R-57, R-58, R-70 to R-72, R-76, R-90, R-93, R-104 to R-115)."""
from .common import Mutant

SECURITY = "tests.test_security.TestSecurity."
RULES = "security/credit_security.xml"
LIMITS = "models/credit_limit.py"
RETENTION = "tests.test_retention.TestRetention."
LOOKUP = "tests.test_privacy_lookup.TestPrivacyLookup."


def _open_rule(name):
    """Switches a record rule off."""
    return f"UPDATE ir_rule SET active = FALSE WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'account_credit_collection' AND name = '{name}')"


RIGHTS = (
    Mutant("R-57", "a customer with contacts is not deleted", "", "", "",
           ("tests.test_requirements.TestRequirements.test_r57_nothing_goes_with_a_customer_or_an_invoice",),
           "ALTER TABLE collection_action DROP CONSTRAINT collection_action_partner_id_fkey, "
           "ADD CONSTRAINT collection_action_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES res_partner ON DELETE CASCADE"),
    Mutant("R-58", "rule of the company on profiles", "", "", "", (f"{SECURITY}test_a_collector_of_another_company_sees_nothing_of_this_one",),
           _open_rule("credit_profile_rule_company")),
    Mutant("R-58", "rule of the company on contacts", "", "", "", (f"{SECURITY}test_a_collector_of_another_company_sees_nothing_of_this_one",),
           _open_rule("collection_action_rule_company")),
    Mutant("R-58", "rule of the company on items of contacts", "", "", "", (f"{SECURITY}test_a_collector_of_another_company_sees_nothing_of_this_one",),
           _open_rule("collection_action_line_rule_company")),
    Mutant("R-58", "rule of the company on runs", "", "", "", (f"{SECURITY}test_a_collector_of_another_company_sees_nothing_of_this_one",),
           _open_rule("collection_run_rule_company")),
    Mutant("R-58", "a run is about its own company", "models/collection_run.py",
           "profiles.filtered(lambda p: p.company_id == self.company_id)", "profiles",
           ("tests.test_requirements.TestRequirements.test_r58_a_run_takes_no_customer_of_another_company",)),
    Mutant("R-70", "a method that only the system calls is private", "models/collection_action.py", "    def _for_collector(self):",
           "    def for_everybody(self):\n        return self.sudo()\n\n    def _for_collector(self):",
           (f"{SECURITY}test_no_public_method_beyond_the_known_ones",)),
    Mutant("R-71", "who only looks decides on no contact", "models/collection_action.py",
           "        if not self.env.su and not self.env.user.has_group(\"account_credit_collection.group_collector\"):\n            raise", "        if False:\n            raise",
           (f"{SECURITY}test_a_viewer_cannot_decide_even_over_rpc",)),
    Mutant("R-71", "fields of jobs are not set by the context", "models/guard_mixin.py",
           "return {name for name in names if f\"default_{name}\" in self.env.context}", "return set()",
           ("tests.test_promise.TestPromiseTaken.test_neither_does_the_context",)),
    Mutant("R-71", "what becomes of a promise is not written by hand", "models/collection_promise.py",
           "        if not self.env.su and any(set(vals) - GIVEN for vals in vals_list):\n            raise", "        if False:\n            raise",
           ("tests.test_promise.TestPromiseTaken.test_nobody_writes_by_hand_what_became_of_it",)),
    Mutant("R-71", "a state moves along its allowed pairs", "models/state_mixin.py", "            if (record.state, state) not in self._transitions:\n",
           "            if False:\n", ("tests.test_requirements.TestRequirements.test_r71_a_contact_that_was_sent_is_not_sent_again",)),
    Mutant("R-72", "who looks after own customers sees no other profile", "", "", "", (f"{SECURITY}test_own_portfolio_shows_only_own_customers",),
           _open_rule("credit_profile_rule_portfolio")),
    Mutant("R-72", "who looks after own customers sees no other contact", "", "", "", (f"{SECURITY}test_own_portfolio_shows_only_own_customers",),
           _open_rule("collection_action_rule_portfolio")),
    Mutant("R-72", "a viewer writes no profile", "security/ir.model.access.csv",
           "model_credit_profile,group_viewer,1,0,0,0", "model_credit_profile,group_viewer,1,1,0,0",
           (f"{SECURITY}test_every_group_may_do_what_its_table_says_and_nothing_else",)),
    Mutant("R-72", "the owner of a dispute sees the own ones only", RULES,
           "<field name=\"domain_force\">[('owner_id', '=', user.id)]</field>", "<field name=\"domain_force\">[(1, '=', 1)]</field>",
           ("tests.test_dispute.TestDisputeRights.test_the_owner_sees_its_own_only",)),
    Mutant("R-76", "an application is tied to a customer by a person", "models/credit_application_contract.py",
           "            if application._undecided():\n", "            if False:\n",
           ("tests.test_credit_application.TestKnownCustomer.test_who_became_a_customer_meanwhile_is_not_created_by_the_signature",)),
    Mutant("R-76", "a form that is sent twice makes one application", "models/credit_application_portal.py",
           "        if applications.search_count([(\"nonce\", \"=\", nonce)], limit=1):\n            return None\n", "        nonce = None\n",
           ("tests.test_credit_portal.TestCreditBadInput.test_each_form_is_good_once",)),
    Mutant("R-90", "lines of the journal are not deleted", LIMITS, "        raise UserError(self.env._(\"Credit limits are never deleted: add a new line.\"))\n", "        return\n",
           ("tests.test_credit_limit.TestCreditLimit.test_the_journal_is_only_added_to",)),
    Mutant("R-90", "who took a file and when stands in the log of the handover", "models/collection_handover_file.py",
           "        self.handover_id._log(\"download\",", "        str(",
           ("tests.test_handover_file.TestHandoverFileDownload.test_each_download_stands_in_the_log",)),
    Mutant("R-93", "the log of a form tells nothing personal", "controllers/forms.py",
           "_logger.warning(\"A form was posted to “%s” with fields that it has not.\", endpoint.__name__)",
           "_logger.warning(\"A form was posted: %s\", dict(request.httprequest.form))",
           ("tests.test_credit_portal.TestCreditBadInput.test_nothing_personal_in_the_log",)),
    Mutant("R-102", "not outside the hours of the recipient", "models/collection_outbox_check.py", "        if later:\n", "        if False:\n",
           ("tests.test_requirements.TestRequirements.test_r102_planned_in_time_and_late_in_the_queue_it_waits_for_the_morning",)),
    Mutant("R-104", "a disputed item is not handed over", "models/collection_handover_step.py", "        self._leave_out()\n", "",
           ("tests.test_handover_claim.TestHandoverDisputed.test_what_is_disputed_after_the_letter_does_not_leave",)),
    Mutant("R-106", "a refusal has a reason", "models/credit_application_decision.py", "        if not reasons:\n", "        if False:\n",
           ("tests.test_credit_decision.TestDecision.test_a_refusal_names_its_reasons",)),
    Mutant("R-107", "the rate of a half-year", "engine/rate.py",
           "return date(day.year, 1 if day.month < 7 else 7, 1)", "return date(day.year, 1, 1)",
           ("engine.test_interest.TestRate.test_half_years",)),
    Mutant("R-108", "what an open case needs is kept", "models/collection_retention_job.py", "return Domain(list(kind.done)) & owing", "return Domain.TRUE",
           (f"{RETENTION}test_what_an_open_case_needs_is_kept",)),
    Mutant("R-108", "what is not due is kept", "models/collection_retention_job.py", "& Domain(kind.since, \"<\", self._until()) if due else domain", "if due else domain",
           (f"{RETENTION}test_contacts_lose_what_is_personal_and_keep_what_is_counted",)),
    Mutant("R-109", "a rule alone cuts no private person", "models/credit_profile_ladder.py",
           "return self.ladder_id.fall_approval or not self.partner_id.is_company", "return self.ladder_id.fall_approval",
           ("tests.test_credit_ladder.TestCreditLadder.test_a_private_persons_limit_is_cut_by_a_person_only",)),
    Mutant("R-111", "no bureau is asked without consent", "models/credit_scorecard.py",
           "if provider in known or not application.bureau_consent:", "if provider in known:",
           ("tests.test_credit_score.TestScore.test_no_bureau_is_asked_without_consent",)),
    Mutant("R-112", "who only looks sees no document", "security/ir.model.access.csv",
           "model_credit_application_document,group_collector,1,0,1,0", "model_credit_application_document,group_viewer,1,0,1,0",
           (f"{SECURITY}test_every_group_may_do_what_its_table_says_and_nothing_else",)),
    Mutant("R-113", "an application within its time is not deleted", "models/credit_application_retention.py",
           "if application.keep_until >= application.company_id._collection_today():", "if False:", (f"{LOOKUP}test_applications_say_until_when_they_are_kept",)),
    Mutant("R-113", "the search for a person finds our records", "wizards/privacy_lookup.py", "{**PLACES, **TEXTS}", "{}",
           (f"{LOOKUP}test_a_person_is_found_wherever_collections_knows_it",)),
    Mutant("R-114", "the report about a person is the managers'", "", "", "", ("tests.test_privacy_lookup.TestSubjectReport.test_managers_only",),
           "UPDATE ir_model_access SET group_id = NULL WHERE id = (SELECT res_id FROM ir_model_data"
           " WHERE module = 'account_credit_collection' AND name = 'access_collection_subject_wizard_manager')"),
    Mutant("R-115", "promises about something else are not told to the agency", "reports/collection_handover_file.py",
           "*own, \"|\", (\"line_ids.item_id\", \"in\", items.ids), \"&\", \"&\", (\"on_balance\", \"=\", True), (\"currency_id\", \"=\", self.currency_id.id),\n"
           "            (\"made_on\", \">=\", min(items.mapped(\"date\"), default=False))]", "*own]",
           ("tests.test_handover_file_case.TestHandoverFileCase.test_a_promise_on_the_balance_of_another_currency_or_time_is_not_told",)),
)
