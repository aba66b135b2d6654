"""A list of limits, line by line: what it asks for, what is in force now, and what would come of it. Writes nothing."""
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from odoo.tools import format_date

from .credit_limit_import_cells import Cells
from .credit_limit_import_columns import CUSTOMER, LIMIT, find_columns, label
from .credit_limit_import_customers import Customers, read_keys

ERROR, NOTHING, WAITS, LATER, AT_ONCE = "error", "nothing", "proposed", "later", "approved"
WANTED = (AT_ONCE, LATER, WAITS)


class Decision(NamedTuple):
    """What a line of the journal, or of the list, says about one kind of limit."""

    meaning: str
    amount: float
    cap: float
    date_from: date
    date_to: date | None

    def covers(self, day):
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)


@dataclass
class Row:
    """One line of the list."""

    number: int
    keys: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    partner: Any = None
    profile: Any = None
    outcome: str = ERROR
    now: str = ""
    new: str = ""

    @property
    def decision(self):
        return Decision(*(self.values[name] for name in LIMIT))


class LimitList:
    """Judges all lines of a sheet for one company, as ``env.user`` and today."""

    def __init__(self, env, company, sheet, reason):
        self.env, self.company, self.reason = env, company, reason
        self.cells = Cells(env, company.currency_id)
        self.today = company._collection_today()
        places, self.unknown = find_columns(env, sheet, self.cells)
        self.rows = [self._parse(number, {name: values[place] for name, place in places.items() if place < len(values)})
                     for number, values in sheet.rows]
        self._match()
        self._refuse_repeated()
        self._compare()
        self._look_at_authority()

    def _label(self, name):
        return label(self.env, name)

    # ------------------------------------------------------------------ one line

    def _parse(self, number, cells):
        row = Row(number)
        read, problems = self.cells, row.problems
        row.keys = {name: text for name in CUSTOMER if (text := read.sound(cells.get(name), self._label(name), problems))}
        row.values = {
            "kind": read.choice(cells.get("kind"), read.kinds, self._label("kind"), problems) or "base",
            "meaning": read.choice(cells.get("meaning"), read.meanings, self._label("meaning"), problems),
            "amount": read.amount(cells.get("amount"), self._label("amount"), problems),
            "cap": read.amount(cells.get("cap"), self._label("cap"), problems),
            "date_from": read.day(cells.get("date_from"), self._label("date_from"), problems),
            "date_to": read.day(cells.get("date_to"), self._label("date_to"), problems),
            "reason": read.words(cells.get("reason"), self._label("reason"), problems) or self.reason,
        }
        if all(cells.get(name) is None for name in LIMIT):
            row.outcome = NOTHING
            row.new = self.env._("Nothing is filled in")
        elif not problems:
            self._complete(row)
        return row

    def _complete(self, row):
        """Fill in what an empty cell means, and refuse what does not go together."""
        values = row.values
        if values["meaning"] is None and values["amount"] is not None:
            values["meaning"] = "amount" if values["amount"] else "prepay"
        problem = self._wrong_amounts(values) or self._wrong_dates(values)
        if problem:
            row.problems.append(problem)
            return
        values["amount"] = float(values["amount"] or 0)
        values["cap"] = None if values["cap"] is None else float(values["cap"])
        values["date_from"] = values["date_from"] or self.today

    def _wrong_amounts(self, values):
        meaning, amount, cap = values["meaning"], values["amount"], values["cap"]
        if meaning in (None, "amount") and not amount:
            return self.env._("The amount is missing.") if amount is None else self.env._(
                "An amount of 0 is no limit of an amount: choose “Prepayment only”, or leave the credit empty.")
        if meaning != "amount" and amount:
            return self.env._("An amount does not go with prepayment only or no limit.")
        if cap and (meaning != "amount" or values["kind"] != "base"):
            return self.env._("A ceiling goes with the amount of a base limit only.")
        if cap and amount > cap:
            return self.env._("The amount is above the ceiling.")
        return None

    def _wrong_dates(self, values):
        start, end = values["date_from"] or self.today, values["date_to"]
        if values["kind"] == "temporary" and values["meaning"] != "none" and not end:
            return self.env._("A temporary limit needs a last day.")
        if end and end < start and (values["date_from"] or end >= self.today):
            return self.env._("The limit ends before it begins.")
        return None

    # ------------------------------------------------------------------ all lines

    def _match(self):
        customers = Customers(self.env, self.company, read_keys(self.rows))
        for row in self.rows:
            row.partner = customers.match(row.keys, row.problems)
            row.profile = row.partner and customers.profiles.get(row.partner.id)
            if row.problems:
                row.outcome = ERROR

    def _sound(self):
        return [row for row in self.rows if not row.problems and row.outcome != NOTHING]

    def _refuse_repeated(self):
        first = {}
        for row in self._sound():
            known = first.setdefault((row.partner.id, row.values["kind"], row.values["date_from"]), row)
            if known is not row:
                row.problems.append(self.env._("Line %s decides on the same limit already.", known.number))

    def _compare(self):
        """Set what is in force beside what is asked for; what would change nothing is left out."""
        journal = self._read_journal()
        groups = defaultdict(list)
        for row in self._sound():
            groups[row.partner.id, row.values["kind"]].append(row)
        for (_partner, kind), rows in groups.items():
            lines = journal.get((rows[0].profile.id, kind), []) if rows[0].profile else []
            approved = [decision for decision, state in lines if state == "approved"]
            self._describe(rows, kind, approved)
            self._settle(rows, kind, approved, [decision for decision, _state in lines])

    def _read_journal(self):
        """What was decided and what waits, oldest first, in one query: {(profile, kind): [(Decision, state)]}."""
        profiles = [row.profile.id for row in self._sound() if row.profile]
        # sudo: as the limit in force is found, whatever the user may see of the journal
        lines = self.env["credit.limit"].sudo().search_fetch(
            [("profile_id", "in", profiles), ("state", "!=", "refused")], ["profile_id", "kind", "state", *LIMIT], order="id")
        found = defaultdict(list)
        for line in lines:
            decision = Decision(line.meaning, line.amount, line.cap, line.date_from, line.date_to or None)
            found[line.profile_id.id, line.kind].append((decision, line.state))
        return found

    def _describe(self, rows, kind, approved):
        now = self._now(kind, approved)
        for row in rows:
            values = row.values
            if values["cap"] is None:
                values["cap"] = now.cap if now and kind == "base" and values["meaning"] == "amount" else 0.0
            row.now = self._words(now, kind)
            row.new = self._words(row.decision, kind)
            if values["cap"] and values["amount"] > values["cap"]:
                row.problems.append(self.env._("The amount is above the approved ceiling of %s. Enter a new ceiling too.",
                                               self._money(values["cap"])))

    def _settle(self, rows, kind, approved, all_lines):
        """Compare the whole course of time with and without the list, so that a list read twice changes nothing."""
        rows = [row for row in rows if not row.problems]
        asked = [row.decision for row in rows]
        decided, known = (self._course(lines, asked, kind) == self._course([*lines, *asked], asked, kind) for lines in (approved, all_lines))
        for row in rows:
            if row.values["date_to"] and row.values["date_to"] < self.today:
                if row.decision in all_lines:
                    row.outcome = NOTHING
                else:
                    row.problems.append(self.env._("The limit ended on %s already.", self._day(row.values["date_to"])))
            elif decided or known:
                row.outcome = NOTHING
                row.new = self._said_already(row, decided)
            else:
                row.outcome = AT_ONCE

    def _said_already(self, row, decided):
        """Why nothing changes, where what is in force today does not show it."""
        if row.now == row.new:
            return row.new
        return self.env._("%s (decided already)", row.new) if decided else self.env._("%s (waits already)", row.new)

    def _now(self, kind, approved):
        covering = [decision for decision in approved if decision.covers(self.today)]
        if kind == "base" and not covering:  # a base limit that has run out is still what people look at
            covering = [decision for decision in approved if decision.date_from <= self.today]
        return covering[-1] if covering else None

    def _course(self, lines, asked, kind):
        """What is in force on each day from today on which something of the list begins or something ends."""
        day = timedelta(days=1)
        days = {self.today, *(line.date_from for line in [*lines, *asked]), *(line.date_to + day for line in [*lines, *asked] if line.date_to)}
        return [self._in_force(lines, moment, kind) for moment in sorted(days) if moment >= self.today]

    def _in_force(self, lines, moment, kind):
        line = next((line for line in reversed(lines) if line.covers(moment)), None)
        if line is None or (line.meaning == "none" and kind != "base"):
            return None
        return line.meaning, line.amount, line.cap, line.date_to

    def _look_at_authority(self):
        """Whether the user's word is enough, as the import will ask."""
        Limit = self.env["credit.limit"]
        most = self.env["credit.authority"]._most(self.company, self.env.user)
        blank = self.env["credit.profile"].new({"company_id": self.company.id})
        for row in self.rows:
            if row.outcome == AT_ONCE and not row.problems:
                allowed = Limit._may_decide(row.profile or blank, row.values, most)
                row.outcome = WAITS if not allowed else LATER if row.values["date_from"] > self.today else AT_ONCE
            if row.problems:
                row.outcome = ERROR

    # ------------------------------------------------------------------ in words

    def _words(self, decision, kind):
        if decision is None:
            default = self.company._credit_default_limit() if kind == "base" else None
            if default:
                return self.env._("%s, as all customers", self._money(float(default)))
            return self.env._("Nothing decided") if kind == "base" else "–"
        parts = [self._money(decision.amount) if decision.meaning == "amount" else self._meaning(decision.meaning)]
        if decision.cap and kind == "base":
            parts.append(self.env._("ceiling %s", self._money(decision.cap)))
        if decision.date_from > self.today:
            parts.append(self.env._("from %s", self._day(decision.date_from)))
        if decision.date_to:
            parts.append(self.env._("until %s", self._day(decision.date_to)))
        return ", ".join(parts)

    def _meaning(self, meaning):
        return dict(self.env["credit.limit"]._fields["meaning"]._description_selection(self.env))[meaning]

    def _money(self, amount):
        return self.company.currency_id.format(amount)

    def _day(self, day):
        return format_date(self.env, day)
