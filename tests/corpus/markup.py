"""Forty strings that would act where somebody forgets to escape; PWNED marks what must never become an element, an attribute or a script."""
PWNED = "pwned"
STRINGS = (
    "<pwned>", "<script>pwned(1)</script>", "<ScRiPt>pwned(1)</sCrIpT>", "<script src=//pwned.example></script>", "<img src=x onerror=pwned(1)>", "<img/src='x'/onerror='pwned(1)'>", "<svg onload=pwned(1)>",
    "<svg><script>pwned(1)</script></svg>", "<svg/onload=pwned`1`>", "<body onload=pwned(1)>", "<iframe src=javascript:pwned(1)>", "<iframe srcdoc='<pwned>'>", "<a href=javascript:pwned(1)>x</a>", "<a href='data:text/html,<pwned>'>x</a>",
    "<form action=//pwned.example><input name=pwned>", "<input autofocus onfocus=pwned(1)>", "<details open ontoggle=pwned(1)>", "<video><source onerror=pwned(1)>", "<math><mtext><pwned>", "<object data=javascript:pwned(1)>",
    "<embed src=javascript:pwned(1)>", "<link rel=stylesheet href=//pwned.example>", "<style>@import '//pwned.example';</style>", "<meta http-equiv=refresh content='0;url=//pwned.example'>", "<base href=//pwned.example>",
    '"><pwned>', "'><pwned>", '" onmouseover="pwned(1)', "' onmouseover='pwned(1)", '"/><pwned x="', "</title><pwned>", "</textarea><pwned>", "</script><pwned>", "--><pwned>", "]]><pwned>", "&lt;pwned&gt;", "&#60;pwned&#62;", "%3Cpwned%3E",
    '<t t-out="7*7 and \'pwned\'"/>', "{{ 7*7 }}<pwned>${7*7}")
# The same without the signs that our forms refuse: these may come in, and must stay text.
ACCEPTED = (
    '" onmouseover="pwned(1)', "' onmouseover='pwned(1)", "&lt;pwned&gt;", "&#60;pwned&#62;", "&amp;lt;pwned&amp;gt;", "%3Cpwned%3E", "\\u003cpwned\\u003e", "javascript:pwned(1)", "{{ 7*7 }} ${7*7} #{7*7}", "{{object.env}}",
    "＜pwned＞", "‹pwned›", "`pwned`", "expression(pwned)", "url(javascript:pwned)")
