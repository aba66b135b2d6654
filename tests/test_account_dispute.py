from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_account_promise import FORMS, SayCase
from .test_credit_upload import pdf


@tagged("post_install", "-at_install")
class TestAccountDispute(SayCase):
    """“Something is wrong…”, as the customer says it on its page."""

    def setUp(self):
        super().setUp()
        self.reason = self.env.ref("account_credit_collection.collection_dispute_reason_damaged")
        self.company.collection_write_off_account_id = self.company_data["default_account_expense"]

    def _contest(self, invoice=None, path=None, files=(), csrf=True, **values):
        return self._post(path or self._my("/dispute"), {
            "item": self._item(invoice or self.new).id, "amount": "60", "reason_id": self.reason.id, "text": "3 chairs are broken", **values},
            files=[("file", file) for file in files] or None, csrf=csrf)

    def _disputes(self):
        return self._fresh(self.env["collection.dispute"].search([("profile_id", "=", self._profile().id)], order="id"))

    def _add(self, dispute, text="", files=()):
        return self._post(self._my(f"/dispute/{dispute.id}/add"), {"text": text}, files=[("file", file) for file in files] or None)

    # ------------------------------------------------------------------ opening

    def test_a_part_is_contested_and_the_rest_stays_due(self):
        clerk = new_test_user(self.env(su=True), login="logistics", company_id=self.company.id, company_ids=self.company.ids,
                              groups="base.group_user,account_credit_collection.group_dispute_owner")
        self.reason.owner_id = clerk
        self._as(self.ada)
        self.assertEqual(self._contest().status_code, 303)
        dispute = self._disputes()
        self.assertRecordValues(dispute, [{
            "amount": 60.0, "customer_amount": 60.0, "open_amount": 60.0, "state": "open", "source": "portal", "reason": "3 chairs are broken",
            "said_by_id": self.ada.partner_id.id, "owner_id": clerk.id, "opened_on": self.today,
            "deadline": self.company._dispute_deadline(self.today, self.reason.sla_days), "our_fault": False}])
        self.assertEqual(self._tasks("dispute", dispute).user_id, clerk)
        line = self._run().action_ids.line_ids.filtered(lambda line: line.item_id == self._item(self.new))
        self.assertEqual(line.asked, 190.0, "250 less the 60 that are contested, from the same second on")

    def test_all_of_it_is_not_asked_for(self):
        self._as(self.ada)
        self._contest(amount="250")
        self.assertEqual(self._run().action_ids.line_ids.item_id, self._item(self.old))

    def test_sent_twice_is_opened_once(self):
        self._as(self.ada)
        first, second = self._contest(), self._contest()
        self.assertEqual((first.status_code, second.headers["Location"]), (303, first.headers["Location"]))
        self.assertEqual(len(self._disputes()), 1)

    def test_what_cannot_be_contested_is_refused_and_kept(self):
        hidden = self.env["collection.dispute.reason"].create({"name": "Our secret", "code": "secret", "is_public": False})
        self._as(self.ada)
        self.assertNotIn("Our secret", self._get(self._my(f"/dispute?item={self._item(self.new).id}")).text)
        for why, values, said in (
                ("too much", {"amount": "250.01"}, "More is disputed of"), ("nothing", {"amount": "0"}, "above zero"),
                ("a reason of ours", {"reason_id": hidden.id}, "Please choose one of the answers"),
                ("no reason", {"reason_id": ""}, "Please choose one of the answers"), ("no words", {"text": " "}, "Please fill this in"),
                ("too many words", {"text": "a" * 1001}, "at most 1000 characters"), ("markup", {"text": "<b>"}, "leave out the signs")):
            with self.subTest(why):
                answer = self._contest(**values)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(said, self._words(answer))
                self.assertFalse(self._disputes())
        self.assertIn("3 chairs are broken", self._contest(amount="0").text, "what was typed is there again")
        with mute_logger(FORMS):
            for name in ("owner_id", "deadline", "state", "our_fault", "opened_on"):
                self.assertEqual(self._contest(**{name: "1"}).status_code, 400, name)
        self.assertFalse(self._disputes())

    def test_what_was_looked_into_is_not_contested_by_a_form_again(self):
        self._as(self.ada)
        self._contest()
        self._disputes()._resolve("rejected", 60.0, why="The delivery note is signed")
        answer = self._contest(amount="70")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("We have looked into", self._words(answer))

    def test_late_is_late_until_somebody_finds_that_it_was_our_fault(self):
        self._as(self.ada)
        self._contest()
        dispute = self._disputes()
        self.assertTrue(self.reason.our_fault)
        self.assertEqual(dispute.days_excused, 0)
        dialog = self.env["collection.dispute.wizard"].create({"dispute_id": dispute.id, "outcome": "credit_note"})
        self.assertTrue(dialog.our_fault, "proposed by the reason when it is decided")
        dialog.outcome = "rejected"
        self.assertFalse(dialog.our_fault)

    # ------------------------------------------------------------------ files

    def test_files_are_kept_under_our_names(self):
        self._as(self.ada)
        self._contest(files=[("../../Lieferschein <x>.pdf", pdf(), "application/pdf")])
        dispute = self._disputes()
        self.assertRecordValues(dispute.file_ids, [{
            "name": f"dispute-{dispute.id}-1.pdf", "original_name": "Lieferschein x.pdf", "mimetype": "application/pdf", "size": len(pdf()),
            "said_by_id": self.ada.partner_id.id, "unsafe": False}])
        self.assertIn("Lieferschein x.pdf", self._get(self._my(f"/dispute/{dispute.id}")).text)
        self.assertEqual(self._add(dispute, "one more", [("b.pdf", pdf(lambda writer: writer.add_metadata({"/Title": "b"})), "application/pdf")]).status_code, 303)
        self.assertEqual(self._fresh(dispute).file_ids.mapped("name"), [f"dispute-{dispute.id}-{number}.pdf" for number in (1, 2)])

    def test_a_bad_file_opens_nothing(self):
        self._as(self.ada)
        for why, files, said in (
                ("a program", [("a.exe", b"MZ", "application/octet-stream")], "PDF, JPEG and PNG files only"),
                ("not what it says", [("a.pdf", b"<html>", "application/pdf")], "not what its name says"),
                ("six", [(f"{number}.pdf", pdf(), "application/pdf") for number in range(6)], "Five files at most"),
                ("twice", [("a.pdf", pdf(), "application/pdf"), ("b.pdf", pdf(), "application/pdf")], "sent this file already")):
            with self.subTest(why):
                answer = self._contest(files=files)
                self.assertEqual(answer.status_code, 400)
                self.assertIn(said, self._words(answer))
                self.assertFalse(self._disputes(), "nothing is left half-made")

    def test_five_files_in_all(self):
        titled = [(f"{number}.pdf", pdf(lambda writer, number=number: writer.add_metadata({"/Title": str(number)})), "application/pdf") for number in range(6)]
        self._as(self.ada)
        self._contest(files=titled[:4])
        answer = self._add(self._disputes(), "two more", titled[4:])
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(len(self._disputes().file_ids), 4)
        self.assertEqual(self._add(self._disputes(), "", titled[4:5]).status_code, 303)

    def test_staff_saves_the_file_and_nobody_else(self):
        self._as(self.ada)
        self._contest(files=[("a.pdf", pdf(), "application/pdf")])
        file = self._disputes().file_ids
        path = f"/collections/dispute/file/{file.id}"
        with mute_logger("odoo.http"):
            self.assertEqual(self._get(path).status_code, 404, "not the customer either: it has it")
            bob = self._bob()
            self.authenticate(bob.login, bob.login)
            answer = self._get(path)
            self.assertEqual((answer.status_code, answer.content), (200, pdf()))
            self.assertEqual(answer.headers["Content-Disposition"], f"attachment; filename*=UTF-8''{file.name}")
            self.assertIn("sandbox", answer.headers["Content-Security-Policy"])
            self.assertEqual(self._get(f"/collections/dispute/file/{file.id + 1}").status_code, 404)
            self.assertEqual(self._get(f"/collections/dispute/file/{2 ** 40}").status_code, 404)
        second = self.setup_other_company(name="Third Ltd")["company"]
        outsider = new_test_user(self.env(su=True), login="third collector", groups="account_credit_collection.group_collector",
                                 company_id=second.id, company_ids=[Command.set(second.ids)])
        with self.assertRaises(AccessError):
            file.with_user(outsider).read(["file"])
        self.assertIn(file.action_download()["url"], path)

    # ------------------------------------------------------------------ later

    def test_notes_reach_who_clears_it_up(self):
        self._as(self.ada)
        self._contest()
        dispute = self._disputes()
        self._tasks("dispute", dispute).action_done()
        self.assertEqual(self._add(dispute, "Only 2 are broken\nafter all").status_code, 303)
        self.assertIn("Only 2 are broken", str(self._fresh(dispute).message_ids[:1].body))
        self.assertEqual(dispute.message_ids[:1].author_id, self.ada.partner_id)
        self.assertTrue(self._tasks("dispute", dispute), "there is something to look at again")
        dispute.message_post(body="Between us: she is right")
        answer = self._get(self._my(f"/dispute/{dispute.id}"))
        page = self._words(answer)
        self.assertIn("Only 2 are broken\nafter all", answer.text, "in the customer's own lines")
        self.assertNotIn("she is right", page)
        self.assertEqual(self._add(dispute).status_code, 400, "nothing said")

    def test_withdrawn(self):
        self._as(self.ada)
        self._contest()
        dispute = self._disputes()
        for _click in range(2):
            self.assertEqual(self._post(self._my(f"/dispute/{dispute.id}/withdraw")).status_code, 303)
        self.assertRecordValues(self._fresh(dispute), [{"state": "closed", "outcome": "withdrawn", "open_amount": 0.0}])
        self.assertIn("You took this back", self._words(self._get(self._my(f"/dispute/{dispute.id}"))))
        self.assertEqual(self._add(dispute, "and yet").status_code, 400)
        lines = self._run(1).action_ids.line_ids.filtered(lambda line: line.item_id == self._item(self.new))
        self.assertEqual(lines.asked, 250.0, "asked for again from tomorrow on")

    def test_the_outcome_in_plain_words(self):
        self._as(self.ada)
        for amount, outcome, why, said in (
                ("10", "credit_note", None, "You were right. We credited $ 10.00"), ("20", "written_off", None, "We do not ask for it any more"),
                ("30", "rejected", "The delivery note is signed", "the invoice is right: The delivery note is signed")):
            self._contest(amount=amount)
            dispute = self._disputes()[-1:]
            dispute._resolve(outcome, float(amount), why=why)
            self.assertIn(said, self._words(self._get(self._my(f"/dispute/{dispute.id}"))), outcome)

    def test_what_we_entered_is_shown_without_our_words(self):
        dispute = self.env["collection.dispute"].create({"item_id": self._item(self.new).id, "amount": 50.0, "reason": "Ada lies again"})
        dispute.finding = "She always does"
        self._as(self.ada)
        page = self._get(self._my(f"/dispute/{dispute.id}"))
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("lies", page.text)
        self.assertNotIn("always does", page.text)
        dispute._resolve("rejected", 50.0, why="We do not believe her")
        self.assertNotIn("believe", self._get(self._my(f"/dispute/{dispute.id}")).text)

    def test_staff_and_readers_open_nothing(self):
        self._as(self.ada)
        self.assertEqual(self._get(self._my(f"/dispute?item={self._item(self.new).id}")).status_code, 200)
        self.assertEqual(self._get(self._my("/dispute")).status_code, 200)
        with mute_logger("odoo.http"):
            self.assertEqual(self._contest(csrf=False).status_code, 400)
        bob = self._bob()
        self.authenticate(bob.login, bob.login)
        self.assertEqual(self._contest(path=self._link("/dispute")).status_code, 400)
        self.assertFalse(self._disputes())

    def test_states_on_the_account(self):
        self._as(self.ada)
        self._contest()
        self._contest(self.old, amount="100")
        texts = self._profile()._account_states(self._item(self.old) | self._item(self.new))
        self.assertEqual(texts[self._item(self.old).id], ("disputed", "We are looking into it"))
        self.assertEqual(texts[self._item(self.new).id][1].replace("\xa0", " "), "We are looking into $ 60.00 of it")

    def test_silent_at_the_door(self):
        """A reminder that is planned already goes without what was contested since."""
        run = self._run()
        self.assertEqual(sum(run.action_ids.line_ids.mapped("asked")), 350.0)
        self._as(self.ada)
        self._contest(self.old, amount="100")
        self._contest(self.new, amount="250")
        self.env["collection.outbox"].sudo()._perform_ready(60)
        self.assertFalse(run.action_ids.filtered(lambda action: action.state == "sent"))
