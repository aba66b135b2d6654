"""The filestore is full, or what lay in it is gone."""
from .host import HostCase

ROWS = 12
WITH_STATEMENT = """
env["collection.level"].search([]).attach_statement = True
rows = env["collection.action"].search([], order="id")
rows[{rows}:].unlink()
env.cr.commit()
"""
TELL = """
rows = env["collection.action"].search([], order="id")
result = [[row.state, row.reason, [bool(file.raw) and file._is_whole() for file in row.attachment_ids]] for row in rows]
"""
DAMAGE = """
row = env["collection.action"].search([], order="id")[0]
path = row.attachment_ids._full_path(row.attachment_ids.store_fname)
size = __import__("os").path.getsize(path)
if how == "gone":
    __import__("os").unlink(path)
else:
    with open(path, "r+b") as file:
        if how == "cut":
            file.truncate(size // 2)
        else:
            file.seek(size // 2)
            file.write(b"!")
result = row.attachment_ids.name
"""


class TestHostFull(HostCase):
    """T-F-01: no room for the files of messages; when there is room again, they leave without anybody's help."""

    def test_messages_whose_files_find_no_room_wait_and_leave_when_there_is_room(self):
        self._with_statements()
        full, after, sizes = self.machine.do("small_disk", kilobytes=4000, text="""
import glob, os
def tell():
    env.invalidate_all()
    return [[row.state, row.reason] for row in env["collection.action"].search([], order="id")]
fill(left=20)
env["collection.outbox"]._perform_ready(60)
full = tell()
free()
sizes = [os.path.getsize(path) for path in glob.glob(str(store) + "/[0-9a-f][0-9a-f]/*")]
env.cr.execute("UPDATE collection_action SET not_before = NULL")
env.cr.commit()
env["collection.outbox"]._perform_ready(60)
result = full, tell(), sizes
""")
        self.assertEqual({state for state, _reason in full}, {"retry"}, full)
        self.assertNotIn(0, sizes, "a file for which there was no room stays as an empty one")
        self.assertEqual([state for state, _reason in after], ["sent"] * ROWS, after)
        self.assertEqual(len(self.sink.mails), ROWS)
        self.assert_nothing_twice()

    def test_the_same_content_is_stored_after_a_file_was_cut_off(self):
        """Core would say for ever that it collides with an existing file."""
        found = self.machine.do("small_disk", kilobytes=4000, text="""
raw = b"%PDF-1.4 the same each time " * 5000
def keep(name):
    try:
        with env.cr.savepoint():
            return env["ir.attachment"].create({"name": name, "raw": raw})
    except OSError as error:
        return error.errno
fill(left=40)
first = keep("first")
free()
second = keep("second")
path = second._full_path(second.store_fname)
result = [first, second._is_whole()]
open(path, "wb").write(raw[:1000])  # a process killed while it wrote,
__import__("os").utime(path, (0, 0))  # long ago
third = keep("third")
second.invalidate_recordset()
result += [third._is_whole(), second._is_whole()]
""")
        self.assertEqual(found, [28, True, True, True])

    def _with_statements(self):
        self.machine.do("code", text=WITH_STATEMENT.format(rows=ROWS))


class TestHostDamaged(HostCase):
    """T-F-02, R-15: a file that is gone or altered is never sent; it is made anew, and a person hears of the disk."""

    def test_a_damaged_statement_is_not_sent_and_made_anew(self):
        for how in ("gone", "cut", "altered"):
            with self.subTest(how):
                self.machine.reset()
                self.machine.do("code", text=WITH_STATEMENT.format(rows=3))
                self.machine.do("code", text="""
rows = env["collection.action"].search([])
env["collection.channel"]._attach_statements(rows)""")
                self.machine.do("code", text=DAMAGE, how=how)
                self.machine.do("perform")
                damaged, *others = self.machine.do("code", text=TELL)
                self.assertEqual(damaged[:2], ["retry", "attachment_damaged"])
                self.assertEqual([one[0] for one in others], ["sent", "sent"])
                self.assertEqual(self._tasks(), 1)
                self.machine.pass_time(60)
                self.machine.do("perform")
                self.assertEqual(self.machine.states(), {"sent": 3})
                self.assertEqual(len(self.sink.mails), 3)
                self.assert_nothing_twice()

    def _tasks(self):
        return self.machine.sql("SELECT count(*) FROM mail_activity WHERE res_model = 'credit.profile'")[0][0]

    def test_a_damaged_letter_is_made_anew_before_it_is_printed_and_a_posted_one_is_refused(self):
        self._plan_letters(2)
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"waiting": 2})
        self.machine.do("code", text=DAMAGE, how="gone")
        printed, intact = self.machine.do("code", text="""
rows = env["collection.action"].search([], order="id").with_user(env.ref("base.user_admin"))
file = env["ir.attachment"].browse(int(rows.action_print_letters()["url"].split("/")[3].split("?")[0]))
result = file.raw[:4].decode(), all(one._is_whole() for one in rows.sudo().attachment_ids)
rows.action_confirm_sent()""")
        self.assertEqual((printed, intact), ("%PDF", True))
        name = self.machine.do("code", text=DAMAGE, how="gone")
        refused = self.machine.do("code", text="""
from odoo.exceptions import UserError
try:
    env["collection.action"].search([], order="id").with_user(env.ref("base.user_admin")).action_print_letters()
except UserError as error:
    result = str(error)""")
        self.assertIn("damaged", refused or "", name)

    def _plan_letters(self, number):
        self.machine.sql("DELETE FROM collection_action; DELETE FROM collection_run_count; DELETE FROM collection_run")
        self.machine.sql("DELETE FROM collection_level_channel WHERE channel = 'letter' OR id NOT IN"
                         " (SELECT min(id) FROM collection_level_channel WHERE channel <> 'letter' GROUP BY level_id)")
        self.machine.sql("UPDATE collection_level_channel SET channel = 'letter', use = 'always'")
        self.machine.sql("UPDATE res_partner SET zip = '1000', country_id = (SELECT id FROM res_country WHERE code = 'BE')")
        self.machine.sql("UPDATE credit_profile SET evaluated_on = NULL, active = id IN (SELECT id FROM credit_profile ORDER BY id LIMIT %s)", number)
        self.machine.do("plan")

    def test_copies_of_invoices_whose_file_is_gone_are_made_again(self):
        self.machine.sql("UPDATE collection_action SET attach_invoices = true")
        self.machine.sql("DELETE FROM collection_action WHERE id NOT IN (SELECT id FROM collection_action ORDER BY id LIMIT 1)")
        size = self.machine.do("code", text="""
import os
row = env["collection.action"].search([])
move = row.line_ids.item_id.move_id
data = {move: {"pdf_report": env["account.move.send"]._get_default_pdf_report_id(move)}}
env["account.move.send"]._prepare_invoice_pdf_report(data)
env["ir.attachment"].create([values["pdf_attachment_values"] for values in data.values()])
move.invalidate_recordset()
file = move.invoice_pdf_report_id
os.unlink(file._full_path(file.store_fname))
file.invalidate_recordset()
result = len(env["collection.channel"]._invoice_file(move)[1])""")
        self.assertGreater(size, 1000)
        self.machine.do("perform")
        self.assertEqual(self.machine.states(), {"sent": 1})
        self.assertEqual(len(self.sink.mails), 1)

