"""Finds the customers that the lines of a list mean: of this company only, and only those the user may see."""
from collections import defaultdict

from .credit_limit_import_columns import CUSTOMER, label

NAMED = 5  # matches that a message names
ID_DIGITS = 9  # beyond, no id of the database


class Customers:
    """All customers that a list may mean, read in one query per kind of key."""

    def __init__(self, env, company, keys):
        """``keys``: the texts of each column of ``CUSTOMER`` {column: {text}}."""
        self.env, self.company = env, company
        anything = keys.get("customer", set())
        self.found = {
            "id": self._by_id(keys.get("id", set()) | anything),
            "ref": self._by("ref", keys.get("ref", set()) | anything, lambda text: text),
            "vat": self._by("vat", keys.get("vat", set()) | anything, plain_vat),
            "name": self._by("name", anything, lambda text: text),
        }
        partners = env["res.partner"].browse({pid for ids in self.found.values() for match in ids.values() for pid in match})
        self.profiles = self._visible_profiles(partners)

    # ------------------------------------------------------------------ reading

    def _domain(self):
        """Customers as invoices know them, of nobody's or of this company and its branches."""
        branches = self.env["res.company"].sudo().search([("id", "child_of", self.company.id)])
        return ["|", ("parent_id", "=", False), ("is_company", "=", True), ("company_id", "in", [False, *branches.ids])]

    def _by_id(self, texts):
        ids = [int(text) for text in texts if text.isdecimal() and len(text) <= ID_DIGITS]
        found = self.env["res.partner"].search([("id", "in", ids), *self._domain()])
        return {str(partner.id): {partner.id} for partner in found}

    def _by(self, field, texts, plain):
        wanted = {variant for text in texts for variant in (text, plain(text), text.upper()) if variant}
        found = defaultdict(set)
        for partner in self.env["res.partner"].search_fetch([(field, "in", list(wanted)), *self._domain()], [field]):
            found[plain(partner[field])].add(partner.id)
        return found

    def _visible_profiles(self, partners):
        """Profiles by customer; a customer whose profile the user may not see does not exist for them."""
        Profile = self.env["credit.profile"].with_context(active_test=False)
        domain = [("company_id", "=", self.company.id), ("partner_id", "in", partners.ids)]
        visible = Profile.search_fetch(domain, ["partner_id"])
        known = Profile.sudo().search_fetch(domain, ["partner_id"])  # sudo: to know whom not to find
        own_only = self.env.user.has_group("account_credit_collection.group_own_portfolio")
        hidden = partners if own_only else known.partner_id
        self.hidden = set(hidden.ids) - set(visible.partner_id.ids)
        return {profile.partner_id.id: profile for profile in visible}

    # ------------------------------------------------------------------ matching

    def match(self, texts, problems):
        """The customer that all ``texts`` {column: text} mean, or None and a problem."""
        if not texts:
            problems.append(self.env._("The customer is missing."))
            return None
        matches = {column: self._matches(column, text) for column, text in texts.items()}
        for column, ids in matches.items():
            if not ids:
                problems.append(self.env._("No customer of %(company)s with %(column)s “%(text)s”.", company=self.company.name,
                                           column=label(self.env, column), text=texts[column][:60]))
                return None
        together = set.intersection(*matches.values())
        if len(together) == 1:
            return self.env["res.partner"].browse(together)
        problems.append(self._ambiguous(together) if together else self._contradiction(matches))
        return None

    def _matches(self, column, text):
        names = ("id", "ref", "vat", "name") if column == "customer" else (column,)
        ids = set()
        for name in names:
            key = plain_vat(text) if name == "vat" else text
            ids |= self.found[name].get(key, set()) if key else set()
        return ids - self.hidden

    def _ambiguous(self, ids):
        return self.env._("Several customers fit: %(names)s. Enter the customer ID.", names=self._names(ids))

    def _contradiction(self, matches):
        parts = [f"{label(self.env, column)}: {self._names(ids)}" for column, ids in matches.items()]
        return self.env._("The columns mean different customers (%s). Keep the one that is right.", "; ".join(parts))

    def _names(self, ids):
        partners = self.env["res.partner"].browse(sorted(ids))[:NAMED]
        names = [f"{partner.name} ({partner.ref or partner.vat or ''}{' · ' if partner.ref or partner.vat else ''}ID {partner.id})"
                 for partner in partners]
        return ", ".join(names) + (" …" if len(ids) > NAMED else "")


def plain_vat(text):
    """A tax number without what people put between its characters."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def read_keys(rows):
    """The texts to look up, by column."""
    return {column: {row.keys[column] for row in rows if column in row.keys} for column in CUSTOMER}
