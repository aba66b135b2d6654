"""The addon goes only when nothing is lost by it, and comes back without doing anything twice (R-60)."""
import csv
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..hooks import _uninstall
from .plan import PlanCommon

MODULE = "account_credit_collection"


@tagged("post_install", "-at_install")
class TestRemoval(PlanCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.module = cls.env["ir.module.module"].sudo().search([("name", "=", MODULE)])
        cls.removal = cls.env["collection.removal"].sudo()
        # how busy the server of the tests is, is another matter
        cls.startClassPatcher(patch.object(cls.env.registry["collection.removal"], "_lock_room", lambda self: (1, 2)))

    def _uninstaller(self, **values):
        return self.env(user=self.env.ref("base.user_admin"))["base.module.uninstall"].create({"module_ids": self.module.ids, **values})

    def _button(self, module=None):
        (module or self.module).with_user(self.env.ref("base.user_admin")).button_uninstall()

    def _zip(self, file):
        return zipfile.ZipFile(io.BytesIO(file.raw))

    def _rows(self, archive, model):
        return list(csv.DictReader(io.StringIO(archive.read(f"{model}.csv").decode())))

    def _sending(self):
        self._invoice(10)
        action = self._run().action_ids
        action._transition("checking")
        action._transition("sending")
        return action

    def test_nothing_in_force_is_in_nobodys_way(self):
        self.assertFalse(self.removal._kept())
        self._button()
        self.assertEqual(self.module.state, "to remove")

    def test_it_is_refused_while_a_message_leaves_whatever_was_ticked(self):
        self._sending()
        self.removal._export()
        for refused in (self._button, lambda: _uninstall(self.env(su=True))):
            with self.assertRaisesRegex(UserError, "being sent right now"):
                refused()

    def test_it_is_refused_where_the_server_would_leave_tables_behind(self):
        self.patch(self.env.registry["collection.removal"], "_lock_room", lambda removal: (2000, 1500))
        with self.assertRaisesRegex(UserError, "about 2000 locks are needed and 1500 are free"):
            self._button()

    def test_the_room_it_takes_is_counted(self):
        needed, free = self.env["collection.reader"]._read_lock_room(["collection_action"])
        self.assertGreater(needed, 20)
        self.assertLess(needed, 60)
        self.assertIsInstance(free, int)
        every, _free = self.env["collection.reader"]._read_lock_room([
            model._table for model in self.env.values() if model._original_module == MODULE and model._auto])
        self.assertGreater(every, 1000)

    def test_what_a_dead_worker_left_is_no_hindrance_for_ever(self):
        action = self._sending()
        action.claimed_at = "2020-01-01 00:00:00"
        self._button()
        self.assertEqual(self.module.state, "to remove")

    def test_what_takes_it_along_is_refused_as_well(self):
        self._sending()
        with self.assertRaisesRegex(UserError, "being sent right now"):
            self._button(self.env["ir.module.module"].sudo().search([("name", "=", "sale")]))

    def test_who_may_not_uninstall_learns_nothing(self):
        self._sending()
        manager = new_test_user(self.env(su=True), login="nosy.removal", groups=f"{MODULE}.group_manager,base.group_user")
        with self.assertRaises(AccessDenied), mute_logger("odoo.addons.base.models.ir_module"):
            self.module.with_user(manager).button_uninstall()
        with self.assertRaises(AccessError):
            self.env["base.module.uninstall"].with_user(manager).create({"module_ids": self.module.ids})

    def test_signed_contracts_are_kept_unless_they_were_emptied(self):
        application = self.env["credit.application"].sudo().create({
            "name": "Signed Ltd", "company_id": self.company.id, "email": "ann@signed.example", "contact_name": "Ann", "state": "draft"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_application SET state = 'signed' WHERE id = %s", [application.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "law asks you to keep: 1"):
            self._button()
        self.env.cr.execute("UPDATE credit_application SET email = NULL, contact_name = NULL WHERE id = %s", [application.id])
        self.env.invalidate_all()
        self._button()

    def test_an_offer_that_was_taken_is_kept_until_it_is_booked(self):
        """The customer has paid its part: nobody would ever credit the rest."""
        items = self._item(self._invoice(40, 300))
        self.patch(self.env.registry["collection.settlement"], "_render", lambda *_args: b"%PDF-1.4 offer")
        offer = self.env["collection.settlement"]._make(self._profile(), items, 200.0, self.today, "A clear end")
        for state, booked_on, needed in (("offered", None, True), ("taken", None, True), ("taken", self.today, False), ("withdrawn", None, False)):
            self.env.flush_all()
            self.env.cr.execute("UPDATE collection_settlement SET state = %s, booked_on = %s WHERE id = %s", [state, booked_on, offer.id])
            self.env.invalidate_all()
            with self.subTest(state, booked_on=booked_on):
                self.assertEqual(any("Settlement" in sentence for sentence in self.removal._kept()), needed)

    def test_the_export_holds_what_is_kept_about_records_of_others(self):
        self.company.collection_bank_days = 3
        archive = self._zip(self.removal._export())
        row = next(row for row in self._rows(archive, "res.company") if row["id"] == str(self.company.id))
        self.assertEqual((row["display_name"], row["collection_bank_days"]), (self.company.name, "3"))
        self.assertNotIn("email", row, "what is core's stays there")

    def test_the_export_holds_links_and_words_as_programs_read_them(self):
        cell = self.removal._cell
        self.assertEqual([cell(value) for value in ([7, 9], {"days": 3, "to": "Ada"}, "＝1+1", -5, "-5", False, (4, "=1"))],
                         ["[7, 9]", '{"days": 3, "to": "Ada"}', "'＝1+1", -5, "'-5", "", "'=1 (4)"])
        for name, field in self.env["collection.action"]._fields.items():
            if field.store and field.type == "many2many":
                self.assertIn(name, self.removal._stored(self.env["collection.action"]))

    def test_one_export_is_kept_and_for_a_day_only(self):
        """It holds everything about everybody."""
        first = self.removal._export()
        second = self.removal._export()
        self.assertFalse(first.exists())
        self.removal._forget_export()
        self.assertTrue(second.exists())
        self.env.flush_all()
        self.env.cr.execute("UPDATE ir_attachment SET create_date = create_date - interval '1 day' WHERE id = %s", [second.id])
        second.invalidate_recordset()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda self, *_args, **_values: 1):
            self.env["collection.retention.rule"].sudo()._cron_purge()
        self.assertFalse(second.exists())

    def test_the_export_holds_every_row_and_every_file(self):
        self._invoice(10)
        self._sent(self._run())
        profile = self._profile()
        profile.pause_reason = "=HYPERLINK(1)"
        self.env["ir.attachment"].create({"name": "../../letter.txt", "raw": b"Dear all", "res_model": profile._name, "res_id": profile.id})
        archive = self._zip(self.removal._export())
        self.assertIsNone(archive.testzip())
        for model in ("credit.profile", "collection.action", "collection.action.line", "collection.policy"):
            self.assertEqual(len(self._rows(archive, model)), self.env[model].sudo().with_context(active_test=False).search_count([]), model)
        row = next(row for row in self._rows(archive, "credit.profile") if row["id"] == str(profile.id))
        self.assertEqual((row["pause_reason"], row["partner_id"]), ("'=HYPERLINK(1)", f"Northwind ({self.customer.id})"))
        files = [name for name in archive.namelist() if "letter" in name]
        self.assertEqual(len(files), 1)
        self.assertTrue(files[0].startswith(f"files/credit.profile/{profile.id}/"))
        self.assertEqual(files[0].count("/"), 3)

    def test_administrators_alone_open_the_export(self):
        file = self.removal._export()
        manager = new_test_user(self.env(su=True), login="other.removal", groups=f"{MODULE}.group_manager,base.group_user")
        with self.assertRaises(AccessError):
            file.with_user(manager).read(["name", "raw"])
        with self.assertRaises(AccessError):
            self.env["base.module.uninstall"].with_user(manager).new({}).action_collection_export()
        self.assertTrue(file.with_user(self.env.ref("base.user_admin")).raw)

    def test_what_it_leaves_behind_keeps_the_next_installation_from_doing_things_twice(self):
        self._invoice(10)
        self._sent(self._run())
        self.removal._leave()
        self.env["collection.action.line"].sudo().search([]).unlink()
        self.env["collection.action"].sudo().search([("company_id", "=", self.company.id)]).unlink()
        self.assertEqual(len(self._run().action_ids), 1, "it knows of nothing")
        self.env["collection.action"].sudo().search([("company_id", "=", self.company.id)])._stop("by_user", {"user": "x"})
        self.removal._come_back()
        self.assertEqual(self.company.collection_silent_since, self.today)
        for day in (0, 1, 4):
            self.assertFalse(self._run(day).action_ids)
            self.assertEqual(self._why(), "too_soon")
        self.assertEqual(len(self._run(5).action_ids), 1)

    def test_notes_and_files_go_with_what_they_are_about(self):
        profile = self._profile()
        note = profile.message_post(body="Called Ann")
        file = self.env["ir.attachment"].create({"name": "a.txt", "raw": b"x", "res_model": profile._name, "res_id": profile.id})
        other = self.customer.message_post(body="Hello")
        self.removal._forget()
        self.assertEqual((note.exists(), file.exists(), other.exists()), (note.browse(), file.browse(), other))

    def test_a_plan_in_force_is_named_until_everything_was_exported(self):
        self._active(self._invoice(10, 300))
        with self.assertRaisesRegex(UserError, "Payment plans offered or active: 1"):
            self._button()
        self.assertEqual(self.module.state, "installed")
        wizard = self._uninstaller()
        self.assertIn("Payment plans offered or active: 1", wizard.collection_kept)
        wizard.action_collection_export()
        self._button()
        self.assertEqual(self.module.state, "to remove")

    def test_an_export_of_yesterday_is_none(self):
        self._active(self._invoice(10, 300))
        file = self.removal._export()
        self.env.flush_all()
        self.env.cr.execute("UPDATE ir_attachment SET create_date = create_date - interval '1 day' WHERE id = %s", [file.id])
        file.invalidate_recordset()
        with self.assertRaises(UserError):
            self._button()
