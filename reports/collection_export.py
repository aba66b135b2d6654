"""Lists of reports as workbooks: what each shows is a table of field names, the rest follows from the fields."""
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import formatLang, get_lang

from .collection_export_tables import EXPORTS
from .collection_export_words import read_domain
from .xlsx import MOST_ROWS, Book, Column, Money, Table

KINDS = {"date": ("date", 12), "datetime": ("moment", 16), "integer": ("integer", 9), "float": ("number", 12), "monetary": ("amount", 16),
         "many2one": ("text", 24), "char": ("text", 20), "text": ("text", 40), "selection": ("text", 18), "boolean": ("text", 8)}


class CollectionExport(models.AbstractModel):
    """Writes a list as a workbook: the rows of a domain that the user may see, and a sheet that says what they are."""

    _name = "collection.export"
    _description = "Export of a list to a workbook"

    # ------------------------------------------------------------------ what may be asked for

    @api.model
    def _read_export(self, model):
        """The description of the export of ``model``; refuses who may not see collections, and what is no list of ours."""
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            raise AccessError(self.env._("Only users of Credit & Collections may export its lists."))
        if model not in EXPORTS or model not in self.env:
            raise UserError(self.env._("There is no workbook of this list."))
        return EXPORTS[model]

    @api.model
    def _file_name(self, records):
        """The name of the file: what it shows, and the day."""
        title, day = self._read_export(records._name).title, self._day(records)
        return f"{self.env._(title)} {day.isoformat()}.xlsx"

    @api.model
    def _day(self, records):
        """The day that the rows are about: that of the report, or today."""
        return records._report_day() if hasattr(records, "_report_day") else self.env.company._collection_today()

    # ------------------------------------------------------------------ writing

    @api.model
    def _write_workbook(self, records, domain, stream):
        """Write the rows of ``domain`` to ``stream``, in the language of the environment; ``records`` carries model and day."""
        export, domain = self._read_export(records._name), Domain(domain)
        names = self._known_names(records, export)
        count = records.search_count(domain)
        if count > MOST_ROWS:
            raise UserError(self.env._("%(count)s rows are more than a sheet can hold. Filter the list first.", count=formatLang(self.env, count, digits=0)))
        columns = [self._column(records, names, name) for name in names]
        with self._book(stream) as book:
            book.add_table(self._prepare_table(records, domain, export, names, columns, count), self._rows(records, domain, names, export.order))
            facts = self._facts(records) + [(self.env._("Filter"), line) for line in read_domain(records, domain)]
            self._add_parameters(book, [*facts, (self.env._("Rows"), count)], columns)

    @api.model
    def _known_names(self, records, export):
        """The fields of the export, with the currencies of its amounts."""
        names = list(export.names)
        wanted = [records._fields[name].get_currency_field(records) for name in names if records._fields[name].type == "monetary"]
        return [*names, *(name for name in dict.fromkeys(wanted) if name and name not in names)]

    @api.model
    def _column(self, records, names, name):
        field = records._fields[name]
        kind, width = KINDS[field.type]
        unit = names.index(field.get_currency_field(records)) if kind == "amount" else None
        return Column(field._description_string(self.env), kind, 8 if field.comodel_name == "res.currency" else width, unit,
                      field._description_help(self.env) or "")

    @api.model
    def _prepare_table(self, records, domain, export, names, columns, count):
        title, day = self.env._(export.title), format_date(self.env, self._day(records))
        totals, by = self._totals(records, domain, export, names) if count else ([], None)
        return Table(title, title, self.env._("%(companies)s, as of %(day)s", companies=self._companies(), day=day), columns, count, totals, by, self.env._("Total"))

    @api.model
    def _totals(self, records, domain, export, names):
        """What the rows come to, by the currency of the company: ``([(name, {place: sum})], place of the currency)``."""
        wanted = [name for name in export.totals if name in names]
        if not wanted:
            return [], None
        unit = next(records._fields[name].get_currency_field(records) for name in wanted if records._fields[name].type == "monetary")
        rows = records._read_group(domain, [unit], [f"{name}:sum" for name in wanted])
        return [(currency.name or "", dict(zip([names.index(name) for name in wanted], [value or 0 for value in values])))
                for currency, *values in rows], names.index(unit)

    # ------------------------------------------------------------------ rows

    @api.model
    def _rows(self, records, domain, names, order):
        """The rows as a person reads them: names instead of ids, words instead of codes."""
        readers = [self._reader(records, name) for name in names]
        for batch in self.env["collection.reader"]._stream_rows(records, domain, names, order):
            for place, (read, _words) in enumerate(readers):
                if read:
                    read({row[place] for row in batch})
            for row in batch:
                yield [value if words is None else words.get(value) for value, (_read, words) in zip(row, readers)]

    @api.model
    def _reader(self, records, name):
        """How a field is put into words: what learns the words of new values, and the words."""
        field, words = records._fields[name], {}
        if field.type == "selection":
            return None, dict(field._description_selection(self.env))
        if field.type == "boolean":
            return None, {True: self.env._("Yes")}
        if field.type != "many2one":
            return None, None

        def learn(ids):
            # sudo: the name of what a row shows goes with the row, as it does on the screen
            found = self.env[field.comodel_name].sudo().browse(ids - words.keys() - {None}).exists()
            words.update((one.id, one.display_name) for one in found)
            found.invalidate_recordset()  # names are all that is kept
        return learn, words

    # ------------------------------------------------------------------ what it is

    @api.model
    def _book(self, stream):
        """A workbook in the reader's language."""
        currencies = self.env["res.currency"].with_context(active_test=False).search([])
        money = [Money(one.name, one.symbol or one.name, one.position == "before", one.decimal_places) for one in currencies]
        return Book(stream, get_lang(self.env).date_format, money, self.env.user.name)

    @api.model
    def _companies(self):
        return ", ".join(self.env.companies.mapped("name"))

    @api.model
    def _facts(self, records):
        """Whose figures these are, of which day, and who took them out when."""
        return [*self._facts_of_companies(self.env.companies), (self.env._("As of"), self._day(records)), *self._facts_of_author()]

    @api.model
    def _facts_of_companies(self, companies):
        return [(self.env._("Companies"), ", ".join(companies.mapped("name")))]

    @api.model
    def _facts_of_author(self):
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now()).replace(tzinfo=None)
        return [(self.env._("Written by"), self.env.user.name), (self.env._("Written on"), now)]

    @api.model
    def _add_parameters(self, book, facts, columns):
        book.add_parameters(self.env._("Parameters"), facts, (self.env._("Column"), self.env._("What it means")),
                            [(column.label, column.help) for column in columns])
