//! Texts of people who mean harm: each must come out as HTML that keeps to what it may be.

use chat_markup::{links, to_html};

use crate::held::hold;

/// A text that is to run something, or to look like something else.
const ATTACKS: &[&str] = &[
    // Elements that run something.
    "<script>steal()</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>steal()</scr</script>ipt>",
    "<script\n>steal()</script\n>",
    "<script/x>steal()</script>",
    "<img src=x onerror=steal()>",
    "<img src=`x` onerror=steal()>",
    "<IMG \"\"\"><SCRIPT>steal()</SCRIPT>\">",
    "<svg/onload=steal()>",
    "<svg><animate onbegin=steal() attributeName=x>",
    "<math><mi//xlink:href=\"data:x,<script>steal()</script>\">",
    "<iframe srcdoc=\"<script>steal()</script>\">",
    "<body onload=steal()>",
    "<details open ontoggle=steal()>",
    "<input autofocus onfocus=steal()>",
    "<form><button formaction=javascript:steal()>x",
    "<object data=javascript:steal()>",
    "<embed src=javascript:steal()>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>@import '//evil.example'</style>",
    "<style>*{background:url(javascript:steal())}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=javascript:steal()>",
    "<template><script>steal()</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=steal()>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=steal()>\">",
    "<!--><img src=x onerror=steal()>-->",
    "<![CDATA[<img src=x onerror=steal()>]]>",
    "<?xml-stylesheet href='javascript:steal()'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "</p></div><script>steal()</script>",
    "<\u{0}script>steal()</script>",
    "<script>steal()</script",
    "<<script>steal()//<</script>",
    "<a/href=javascript:steal()>x</a>",
    "<p/onmouseover=steal()>x",
    "\u{feff}<script>steal()</script>",
    "+ADw-script+AD4-steal()+ADw-/script+AD4-",
    "＜script＞steal()＜/script＞",
    // Links that run something.
    "[x](javascript:steal())",
    "[x](JaVaScRiPt:steal())",
    "[x]( javascript:steal())",
    "[x](\tjavascript:steal())",
    "[x](<javascript:steal()>)",
    "[x](<java\tscript:steal()>)",
    "[x](java\u{0}script:steal())",
    "[x](\u{1}javascript:steal())",
    "[x](javascript&colon;steal())",
    "[x](javascript&#58;steal())",
    "[x](javascript&#x3a;steal())",
    "[x](&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;steal())",
    "[x](&#x6A&#x61&#x76&#x61script:steal())",
    "[x](java&Tab;script:steal())",
    "[x](java&NewLine;script&colon;steal&lpar;&rpar;)",
    "[x](java\\script:steal())",
    "[x](javascript:%61lert(1))",
    "[x](javascript://https://a.example/%0asteal())",
    "[x](feed:javascript:steal())",
    "[x](view-source:javascript:steal())",
    "[x](jar:javascript:steal())",
    "[x](data:text/html,<script>steal()</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](DATA:image/svg+xml,<svg/onload=steal()>)",
    "[x](vbscript:steal)",
    "[x](VbScript&colon;steal)",
    "[x](livescript:steal())",
    "[x](mocha:steal())",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/y)",
    "[x](filesystem:https://a.example/y)",
    "[x](ms-settings:y)",
    "[x](//evil.example)",
    "[x](\\\\evil.example\\share)",
    "![x](javascript:steal())",
    "![x](data:text/html,y)",
    "![x](https://a.example/\"onerror=\"steal())",
    "<javascript:steal()>",
    "<JAVASCRIPT:steal()>",
    "<data:text/html,x>",
    "[x][y]\n\n[y]: javascript:steal()",
    "[y]\n\n[y]:\n  javascript:steal()\n  'x'",
    "[x]: data:text/html,y\n[x]",
    // Marks that are to end an attribute.
    "[x](https://a.example/\"onmouseover=\"steal())",
    "[x](https://a.example/'onmouseover='steal())",
    "[x](https://a.example/`onmouseover=`steal())",
    "[x](<https://a.example/\" onmouseover=\"steal()>)",
    "[x](https://a.example/&quot;onmouseover=&quot;steal())",
    "[x](https://a.example/&#34;&#32;onmouseover=&#34;steal())",
    "[x](https://a.example/%22onmouseover=%22steal())",
    "[x](https://a.example \"y\\\" onmouseover=\\\"steal()\")",
    "[x](https://a.example '\"><script>steal()</script>')",
    "[x](https://a.example (\"onmouseover=steal()))",
    "https://a.example/\"onmouseover=\"steal()",
    "https://a.example/'onmouseover='steal()",
    "https://a.example/><script>steal()</script>",
    "https://a.example/&quot;onmouseover=steal()",
    "https://a.example/\u{202e}elpmaxe.doog//:sptth",
    "<https://a.example/\"onmouseover=\"steal()>",
    "mailto:a@b.example\"onmouseover=\"steal()",
    "<a@b.example\"onmouseover=\"steal()>",
    "```\"><script>steal()</script>\nx\n```",
    "```x\" onmouseover=\"steal()\nx\n```",
    "```&quot;&gt;&lt;script&gt;\nx\n```",
    "@\"><script>steal()</script>",
    "@ben\"onmouseover=\"steal()",
    // Brackets within brackets.
    "[[x](https://a.example)](https://b.example)",
    "[![x](https://a.example)](javascript:steal())",
    "![![x](javascript:steal())](javascript:steal())",
    "![x ![y](https://a.example) <script>](https://b.example)",
    "[x](https://a.example/[y](javascript:steal()))",
    "[x](https://a.example/(y)(z)",
    "[x [y] [z](javascript:steal())",
    "[x](<https://a.example)",
    "[x](https://a.example \"open",
    "<https://a.example",
    "[https://a.example](https://b.example)",
    "[<script>steal()</script>](https://a.example)",
    "[`</a><script>`](https://a.example)",
    "[x](https://a.example)](javascript:steal())",
    // What was begun and not ended.
    "```\n<script>steal()</script>",
    "~~~~\n```\n</code></pre><script>steal()</script>",
    "`<script>",
    "``<script>`",
    "**<b>",
    "> ```\n<script>steal()</script>",
    "- ```\n  </li></ul><script>\n",
    "<div",
    "<!--",
    "<![CDATA[",
    "<a href=\"",
    "&",
    "&#",
    "&#x",
    "&#0;&#xD800;&#x110000;&#99999999999;",
    "\\",
    "[",
    "![",
    // What is to look like something else.
    "https://good.example@evil.example",
    "https://good.example:x@evil.example/",
    "https://good.example\\@evil.example",
    "[x](https://good.example%2f@evil.example)",
    "https://good.example\u{200b}.evil.example",
    "https://good\u{ad}.example",
    "\u{202e}txet desrever",
    "\u{2066}\u{202d}x\u{202e}",
    "[\u{202e}moc.doog](https://evil.example)",
    "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
    "\u{e0001}\u{e0061}",
    "\u{1b}[31mred\u{7}",
    "a\rb\u{b}c\u{c}d\u{2028}e\u{2029}f",
];

#[test]
fn none_of_them_does_harm() {
    for attack in ATTACKS {
        hold(&to_html(attack, &[]));
        // In the midst of other things it is no other.
        for around in [
            "> {}",
            "- {}",
            "1. a\n\n   {}",
            "**{}**",
            "[{}](https://a.example)",
            "![{}](https://a.example)",
            "# {}",
            "a\n{}\nb",
            "`{}`",
            "<div>{}</div>",
            "https://a.example/{}",
            "[a]({})",
            "[a](https://a.example \"{}\")",
        ] {
            hold(&to_html(&around.replace("{}", attack), &[]));
        }
    }
}

#[test]
fn none_of_them_leads_anywhere_but_to_the_web() {
    for attack in ATTACKS {
        for link in links(attack, usize::MAX) {
            assert!(
                ["https://a.example", "https://b.example", "https://evil.example"]
                    .iter()
                    .any(|own| link.starts_with(own)),
                "{link} from {attack:?}"
            );
        }
    }
}

#[test]
fn what_is_repeated_without_end_ends() {
    let pieces = [
        "[",
        "![",
        "]",
        "](",
        "[a](",
        "[](",
        "<",
        ">",
        "> ",
        ">\n",
        "*",
        "**",
        "***",
        "_",
        "*a_",
        "**a ",
        "~~",
        "~",
        "`",
        "``a",
        "```\n",
        "- ",
        "-\n",
        "1. ",
        "* a\n  ",
        "#",
        "# \n",
        "\t",
        "    a\n",
        "&",
        "&#",
        "&amp;",
        "<!--",
        "<![CDATA[",
        "<?",
        "<a ",
        "<a href=\"",
        "</a",
        "<a>",
        "\\",
        "\\[",
        "[a]: x\n",
        "[a]\n",
        "[a][b]",
        "|",
        "|-|\n",
        "(",
        ")",
        "@",
        "@\"",
        "@a",
        "@ben ",
        "://",
        "http://",
        "http://a@",
        "http://a ",
        "http://a)",
        "https://a.example/((",
        "a://",
        "\u{202e}",
        "\u{200b}",
        "\"",
        "'",
        "a*",
        "a**b",
        "_a",
        "<http://a",
        "[[a]",
        "[a]](x)",
    ];
    for piece in pieces {
        let text = piece.repeat(16 * 1024 / piece.len());
        let html = to_html(&text, &[]);
        hold(&html);
        assert!(links(&text, 3).len() <= 3);
        // What is written for each byte has a bound.
        assert!(html.len() <= 24 * text.len() + 1024, "{} bytes of {piece:?}", html.len());
    }
    // A definition that is short to name and long to write.
    let long = format!("[a]: https://a.example/{}\n\n{}", "x".repeat(2000), "[a]".repeat(4500));
    let html = to_html(&long, &[]);
    hold(&html);
    assert!(html.len() < 500_000, "{}", html.len());
}
