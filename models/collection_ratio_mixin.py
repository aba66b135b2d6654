from collections import defaultdict
from itertools import chain

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.money import exact

# what a ratio may ask for beside the sums of fields: the days of the group's months, and the last day of the last one
DAYS, LAST_DAY = "#days", "#last_day"
FIRST, LAST = "first", "last"


class CollectionRatioMixin(models.AbstractModel):
    """Figures that no sum of rows gives, exact for any group of a pivot, graph, list or spreadsheet.

    A ratio asks for its parts, summed over the group, and is worked out once a group by ``_decide_<ratio>(*parts)``, from
    ``engine.metrics``. A stock counts once a period: what was open at the start is that of the first month of the group,
    what was open at the end that of the last one.

    Which months are the first and the last follows from what was asked for, not from the rows a group happens to
    have: a segment that is empty by the end had nothing open then.
    """

    _name = "collection.ratio.mixin"
    _description = "Ratios of sums"

    # ratio: its parts. A field is summed, as a stock if it is one; "field:aggregate" is taken as it is; DAYS, LAST_DAY.
    _ratios: dict = {}
    # field: FIRST or LAST
    _stocks: dict = {}
    # of models with stocks: the field with the last day of each month
    _stock_day = "month"

    @api.depends(lambda self: self._ratio_fields())
    def _compute_ratios(self):
        """The figures of one row."""
        for record in self:
            for name in self._ratios:
                record[name] = record._ratio(name, record._own_part) or 0.0

    def _ratio(self, name, read):
        """A ratio, its parts read by ``read(part)``; False where there is nothing to divide by."""
        value = getattr(self, f"_decide_{name}")(*(read(part) for part in self._ratios[name]))
        return False if value is None else float(value)

    def _own_part(self, part):
        """A part of one row."""
        if part in (DAYS, LAST_DAY):
            return self._day_part(part, [self[self._stock_day]])
        value = self[part.partition(":")[0]]
        return value if self._is_day(part) else exact(value or 0)

    @api.model
    def _ratio_fields(self):
        parts = {part.partition(":")[0] for part in chain.from_iterable(self._ratios.values()) if part not in (DAYS, LAST_DAY)}
        return tuple(sorted(parts | ({self._stock_day} if self._stocks else set())))

    def _is_day(self, part):
        return self._fields[part.partition(":")[0]].type == "date"

    @api.model
    def _day_part(self, part, months):
        """The days of ``months``, each given by its last one, or the last day of all."""
        if part == LAST_DAY:
            return max(months, default=None)
        return sum((day + relativedelta(day=31)).day for day in set(months))

    # ------------------------------------------------------------------ groups

    def _read_group_select(self, aggregate_spec, query):
        """Ratios are measures for the client, though no column."""
        if aggregate_spec.partition(":")[0] in self._ratios:
            return SQL("NULL::numeric")
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        self._refuse_derived(having)
        derived = [term for term in (order or "").split(",") if self._is_derived(term.strip().split(" ")[0])]
        if not derived and not any(map(self._is_derived, aggregates)):
            return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)
        groupby, wanted = tuple(groupby), [*aggregates, *(term.split()[0] for term in derived)]
        plain = self._specs(wanted) or ("__count",)
        sql_order = ",".join(term for term in (order or "").split(",") if term and term not in derived) or None
        paged = {} if derived else {"offset": offset, "limit": limit}
        rows = super()._read_group(domain, groupby, plain, having, order=sql_order, **paged)
        read = super()._read_group
        found = self._work_out(domain, [groupby], [rows], wanted, plain, lambda edge, specs: [read(edge, groupby, specs)])[0]
        found = self._sorted(found, derived, len(groupby) + len(aggregates))
        stop = None if limit is None else (offset + limit if derived else limit)
        return [row[:len(groupby) + len(aggregates)] for row in found[offset if derived else 0:stop]]

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        if not any(map(self._is_derived, aggregates)):
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        sets, plain, read = [tuple(groupby) for groupby in grouping_sets], self._specs(aggregates) or ("__count",), super()._read_grouping_sets
        order = ",".join(term for term in (order or "").split(",") if term and not self._is_derived(term.strip().split(" ")[0])) or None
        result = [None] * len(sets)
        rows = read(domain, sets, plain, order)
        for indexes in self._by_period(sets).values():
            some = [sets[index] for index in indexes]
            worked = self._work_out(domain, some, [rows[index] for index in indexes], aggregates, plain,
                                    lambda edge, specs, some=some: read(edge, some, specs))
            for index, found in zip(indexes, worked):
                result[index] = found
        return result

    def _is_derived(self, spec):
        """Whether the sum of all rows is not the answer."""
        name, _sep, aggregate = spec.partition(":")
        return name in self._ratios or name in self._stocks and aggregate.startswith("sum")

    def _refuse_derived(self, having):
        """Groups are chosen in SQL, by the sum of all rows: for a figure that is worked out afterwards another one, silently."""
        for term in having:
            if not isinstance(term, str) and self._is_derived(term[0]):
                name = self._fields[term[0].partition(":")[0]]._description_string(self.env)
                raise UserError(self.env._("Groups cannot be chosen by “%s”: it is worked out once the groups are made.", name))

    def _by_period(self, sets):
        """Places of the grouping sets that cut time the same way."""
        found = defaultdict(list)
        for index, groupby in enumerate(sets):
            found[self._periods(groupby)].append(index)
        return found

    def _periods(self, groupby):
        return tuple(spec for spec in groupby if spec.partition(":")[0] == self._stock_day) if self._stocks else ()

    # ------------------------------------------------------------------ parts

    def _part_spec(self, part):
        """The aggregate behind a part; money of several companies is added in one currency, as the client shows it."""
        name, _sep, aggregate = part.partition(":")
        if aggregate in ("", "sum"):
            return f"{name}:sum_currency" if self._fields[name].type == "monetary" else f"{name}:sum"
        return part

    def _parts_of(self, spec):
        """(aggregate, stock or None) of what ``spec`` is worked out from."""
        name = spec.partition(":")[0]
        if name in self._ratios:
            return [(self._part_spec(part), self._stocks.get(part)) for part in self._ratios[name] if part not in (DAYS, LAST_DAY)]
        return [(spec, self._stocks[name] if self._is_derived(spec) else None)]

    def _specs(self, wanted, when=None):
        """What is summed over all rows of a group, or over those of its first or last month."""
        return tuple(dict.fromkeys(spec for name in wanted for spec, stock in self._parts_of(name) if stock == when))

    def _work_out(self, domain, sets, rows, wanted, plain, read):
        """The rows of each grouping set with ``wanted``, from its ``plain`` sums; ``read(domain, specs)`` sums stocks over an edge."""
        months = self._read_months(domain, self._periods(sets[0]))
        stocks = [defaultdict(dict) for _groupby in sets]
        for when in (FIRST, LAST):
            specs = self._specs(wanted, when)
            for found, groupby, result in zip(stocks, sets, read(Domain(domain) & self._edge(months, when), specs) if specs else ()):
                for row in result:
                    found[row[:len(groupby)]].update(zip(specs, row[len(groupby):]))
        return [[self._finish_row(row, groupby, wanted, plain, found, months) for row in some]
                for some, groupby, found in zip(rows, sets, stocks)]

    def _finish_row(self, row, groupby, wanted, plain, stocks, months):
        key, sums = row[:len(groupby)], dict(zip(plain, row[len(groupby):]))
        mine = {day for days in months.get(self._period_of(key, groupby), {}).values() for day in days}

        def read(part):
            if part in (DAYS, LAST_DAY):
                return self._day_part(part, mine)
            spec = self._part_spec(part)
            value = stocks[key].get(spec) if part in self._stocks else sums[spec]
            return value if self._is_day(part) else exact(value or 0)

        def show(spec):
            name = spec.partition(":")[0]
            if name in self._ratios:
                return self._ratio(name, read)
            return stocks[key].get(spec) or 0.0 if self._is_derived(spec) else sums[spec]

        return key + tuple(show(spec) for spec in wanted)

    def _period_of(self, key, groupby):
        return tuple(value for spec, value in zip(groupby, key) if spec in self._periods(groupby))

    # ------------------------------------------------------------------ months

    @api.model
    def _read_months(self, domain, periods):
        """The months that a question is about: ``{period: {company: [last days]}}``."""
        if not self._stocks:
            return {}
        asked = Domain(domain).optimize(self).map_conditions(
            lambda term: term if term.field_expr in (self._stock_day, "company_id") else Domain.TRUE)
        found = defaultdict(dict)
        for row in super()._read_group(  # pylint: disable=super-method-mismatch
                asked, [*periods, "company_id"], [f"{self._stock_day}:array_agg_distinct"]):
            found[row[:-2]][row[-2]] = row[-1]
        return found

    @api.model
    def _edge(self, months, when):
        """The rows of the first or the last month of each period, company by company."""
        pick = min if when == FIRST else max
        days = defaultdict(list)
        for companies in months.values():
            for company, found in companies.items():
                days[company].append(pick(found))
        return Domain.OR([Domain("company_id", "=", company.id) & Domain(self._stock_day, "in", found) for company, found in days.items()])

    @api.model
    def _sorted(self, rows, terms, width):
        """Rows by the ratios they are ordered by, which stand behind ``width`` values; nothing comes last."""
        for place, term in reversed(list(enumerate(terms, width))):
            sign = -1 if " desc" in term.lower() else 1
            rows = sorted(rows, key=lambda row, place=place, sign=sign: (row[place] is False, sign * (row[place] or 0)))
        return rows
