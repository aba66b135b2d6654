"""What a person can do with a row, found out by doing it; whatever it did is taken back."""
import inspect
from contextlib import contextmanager, suppress

from psycopg2 import Error
from psycopg2.errors import OutOfMemory

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.orm.models import MAGIC_COLUMNS
from odoo.sql_db import Cursor

LETTERS = {
    "c": "create", "r": "read", "w": "write", "u": "unlink", "s": "search", "g": "read_group", "n": "name_search", "e": "export_data",
    "d": "search by a path from elsewhere", "m": "message_post", "f": "message_subscribe", "a": "read a file of the record",
}
WRITES = ("INSERT", "UPDATE", "DELETE")
UNTOUCHED = ("state", "company_id", "company_ids", "active")  # writing them means something


class UndoneError(Exception):
    """Takes back what a try did."""


class Probe:
    """One person and what it may do with rows of ours."""

    def __init__(self, world, role):
        self.world, self.role, self.user = world, role, world.people[role]
        self.env = world.env(user=self.user.id, su=False, context={})
        self.writes = self.tried = 0

    # ------------------------------------------------------------------ trying

    @contextmanager
    def _undone(self):
        with suppress(UndoneError), self.env.cr.savepoint():
            yield
            self.env.flush_all()
            raise UndoneError

    def _may(self, attempt):
        """``True`` it was done, ``None`` refused by the business and not for want of rights, ``False`` refused."""
        done = False
        self.tried += 1
        try:
            with self._undone():
                done = bool(attempt())
        except AccessError:
            return False
        except OutOfMemory:  # a busy database says nothing of rights
            raise
        except Exception:
            return None
        return done

    def _sees(self, attempt):
        """Whether it showed anything; any refusal shows nothing."""
        self.tried += 1
        try:
            with self.env.cr.savepoint(flush=False):
                return bool(attempt())
        except OutOfMemory:
            raise
        except Exception:
            return False

    def letters(self, name, row):
        """The letters of what the person may do with ``row``."""
        mine, domain = self.env[name].browse(row.ids), [("id", "in", row.ids)]
        model, threaded = self.env[name], "message_follower_ids" in row._fields
        found = {
            "c": row._auto and self._may(lambda: model.create(dict(self.world._made_up(model.sudo())))),
            "r": self._sees(lambda: mine.read(self._columns(model))),
            "w": row._auto and self._may(lambda: mine.write(self._same(row))),
            "u": row._auto and self._may(lambda: mine.unlink()),
            "s": self._sees(lambda: model.with_context(active_test=False).search(domain)),
            "g": self._sees(lambda: model.with_context(active_test=False)._read_group(domain, [], ["__count"])[0][0]),
            "n": self._sees(lambda: model.with_context(active_test=False).name_search("", domain)),
            "e": self._sees(lambda: any(mine.export_data(["display_name"])["datas"][0])),
            "d": any(self._sees(lambda path=path: self._path(*path, row)) for path in self.world.paths[name]),
            "m": threaded and self._may(lambda: mine.message_post(body="x")),
            "f": threaded and self._may(lambda: mine.message_subscribe(self.user.partner_id.ids)),
            "a": self._sees(lambda: self.env["ir.attachment"].browse(self.world.files[name].ids).read(["raw"])),
        }
        return "".join(letter.upper() if may is None else letter for letter, may in found.items() if may is not False)

    def _path(self, name, field, row):
        """Whether a record of another model gives away that it belongs to ``row``."""
        model = self.env[name]
        return model.has_access("read") and model.search([(f"{field}.id", "in", row.ids)], limit=1)

    def _columns(self, model):
        """What is stored and the person may read."""
        return [name for name in model.fields_get(attributes=["type"]) if model._fields[name].store and model._fields[name].column_type]

    def _same(self, row):
        """A value as it is, written once more."""
        fields = [field for name, field in row._fields.items()
                  if field.store and field.column_type and not field.compute and not field.related and name not in UNTOUCHED and name not in MAGIC_COLUMNS]
        if not fields:
            return {}
        field = min(fields, key=lambda field: (field.readonly, field.relational, field.name))
        return {field.name: field.convert_to_write(row[field.name], row)}

    def _refused(self, attempt):
        """Whether it was refused for want of rights, or shows nothing because there is no such row for the person."""
        try:
            with self.env.cr.savepoint(flush=False):
                attempt()
        except (AccessError, ValueError, UserError):
            return True
        return False

    def shown(self, name, **foreign):
        """All that a row of one's own shows, made with links to rows of the world and to foreign ones; nothing where that is refused."""
        text, self.refusal = "", None
        self.tried += 1
        try:
            with self._undone():
                record = self.env[name].create({**self.world._made_up(self.env[name].sudo(), "mine"), **foreign})
                for field in record.fields_get(attributes=["type"]):
                    text += f" {field}={self._value(record, field)}"
        except Exception as error:
            text += str(error) if isinstance(error, UserError) and not isinstance(error, AccessError) else ""
            self.refusal = error
        return text

    def _value(self, record, field):
        """As the screen would get it, from what is remembered and from what is stored."""
        try:
            with self.env.cr.savepoint():
                return f"{record.read([field])} {record.env.flush_all() or record.env.invalidate_all() or record.read([field])}"
        except Exception:
            return ""

    # ------------------------------------------------------------------ methods

    def called(self, name, method):
        """``-`` refused for want of rights, ``b`` refused by the business, ``r`` it ran and wrote nothing, ``w`` it ran and wrote."""
        outcome = "b"
        self.tried += 1
        try:
            with self._undone():
                target = self._target(name)
                function = getattr(target, method)
                with self._counted():
                    answer = str(function(**self._arguments(function)))
                    self.env.flush_all()
                if any(mark in answer for mark in self.world._marks()):
                    self.world.told.append((self.role, name, method))
                outcome = "w" if self.writes else "r"
        except (AccessDenied, AccessError):
            outcome = "-"
        except OutOfMemory:
            raise
        except Error as error:
            outcome = f"b:{type(error).__name__}"
        except Exception:
            outcome = "b"
        return outcome

    def _target(self, name):
        """The row of the world; of a dialog one's own, about the rows of the world."""
        model = self.env[name]
        if model._abstract:
            return model
        if model._transient:
            return model.create(dict(self.world._made_up(model.sudo())))
        return model.browse(self.world._row(name).ids)

    def _arguments(self, function):
        wanted = inspect.signature(function).parameters.values()
        known = {"values": {}, "outcome": "no_answer", "field_names": [], "fields_spec": {}, "profile_id": self.world.profile.id, "scope": "all", "call_id": self.world.rows["collection.call"].id}
        return {one.name: known.get(one.name, {}) for one in wanted if one.default is one.empty and one.kind == one.POSITIONAL_OR_KEYWORD}

    @contextmanager
    def _counted(self):
        """Count what is written meanwhile."""
        self.writes, execute = 0, Cursor.execute

        def counting(cursor, query, *args, **kwargs):
            text = query if isinstance(query, str) else getattr(query, "code", "")
            self.writes += text.lstrip()[:6].upper() in WRITES
            return execute(cursor, query, *args, **kwargs)
        Cursor.execute = counting
        try:
            yield
        finally:
            Cursor.execute = execute
