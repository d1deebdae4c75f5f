//! What each mark becomes.

use chat_markup::{MAX_DEPTH, Mention, links, to_html};

use crate::held::hold;

#[track_caller]
fn shows(text: &str, expected: &str) {
    let ben = [Mention { name: "ben", user: Some("17".into()) }, Mention { name: "room", user: None }];
    let html = to_html(text, &ben);
    hold(&html);
    let html = html.replace(r#" rel="nofollow noopener noreferrer" target="_blank""#, "");
    assert_eq!(html.replace(r#" dir="auto""#, ""), expected, "{text}");
}

#[test]
fn emphasis_and_code() {
    shows(
        "*a* _b_ **c** __d__ ~~e~~ `f<g>`",
        "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <del>e</del> <code>f&lt;g&gt;</code></p>",
    );
    shows("***a***", "<p><em><strong>a</strong></em></p>");
    shows("snake_case_name 2 * 3 * 4 \\*a\\*", "<p>snake_case_name 2 * 3 * 4 *a*</p>");
    shows("**open", "<p>**open</p>");
}

#[test]
fn line_breaks_stay() {
    shows("a\nb\n\nc", "<p>a<br>b</p><p>c</p>");
    shows("a  \nb\\\nc\r\nd", "<p>a<br>b<br>c<br>d</p>");
    shows(
        "a\n*b*\n`c`\nhttps://d.example\n@ben",
        "<p>a<br><em>b</em><br><code>c</code><br><a href=\"https://d.example\">https://d.example</a><br><span class=\"mention\" data-user=\"17\">@ben</span></p>",
    );
}

#[test]
fn blocks() {
    shows("> a\n> b\n\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>");
    shows("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>");
    shows("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>");
    shows("7) a\n\n8) b", "<ol start=\"7\"><li><p>a</p></li><li><p>b</p></li></ol>");
    shows(
        "# a\n\nb\n---\n###### c",
        "<p><strong>a</strong></p><p><strong>b</strong></p><p><strong>c</strong></p>",
    );
    shows("a\n\n***\n\nb", "<p>a</p><hr><p>b</p>");
    shows("|a|b|\n|-|-|\n|c|d|", "<p>|a|b|<br>|-|-|<br>|c|d|</p>");
}

#[test]
fn fenced_code() {
    shows(
        "```Rust,ignore\nlet a = \"<b>\";\n\n  @ben https://a.example *x*\n```",
        "<pre><code class=\"language-rust\">let a = &quot;&lt;b&gt;&quot;;\n\n  @ben https://a.example *x*\n</code></pre>",
    );
    shows("~~~\na", "<pre><code>a</code></pre>");
    shows("```c++\na\n```", "<pre><code class=\"language-c++\">a\n</code></pre>");
    shows("```\"onclick=\na\n```", "<pre><code>a\n</code></pre>");
    shows("```&quot;>\na\n```", "<pre><code>a\n</code></pre>");
    shows("    a\n    b", "<pre><code>a\nb</code></pre>");
}

#[test]
fn the_links_of_markdown() {
    shows("[*a*](https://a.example \"t\")", "<p><a href=\"https://a.example\"><em>a</em></a></p>");
    shows(
        "<https://a.example/?b&c>",
        "<p><a href=\"https://a.example/?b&amp;c\">https://a.example/?b&amp;c</a></p>",
    );
    shows("<me@a.example>", "<p><a href=\"mailto:me@a.example\">me@a.example</a></p>");
    shows("[a]\n\n[a]: https://a.example", "<p><a href=\"https://a.example\">a</a></p>");
    shows("[](https://a.example)", "<p><a href=\"https://a.example\">https://a.example</a></p>");
    shows(
        "[https://b.example @ben](https://a.example)",
        "<p><a href=\"https://a.example\">https://b.example @ben</a></p>",
    );
}

#[test]
fn pictures_become_links() {
    shows("![a *b*](https://a.example/p.png)", "<p><a href=\"https://a.example/p.png\">a <em>b</em></a></p>");
    shows(
        "![](https://a.example/p.png)",
        "<p><a href=\"https://a.example/p.png\">https://a.example/p.png</a></p>",
    );
    shows("[![a](https://a.example/p.png)](https://b.example)", "<p><a href=\"https://b.example\">a</a></p>");
    shows(
        "![[a](https://a.example)](https://b.example)",
        "<p><a href=\"https://b.example\">[a](https://a.example)</a></p>",
    );
}

#[test]
fn a_link_that_may_not_be_is_what_was_written() {
    shows("[a](javascript:b)", "<p>[a](javascript:b)</p>");
    shows("![a](data:b)", "<p>![a](data:b)</p>");
    shows("[*a*](/b)", "<p>[<em>a</em>](/b)</p>");
    shows("<javascript:b>", "<p>&lt;javascript:b&gt;</p>");
}

#[test]
fn html_is_text() {
    shows(
        "a <b>c</b> <!-- d --> &lt;e&gt; &amp;lt;",
        "<p>a &lt;b&gt;c&lt;/b&gt; &lt;!-- d --&gt; &lt;e&gt; &amp;lt;</p>",
    );
    shows("<div>\n*a*\n</div>\n\n*b*", "<p>&lt;div&gt;<br>*a*<br>&lt;/div&gt;</p><p><em>b</em></p>");
    shows(
        "<a href=\"https://a.example\">b</a>",
        "<p>&lt;a href=&quot;<a href=\"https://a.example\">https://a.example</a>&quot;&gt;b&lt;/a&gt;</p>",
    );
    shows("I <3 you & \"them\"", "<p>I &lt;3 you &amp; &quot;them&quot;</p>");
}

#[test]
fn mentions_are_marked_but_in_code() {
    shows(
        "**@ben**, `@ben`, @room",
        "<p><strong><span class=\"mention\" data-user=\"17\">@ben</span></strong>, <code>@ben</code>, <span class=\"mention\">@room</span></p>",
    );
    assert_eq!(to_html("@ben", &[]), r#"<p dir="auto">@ben</p>"#);
    let odd = [Mention { name: "<x>", user: Some("\"><script>".into()) }];
    assert!(to_html("@<x>", &odd).contains(r#"data-user="&quot;&gt;&lt;script&gt;">@&lt;x&gt;</span>"#));
}

#[test]
fn what_is_said_is_seen() {
    shows("[a]: https://a.example", "<p>[a]: <a href=\"https://a.example\">https://a.example</a></p>");
    shows("", "");
    shows(" \n", "");
}

#[test]
fn outermost_blocks_find_their_direction() {
    assert_eq!(
        to_html("שלום\n\n> hi\n\n- שלום\n\n```\na\n```", &[]),
        "<p dir=\"auto\">שלום</p><blockquote dir=\"auto\"><p>hi</p></blockquote><ul dir=\"auto\"><li>שלום</li></ul>\
         <pre dir=\"auto\"><code>a\n</code></pre>"
    );
}

#[test]
fn what_is_nested_too_deep_is_in_the_deepest() {
    let html = to_html(&format!("{}a", ">".repeat(1000)), &[]);
    assert_eq!(html.matches("<blockquote").count(), MAX_DEPTH);
    assert!(html.contains("<p>a</p>"));
    let html = to_html(&format!("{}a", "- ".repeat(1000)), &[]);
    assert_eq!(html.matches("<ul").count(), MAX_DEPTH / 2);
    hold(&html);
    assert!(html.contains("a"));
}

#[test]
fn links_are_found_once_each_and_in_their_order() {
    let text = "https://a.example, [b](https://b.example) and `https://c.example` https://a.example \
                <mailto:a@b.example> ![](http://d.example) https://e.example";
    assert_eq!(
        links(text, 9),
        ["https://a.example", "https://b.example", "http://d.example", "https://e.example"]
    );
    assert_eq!(links(text, 2), ["https://a.example", "https://b.example"]);
    assert!(links("nothing here", 3).is_empty() && links("a: b", 3).is_empty());
}
