"""A row in any table, with no more than the database asks for: for tests that must not forget a table that comes later."""
from odoo.tools import SQL

NOT_WRITTEN = ("id", "create_uid", "create_date", "write_uid", "write_date")


class Rows:
    """Makes rows by SQL: required columns are filled by their type, required links with what is there or made as well."""

    def __init__(self, env, given=None, filled=None):
        """``given`` is what a link to a table means everywhere here, ``filled`` the values a table cannot do without."""
        env.flush_all()
        self.env, self.given, self.filled, self.number = env, given or {}, filled or {}, 0
        self.models = {model._table: model for model in env.values() if model._auto and not model._abstract}

    def make(self, table, **values):
        """Insert a row and return its id."""
        self.number += 1
        filled = {name: value(self.number) if callable(value) else value for name, value in self.filled.get(table, {}).items()}
        known = {**filled, **values}
        for name, kind in self._columns(table):
            if name not in known:
                known[name] = self._value(table, name, kind)
        return self.env.execute_query(SQL(
            "INSERT INTO %s (%s) VALUES %s RETURNING id", SQL.identifier(table), SQL(", ").join(map(SQL.identifier, known)),
            tuple(known.values())))[0][0]

    def _columns(self, table):
        """Columns that must have a value and get none by themselves, and the company, which rows of ours never lack: ``[(name, type)]``."""
        return [row for row in self.env.execute_query(SQL(
            """SELECT column_name, data_type FROM information_schema.columns
                WHERE table_schema = current_schema AND table_name = %s AND (is_nullable = 'NO' AND column_default IS NULL OR column_name = 'company_id')""",
            table)) if row[0] not in NOT_WRITTEN]

    def _value(self, table, name, kind):
        field = self.models[table]._fields.get(name) if table in self.models else None
        if field is not None and field.type == "many2one":
            return self._linked(self.env[field.comodel_name]._table)
        if field is not None and field.type == "selection":
            return field.get_values(self.env)[0]
        if kind in ("character varying", "text"):
            return f"row {self.number}"
        if kind == "jsonb":
            return f'{{"en_US": "row {self.number}"}}'
        return {"date": "2026-03-01", "timestamp without time zone": "2026-03-01 08:00:00", "boolean": False}.get(kind, 1)

    def _linked(self, table):
        if table in self.given:
            return self.given[table]
        found = self.env.execute_query(SQL("SELECT id FROM %s ORDER BY id LIMIT 1", SQL.identifier(table)))
        return found[0][0] if found else self.make(table)

    def links(self, *targets):
        """Columns of stored tables that point to ``targets``: ``{table: {column: target}}``."""
        found = {}
        for table, column, target in self.env.execute_query(SQL(
                """SELECT owner.relname, part.attname, target.relname
                     FROM pg_constraint link JOIN pg_class owner ON owner.oid = link.conrelid JOIN pg_class target ON target.oid = link.confrelid
                     JOIN pg_attribute part ON part.attrelid = link.conrelid AND part.attnum = link.conkey[1]
                    WHERE link.contype = 'f' AND owner.relnamespace = current_schema::regnamespace AND target.relname IN %s
                    ORDER BY 1, 2""", targets)):
            found.setdefault(table, {})[column] = target
        return found
