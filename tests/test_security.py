from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CollectionCommon

# who used the public forms: for the administrator only
NOBODYS = {"credit.throttle": ""}
# who approves how much: the manager reads it, the administrator decides
MATRIX = {"credit.authority": ""}
# who sees a payment term sees its discounts, who sees a customer who was in touch with it
TERMS = {"collection.discount.tier": "r", "collection.touch": "r"}
MODELS = (*NOBODYS, *MATRIX, *TERMS, "credit.profile", "collection.policy", "collection.level", "collection.level.channel", "collection.level.message",
          "collection.minimum", "collection.run", "collection.run.count", "collection.action", "collection.action.line",
          "collection.dispute", "collection.dispute.reason", "collection.promise", "collection.promise.line", "collection.payrun", "collection.heartbeat", "collection.self.check", "collection.self.check.line",
          "collection.dispute.file", "collection.request",
          "collection.agency", "collection.agency.band", "collection.handover.rule", "collection.handover", "collection.handover.line", "collection.handover.event",
          "collection.settlement", "collection.settlement.line", "collection.settlement.chance",
          "collection.checkout", "collection.checkout.line", "collection.thanks",
          "collection.plan", "collection.plan.line", "collection.plan.installment", "collection.plan.template",
          "credit.checklist", "credit.question", "credit.question.choice", "credit.scorecard", "credit.scorecard.factor",
          "credit.scorecard.band", "credit.scorecard.class", "credit.refusal.reason", "credit.application",
          "credit.application.reference", "credit.application.answer", "credit.application.document", "credit.application.score",
          "collection.worklist.rule", "collection.uplift", "collection.excuse", "collection.excuse.answer", "collection.script", "collection.call",
          "collection.rate", "collection.rate.value", "collection.charge.rule", "collection.charge.range", "collection.charge.band",
          "collection.charge", "collection.charge.line", "collection.charge.run", "collection.charge.count",
          "collection.snapshot", "collection.provision", "collection.provision.line",
          "credit.segment", "credit.segment.move",
          "collection.bureau", "collection.bureau.file", "collection.bureau.line", "collection.handover.file",
          "collection.occasion", "collection.greeting",
          "collection.forecast", "collection.digest", "collection.productivity", "collection.ageing", "collection.movement",
          "collection.simulation", "collection.simulation.result", "collection.simulation.side",
          "collection.experiment", "collection.experiment.arm", "collection.experiment.member",
          "collection.retention.rule", "collection.retention.log",
          "credit.external.score", "credit.limit", "credit.ladder", "credit.ladder.stage", "credit.hold", "credit.hold.rule")
# payment plans are made and moved by their methods
PLANS = dict.fromkeys(("collection.plan", "collection.plan.line", "collection.plan.installment"), "r")
# what an applicant told in confidence
CONFIDENTIAL = ("credit.application.answer", "credit.application.document", "credit.application.score")
# what may be tried on customers is the managers' business
STRATEGIES = dict.fromkeys(("collection.simulation", "collection.simulation.result", "collection.simulation.side",
                            "collection.experiment", "collection.experiment.arm", "collection.experiment.member"), "")
STRATEGY_ROWS = dict.fromkeys(("collection.simulation.result", "collection.simulation.side", "collection.experiment.arm", "collection.experiment.member"), "r")
# what a credit bureau is told is about all customers: the managers' business
BUREAU_FILES = {"collection.bureau.file": "", "collection.bureau.line": ""}
# how long what is stored: the manager reads and decides it, and nobody makes or deletes a rule
RETENTION = {"collection.retention.rule": "", "collection.retention.log": ""}
# whether the jobs run, and what must be true and is not: the managers' business
HEALTH = {"collection.heartbeat": "", "collection.self.check": "", "collection.self.check.line": ""}
# what each group may do: c(reate) r(ead) w(rite) u(nlink)
RIGHTS = {
    "base.group_user": {**dict.fromkeys(MODELS, ""), **TERMS},
    "account_credit_collection.group_viewer": {**dict.fromkeys(MODELS, "r"), **NOBODYS, **MATRIX, **dict.fromkeys(CONFIDENTIAL, ""), **STRATEGIES, **BUREAU_FILES, **RETENTION, "collection.productivity": "", **HEALTH},
    "account_credit_collection.group_collector": {
        **dict.fromkeys(MODELS, "r"), **NOBODYS, **MATRIX, **STRATEGIES, **BUREAU_FILES, **RETENTION, "credit.profile": "rw", "collection.dispute": "crw", "collection.promise": "crw", "collection.payrun": "crw", **HEALTH, "collection.charge.run": "crw",
        "collection.request": "rw", "credit.application": "crw", "credit.application.reference": "crwu", "credit.application.answer": "crwu",
        "credit.application.document": "cr", "credit.external.score": "crwu"},
    "account_credit_collection.group_manager": {
        **dict.fromkeys(MODELS, "crwu"), **NOBODYS, **PLANS, **TERMS, **STRATEGY_ROWS, "collection.retention.rule": "rw", "collection.retention.log": "r", "collection.bureau.file": "ru", "collection.bureau.line": "r", "collection.run": "r", "collection.run.count": "r", "collection.action": "r",
        "collection.action.line": "r", "collection.dispute.file": "r", "collection.request": "rw", "collection.dispute": "crw", "collection.promise": "crw", "collection.promise.line": "r",
        "collection.greeting": "r", **dict.fromkeys(HEALTH, "r"), "collection.call": "r", "collection.forecast": "r", "collection.digest": "r", "collection.productivity": "r", "credit.segment.move": "r", "collection.ageing": "r", "collection.movement": "r",
        "collection.handover": "r", "collection.handover.line": "r", "collection.handover.event": "r", "collection.handover.file": "r",
        "collection.checkout": "r", "collection.checkout.line": "r", "collection.thanks": "r",
        "collection.settlement": "r", "collection.settlement.line": "r", "collection.snapshot": "r", "collection.provision.line": "rw",
        "collection.charge": "r", "collection.charge.line": "r", "collection.charge.count": "r", "collection.charge.run": "crw",
        "credit.application.document": "cr", "credit.application.score": "r", "credit.limit": "r", "credit.hold": "r", "credit.authority": "r"},
    "account_credit_collection.group_dispute_owner": {
        **dict.fromkeys(MODELS, ""), **TERMS, "collection.dispute": "rw", "collection.dispute.file": "r", "collection.dispute.reason": "r"},
    "base.group_system": {**dict.fromkeys(MODELS, ""), **TERMS, "credit.throttle": "r", "credit.authority": "crwu"},
    "base.group_portal": dict.fromkeys(MODELS, ""),
    "base.group_public": dict.fromkeys(MODELS, ""),
}
# public methods of our own models that RPC may reach; each checks rights itself
ALLOWED = {
    "credit.profile": {"action_call", "action_open_calls", "action_payment_plan", "action_promise", "action_settlement", "action_handover", "action_payrun", "action_pause", "action_resume", "action_stop_contact", "action_lift_stop", "action_follow_up", "action_open_contacts", "action_open_items",
                       "action_set_limit", "action_open_limits", "action_open_holds", "action_open_charges", "action_statement", "action_open_account", "action_revoke_links", "action_bureau_consent", "mail_allowed_qweb_expressions", "action_open_segment_moves"},
    "collection.policy": {"action_open_profiles", "action_preview"},
    "collection.run": {"action_approve_all", "action_open_contacts"},
    "collection.action": {"action_approve", "action_cancel", "action_skip", "action_retry", "action_confirm_sent", "action_print_letters",
                          "action_open_customer", "mail_allowed_qweb_expressions"},
    "collection.dispute": {"action_resolve", "action_close", "action_reopen", "action_open_document", "action_open_moves"},
    "collection.dispute.wizard": {"action_resolve", "onchange"},
    "collection.dispute.file": {"action_download"},
    "collection.request": {"action_draw_up", "action_refuse", "action_open_plan"},
    "collection.run.wizard": {"action_preview", "action_send", "action_plan"},
    "collection.run.wizard.line": {"action_open_customer", "onchange"},
    "credit.pause.wizard": {"action_pause"},
    "collection.retention.rule": {"action_open_due", "action_open_log"},
    "collection.health": {"action_check_now", "action_open_checks"},
    "collection.self.check.line": {"action_open", "action_settle"},
    "privacy.lookup.wizard.line": {"action_unlink"},
    "collection.subject.wizard": {"action_pdf", "action_xlsx", "onchange"},
    "credit.stop.wizard": {"action_stop", "action_lift", "onchange"},
    "credit.limit": {"action_approve", "action_refuse"},
    "credit.limit.wizard": {"action_decide", "onchange"},
    "credit.ladder": {"action_make_stages", "action_open_profiles"},
    "credit.segment": {"action_ask_arm", "action_arm", "action_disarm", "action_sort", "action_open_profiles", "action_open_moves"},
    "credit.hold": {"action_release", "action_refuse", "action_open_document", "action_open_customer"},
    "credit.release.wizard": {"action_release"},
    "credit.document.mixin": {"action_open_credit_hold"},
    "sale.order": {"action_confirm", "action_open_credit_hold"},
    "collection.promise": {"action_withdraw", "action_renew"},
    "collection.settlement": {"action_offer", "action_note", "action_resend", "action_approve", "action_refuse", "action_withdraw", "action_take_back", "action_book", "action_print",
                              "mail_allowed_qweb_expressions"},
    "collection.agency": {"action_open_handovers"},
    "collection.handover": {"action_approve", "action_announce", "action_hand_over", "action_recover", "action_recall", "action_cancel", "action_note",
                            "action_write_off", "action_undo_write_off", "action_print", "action_make_file", "mail_allowed_qweb_expressions"},
    "collection.handover.file": {"action_take", "action_again"},
    "collection.handover.wizard": {"action_propose", "onchange"},
    "collection.handover.decision.wizard": {"action_decide", "onchange"},
    "collection.handover.recovery.wizard": {"action_recover", "onchange"},
    "collection.items.dialog": {"onchange"},
    "collection.checkout": {"action_open_transactions"},
    "collection.thanks": {"mail_allowed_qweb_expressions"},
    "collection.settlement.wizard": {"action_offer", "action_draft", "onchange"},
    "collection.settlement.decision.wizard": {"action_decide", "onchange"},
    "collection.plan": {"action_offer", "action_approve", "action_refuse", "action_resend", "action_accept_by_hand", "action_cancel", "action_renegotiate",
                        "action_print", "action_print_evidence", "action_payoff", "action_open_customer", "mail_allowed_qweb_expressions"},
    "collection.plan.installment": {"mail_allowed_qweb_expressions"},
    "collection.plan.wizard": {"action_draft", "action_offer", "onchange"},
    "collection.plan.accept.wizard": {"action_accept", "onchange"},
    "collection.plan.cancel.wizard": {"action_cancel"},
    "collection.payrun": {"action_take_over"},
    "collection.promise.wizard": {"action_promise", "onchange"},
    "collection.promise.withdraw.wizard": {"action_withdraw"},
    "credit.limit.import.wizard": {"action_template", "action_preview", "action_reset", "action_import"},
    "credit.application": {"action_submit", "action_review", "action_withdraw", "action_score", "action_decide", "action_ask_references",
                           "action_fill_questions", "action_match_partner", "action_create_partner", "action_open_profile",
                           "action_print_evidence", "action_resend_contract", "mail_allowed_qweb_expressions"},
    "credit.application.reference": {"action_answered_by_phone", "mail_allowed_qweb_expressions"},
    "credit.application.document": {"action_download"},
    "credit.application.wizard": {"onchange"},
    "credit.limit.import.wizard.line": {"onchange"},
    "collection.occasion.preview": {"onchange"},
    "credit.decision.wizard": {"action_decide", "onchange"},
    "credit.ask.back.wizard": {"action_ask", "onchange"},
    "credit.match.wizard": {"action_match", "action_create", "onchange"},
    "collection.opening.wizard": {"action_include"},
    "payment.term.wizard": {"action_create", "onchange"},
    "collection.rate": {"action_confirm"},
    "collection.charge": {"action_post", "action_waive", "action_reverse", "action_open_move", "action_open_credits", "action_print_proof", "action_proof_xlsx", "action_send",
                          "mail_allowed_qweb_expressions"},
    "collection.charge.run": {"action_prepare", "action_post", "action_retry", "action_drop", "action_open_charges", "action_stop"},
    "collection.charge.count": {"action_open_moves"},
    "collection.charge.line": {"action_open_invoice", "action_open_bill", "action_open_item"},
    "collection.charge.waive.wizard": {"action_waive", "onchange"},
    "collection.bureau": {"action_open_wizard", "action_open_files"},
    "collection.bureau.file": {"action_work_out", "action_check", "action_reopen", "action_deliver", "action_take", "action_open_lines"},
    "collection.bureau.line": {"action_open_items"},
    "collection.bureau.wizard": {"action_make", "onchange"},
    "collection.bureau.consent.wizard": {"action_note"},
    "collection.forecast": {"action_open_item"},
    "collection.occasion": {"action_arm", "action_disarm", "action_preview", "action_open_greetings"},
    "collection.greeting": {"action_cancel", "action_print_cards", "mail_allowed_qweb_expressions"},
    "collection.touch": {"action_remove"},
    "collection.touch.wizard": {"action_log", "onchange"},
    "collection.productivity": {"action_open_source"},
    "collection.digest": {"mail_allowed_qweb_expressions"},
    "collection.statement.wizard": {"action_print", "action_xlsx", "action_mail"},
    "collection.overview": {"load_overview"},
    "collection.report.mixin": {"action_open_document"},
    "collection.snapshot": {f"action_open_{figure}" for figure in (
        "opening", "closing", "overdue", "not_due", "b30", "b60", "b90", "over", "credit", "movements", "billed", "credited", "collected", "discounts",
        "written_off", "exchange", "other", "promises", "disputes", "charges", "contacts", "calls")},
    "collection.snapshot.wizard": {"action_build"},
    "collection.provision": {"action_compute", "action_keep", "action_print"},
    "collection.provision.line": {"action_open_items"},
    "collection.ageing": {"action_open_document"},
    "collection.movement": {"action_open_document"},
    "collection.ageing.wizard": {"action_open", "action_last_month", "action_last_quarter", "action_last_year"},
    "collection.simulation": {"action_simulate", "action_reset", "action_refresh", "action_open_results"},
    "collection.simulation.result": {"action_open_customer"},
    "collection.experiment": {"action_start", "action_stop", "action_open_members"},
    "collection.desk": {"load_worklist", "load_customer", "save_outcome", "undo"},
    "collection.call": {"mail_allowed_qweb_expressions"},
    "res.partner": {"action_open_credit_profile", "action_pause_follow_up", "action_collection_statement", "action_collection_subject", "action_log_touch", "action_open_touches"},
    "res.users": {"action_archive"},
    "ir.module.module": {"button_uninstall"},
    "base.module.uninstall": {"action_uninstall", "action_collection_export"},
    "account.payment": {"action_post"},
    "account.move.reversal": {"modify_moves"},
    "account.move": {"action_open_follow_up", "action_post", "button_draft", "button_cancel", "action_open_credit_hold"},
}
INHERITED = {"create", "write", "unlink", "copy_data", "set_values", "get_paperformat"}


@tagged("post_install", "-at_install")
class TestSecurity(CollectionCommon):

    def _user(self, group, **values):
        return self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": group, "login": f"{group}.{len(values)}.test", "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)], "group_ids": [Command.set(self.env.ref(group).ids)], **values})

    def test_every_group_may_do_what_its_table_says_and_nothing_else(self):
        letters = {"c": "create", "r": "read", "w": "write", "u": "unlink"}
        for group, rights in RIGHTS.items():
            user = self._user(group)
            for model in MODELS:
                for letter, operation in letters.items():
                    with self.subTest(group=group, model=model, operation=operation):
                        self.assertEqual(self.env[model].with_user(user).has_access(operation), letter in rights[model])

    def test_each_of_our_models_is_in_the_table(self):
        ours = {name for name, model in self.env.registry.items()
                if model._original_module == "account_credit_collection" and not model._abstract and not model._transient}
        self.assertEqual(ours, set(MODELS))

    def test_no_public_method_beyond_the_known_ones(self):
        found = {}
        for name, model in self.env.registry.items():
            for klass in model.__mro__:
                if not klass.__module__.startswith("odoo.addons.account_credit_collection."):
                    continue
                public = {key for key, value in vars(klass).items()
                          if callable(value) and not key.startswith("_") and not getattr(value, "_api_private", False)}
                found.setdefault(name, set()).update(public - INHERITED)
        self.assertEqual({name: methods for name, methods in found.items() if methods}, ALLOWED)

    def test_a_viewer_cannot_decide_even_over_rpc(self):
        self._invoice(10)
        action = self._run().action_ids
        viewer = self._user("account_credit_collection.group_viewer")
        for method in ("action_approve", "action_cancel", "action_skip", "action_retry", "action_confirm_sent", "action_print_letters"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(action.with_user(viewer), method)()
        with self.assertRaises(AccessError):
            self._profile().with_user(viewer).excluded = True

    def test_a_collector_of_another_company_sees_nothing_of_this_one(self):
        second = self.setup_other_company(name="Third Ltd")["company"]
        outsider = self._user("account_credit_collection.group_collector", company_id=second.id, company_ids=[Command.set(second.ids)])
        self._invoice(10)
        run = self._run()
        for records in (self._profile(), run, run.action_ids, run.action_ids.line_ids, run.count_ids, self.policy, self.policy.level_ids):
            self.assertFalse(self.env[records._name].with_user(outsider).search([("id", "in", records.ids)]), records._name)

    def test_own_portfolio_shows_only_own_customers(self):
        collector = self._user("account_credit_collection.group_collector")
        collector.group_ids += self.env.ref("account_credit_collection.group_own_portfolio")
        mine, other = self._customer("Mine"), self._customer("Other")
        self._invoice(10, partner=mine)
        self._invoice(10, partner=other)
        self._profile(mine).collector_id = collector
        run = self._run()
        self.assertEqual(self.env["credit.profile"].with_user(collector).search([]).partner_id, mine)
        self.assertEqual(self.env["collection.action"].with_user(collector).search([("run_id", "=", run.id)]).partner_id, mine)

    def test_a_person_cannot_forge_a_sent_contact_or_its_amounts(self):
        self._invoice(10)
        action = self._run().action_ids
        collector = self._user("account_credit_collection.group_collector")
        with self.assertRaises(UserError):
            action.with_user(collector).write({"recipient": "thief@example.com"})
        with self.assertRaises(UserError):
            action.with_user(collector).write({"state": "sent"})
