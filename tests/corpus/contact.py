"""Addresses and numbers of people: ``(field, text, whether the form takes it)``."""
EMAIL = tuple(("email", text, good) for text, good in (
    ("ada@harbour.example", True), ("ADA@HARBOUR.EXAMPLE", True), ("a.b+tag@sub.harbour.example", True), ("o'brien@harbour.example", True), ("a_b%c@h-m.example", True), ("1@2.34", True),
    ("a@" + "b" * 240 + ".example", True), ("a" * 320 + "@harbour.example", False), ("ada", False), ("ada@", False), ("@harbour.example", False), ("ada@harbour", False),
    ("ada@@harbour.example", False), ("ada@har bour.example", False), ("ada@harbour..example", False), ("ada@.example", False), ("ada@harbour.example.", False),
    ("ada@harbour.example,eve@evil.example", False), ("ada@harbour.example;eve@evil.example", False), ("ada@harbour.example eve@evil.example", False),
    ("ada@harbour.example\r\nBcc: eve@evil.example", False), ("ada@harbour.example%0aBcc:eve", False), ("Ada <ada@harbour.example>", False), ('"Ada" ada@harbour.example', False),
    ('"a b"@harbour.example', False), ("ada@[127.0.0.1]", False), ("ädä@harbour.example", False), ("ada@härbour.example", False), ("ada@xn--hrbour-bua.example", True),
    ("=ada@harbour.example", False), ("+ada@harbour.example", False), ("-ada@harbour.example", False), ("@ada@harbour.example", False), ("ada\u202e@harbour.example", False),
    ("ada\0@harbour.example", False), ("ada@harbour.example\u00a0x", False), ("mailto:ada@harbour.example", False), ("{{7*7}}@harbour.example", False), ("ada@harbour.example?bcc=eve@evil.example", False),
    ("аdа@harbour.example", False)))
PHONE = tuple(("phone", text, good) for text, good in (
    ("+32 2 123 45 67", True), ("(030) 12-34/56", True), ("00 49 30 123", True), ("12", False), ("call me", False), ("=1+1234", False), ("-12345", False), ("@12345", False), ("+", False),
    ("++49 30 123", False), ("+49 30 123;ext=1", False), ("١٢٣٤٥٦", False), ("１２３４５６", False), ("+" + "1" * 40, False), ("tel:+4930123", False), ("0" * 30, True), ("123\n456", False)))
VAT = tuple(("vat", text, good) for text, good in (
    ("BE0477472701", True), ("BE 0477.472.701", True), ("BE0477472702", True), ("DE123456789", True), ("ABCD", True), ("BE", False), ("=BE0477472701", False), ("BE0477472701;", False), ("BE\u00a0\u00a0", False),
    ("ВЕ0477472701", False), ("BE" + "0" * 19, False), ("DE89370400440532013000", False), ("BE'--0477", False)))
WEBSITE = tuple(("website", text, good) for text, good in (
    ("www.harbour.example", True), ("https://harbour.example/a?b=c&d=e", True), ("http://127.0.0.1:8069/web", True), ("javascript:alert(1)", False), ("JaVaScRiPt:alert(1)", False), ("javascript://harbour.example/%0aalert(1)", False),
    ("data:text/html,x", False), ("vbscript:x", False), ("file:///etc/passwd", False), ("ftp://harbour.example", False), ("//evil.example", False), ("https://", False), ("https://ada:secret@harbour.example", False),
    ("https://harbour.example/'onmouseover='x", False), ('https://harbour.example/"x', False), ("https://härbour.example", False), ("www.harbour.example\nx", False), ("https://harbour.example:999999", False)))
ALL = EMAIL + PHONE + VAT + WEBSITE
