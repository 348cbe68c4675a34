"""Strings that have broken other programs, to be stored wherever text of others can stand."""

HACK = "window.hacked=1;alert(1)"
SCRIPTS = (
    f"<script>{HACK}</script>",
    f"</title></textarea></script><script>{HACK}</script>",
    f"<img src=x onerror={HACK}>",
    f"<svg onload={HACK}><animate onbegin={HACK} attributeName=x dur=1s>",
    f"<svg><script>{HACK}</script></svg>",
    f"<details open ontoggle={HACK}>",
    f"<iframe srcdoc='<script>parent.{HACK}</script>'></iframe>",
    f"<math><mtext></p><style><img src=x onerror={HACK}></style>",
    f'"\' autofocus onfocus={HACK} x="',
    f"'\"><body onload={HACK}>",
    f"<form action=https://elsewhere.example><button>{HACK}",
    '<base href="https://elsewhere.example/">',
    '<meta http-equiv=refresh content="0;url=https://elsewhere.example/">',
    '<link rel=stylesheet href="https://elsewhere.example/x.css">',
    "<style>*{display:none}</style><p style=position:fixed;inset:0>",
    f'<div hx-get="/accounts/logout/" hx-trigger="load" hx-on::load="{HACK}">',
    f'<a hx-boost="true" href="javascript:{HACK}">x</a>',
)
LINKS = (
    f"javascript:{HACK}",
    f"JaVaScRiPt\t:{HACK}",
    f"data:text/html,<script>{HACK}</script>",
    f"vbscript:{HACK}",
    f"[x](javascript:{HACK}) ![x](https://elsewhere.example/i.png) [y](data:text/html,x)",
    f"[x]: javascript:{HACK}\n\n[x] <javascript:{HACK}>",
    "![x](x 'onerror=alert(1)') `<b>` ~~~\n<script>\n~~~",
    "[" * 300 + "x" + "](x)" * 300,
    "|a|\n|-|\n" + "|b|\n" * 50 + "> " * 60,
)
TEMPLATES = (
    "{{ settings.SECRET_KEY }}{% include 'x' %}{# #}",
    "${7*7}#{7*7}<%= 7*7 %>{{constructor.constructor('alert(1)')()}}",
    "'; DROP TABLE flows_interrupt; --",
    "%s%d%n{0}{name}\\u0000\\x00\\n",
    "&lt;script&gt;&amp;nbsp;&#x202e;&#0;&bogus;",
    "]]><!--<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
)
UNSEEN = (
    "invoice\u202egnp.exe",
    "\u2066\u2067\u2068abc\u2069\u2069 \u202d\u202edef",
    "pay\u200bpal \u200c\u200d\u2060\ufeff\u00ad",
    "a\u0001\u0008\u001b[31mred\u007f\u0085\u2028\u2029b",
    "Z" + "\u0341\u0300\u0489" * 60,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 (1) \u05e9\u05dc\u05d5\u05dd!",
    "\ufdfd\U0001242b\u0e47\u0e47\u0e47\u0e47\u0e47",
    "\ufffe\uffff\ufff9\U000e0001\U0010ffff",
)
LENGTHS = (
    "W" * 800,
    "\u6f22" * 800,
    "a/" * 300 + "https://" + "b" * 300,
    " \t\n" * 300 + "end",
    "line\n" * 150,
)
ALL = (*SCRIPTS, *LINKS, *TEMPLATES, *UNSEEN, *LENGTHS)
HUGE = "H" * 64 * 1024
SHORT = tuple(text for text in ALL if len(text) <= 120)
