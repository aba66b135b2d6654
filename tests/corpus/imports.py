"""Cells of a list of limits, and parts of its archive: ``(name, cell or XML, what the sentence says)``."""
AMOUNTS = tuple((text, True) for text in (0, 2500, 2500.5, "2,500.50", "2500", "$ 2,500", "٢٥٠٠", 1e-308)) + tuple((text, False) for text in (
    -1, -0.01, 0.001, 1e308, 10**15, True, "-5", "1e5", "NaN", "inf", "1.234,56", "1,5", "=1+1", "5;5", "5 EUR", "x" * 5000, "9" * 300, "0." + "0" * 60 + "1", "½"))
DAYS = ("0001-01-01", "9999-12-31", "2024-02-30", "31.12.2024", "now", "1e308", "=TODAY()", -5, 1e15, 0.5, "2024-13-01")
CUSTOMERS = ("=Northwind", "'; DROP TABLE res_partner; --", "Northwind\u202e", "N\u200borthwind", "%", "Northwin_", "*", "<pwned>", "{{7*7}}", "x" * 300, "northwind ", "99999999999999999999", "-1", "0", "None", "#REF!", "_x0000_", "Northwind_x000D_", "\U0001f3ed")
