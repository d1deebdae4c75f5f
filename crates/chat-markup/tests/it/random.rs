//! Whatever the text, the HTML keeps to what it may be.

use chat_markup::{Mention, links, to_html};
use proptest::prelude::*;

use crate::held::hold;

/// What texts are made of: pieces that mean something to Markdown, HTML or addresses, and anything.
fn part() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "```js\n",
        "~~~",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "> ",
        ">",
        "- ",
        "1. ",
        "999999999. ",
        "# ",
        "---",
        "===",
        "[",
        "]",
        "](",
        ")",
        "![",
        "<",
        ">",
        "</",
        "<a href=",
        "<script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?",
        "\"",
        "'",
        "&",
        "&lt;",
        "&#x6a;",
        "&colon;",
        "&Tab;",
        "&NewLine;",
        "\\",
        "http://",
        "https://a.example",
        "HTTPS://",
        "javascript:",
        "data:text/html,",
        "vbscript:",
        "mailto:a@b",
        "//",
        "@",
        "@ben",
        "@\"",
        "ben",
        "room",
        ":",
        "[a]: ",
        "|",
        "|-|",
        "\u{202e}",
        "\u{200b}",
        "\u{0}",
        "\u{1}",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "שלום",
        "é",
        "👍",
        "a",
        " ",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => any::<String>(), 1 => "[ -~]{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn only_what_may_be_comes_out(parts in prop::collection::vec(part(), 0..40)) {
        let text = parts.concat();
        let mentions = [Mention { name: "ben", user: Some("17".into()) }, Mention { name: "room", user: None }];
        let html = to_html(&text, &mentions);
        hold(&html);
        for link in links(&text, usize::MAX) {
            let web = link.to_ascii_lowercase();
            prop_assert!(web.starts_with("http://") || web.starts_with("https://"), "{}", link);
        }
    }

    #[test]
    fn letters_and_digits_all_stay(text in "[a-z0-9 *_>#\n-]{0,80}") {
        let html = to_html(&text, &[]);
        let shown: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        let plain = |text: &str| text.replace("&gt;", "").chars().filter(char::is_ascii_alphabetic).collect::<String>();
        prop_assert_eq!(plain(&shown), plain(&text));
    }
}
